// SPDX-License-Identifier: GPL-2.0-only
/* Plays a program; see conductor.h. */
#include <errno.h>
#include <string.h>

#include "conductor.h"
#include "observe.h"
#include "trace.h"

/* Where each actor was last seen in a call, so that only a change is traced; NEVER is no state of a task. */
#define NEVER '?'
static struct sight last_seen[MAX_ACTORS];

static void trace_step(const struct step *step)
{
	struct line line;

	line_begin(&line, "step");
	line_number(&line, "step", step->number);
	line_end(&line);
}

static void trace_sleeper(const struct world *world, int actor)
{
	const struct actor_slot *slot = &world->actors[actor];
	struct sight sight;
	struct line line;

	observe(slot->tid, &sight);
	if (!memcmp(&sight, &last_seen[actor], sizeof(sight)))
		return;
	last_seen[actor] = sight;
	line_begin(&line, sight.state && sight.state != 'Z' && sight.state != 'X' ? "sleep" : "died");
	line_number(&line, "step", slot->step);
	line_actor(&line, "who", actor);
	if (sight.state)
		line_text(&line, "state", (char[]){ sight.state, '\0' });
	line_text(&line, "in", sight.wchan);
	line_text(&line, "stack", sight.stack);
	line_end(&line);
}

static void trace_sleepers(const struct world *world)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++) {
		if (world->actors[i].state == ACTOR_BUSY)
			trace_sleeper(world, i);
		else
			last_seen[i].state = NEVER;
	}
}

static void trace_rest(const struct step *step, int error)
{
	struct line line;

	line_begin(&line, error ? "restless" : "rest");
	line_number(&line, "step", step->number);
	line_end(&line);
}

int conduct(struct world *world, const struct cast *cast, const struct server *server)
{
	int i, error;

	for (i = 0; i < MAX_ACTORS; i++)
		last_seen[i].state = NEVER;
	for (i = 0; i < world->program.n_steps; i++) {
		const struct step *step = &world->program.steps[i];

		trace_step(step);
		if (step->kind == STEP_ORDER)
			error = cast_order(world, cast, i);
		else
			error = server_tell(server, i);
		if (error == -EBUSY) {
			/* The step before did not return as the scene thought; its own line says so, and no step can follow. */
			trace_trouble("an actor that is free", 0);
			return error;
		}
		if (error) {
			trace_trouble("an order's way to its actor or the server", -error);
			return error;
		}
		error = observe_settle(world);
		trace_sleepers(world);
		trace_rest(step, error);
	}
	return 0;
}
