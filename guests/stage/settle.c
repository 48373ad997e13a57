// SPDX-License-Identifier: GPL-2.0-only
/* Waits for rest; see settle.h. */
#include <errno.h>
#include <unistd.h>

#include "observe.h"
#include "settle.h"

/* Who sleeps until another of the stage is there will move. */
static bool moves(const struct actor_slot *slot)
{
	char state = observe_state(slot->tid);

	return state == 'R' || (slot->awaits && state && state != 'Z');
}

static bool someone_runs(const struct world *world)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++) {
		const struct actor_slot *slot = &world->actors[i];
		bool ending = world->processes[world->program.actors[i].process].ending;

		if ((slot->state == ACTOR_BUSY || ending) && moves(slot))
			return true;
		/* Its memory goes with its last thread, which may be the one that is no actor. */
		if (ending && observe_state(world->processes[world->program.actors[i].process].pid) == 'R')
			return true;
	}
	return world->delayed || world->notifier < 0 || observe_state(world->server) == 'R' || observe_state(world->notifier) == 'R';
}

/* Who sleeps nowhere has just been woken: another CPU has not come to it yet. */
static bool all_sleep_somewhere(const struct world *world)
{
	struct sight sight;
	int i;

	for (i = 0; i < world->program.n_actors; i++) {
		if (world->actors[i].state != ACTOR_BUSY)
			continue;
		observe_glance(world->actors[i].tid, &sight);
		if ((sight.state == 'S' || sight.state == 'D') && !sight.wchan[0])
			return false;
	}
	return true;
}

int settle(const struct world *world)
{
	uint64_t seen = world->trace.lines;
	int quiet = 0, doubts = 0, waited_ms;

	for (waited_ms = 0; waited_ms < SETTLE_BOUND_MS; waited_ms += LOOK_MS) {
		usleep(LOOK_MS * 1000);
		if (world->trace.lines != seen || someone_runs(world))
			quiet = 0;
		else
			quiet++;
		seen = world->trace.lines;
		if (quiet < QUIET_LOOKS)
			continue;
		if (all_sleep_somewhere(world) || ++doubts == MOST_DOUBTS)
			return 0;
		quiet = 0;
	}
	return -ETIMEDOUT;
}
