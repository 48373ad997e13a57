// SPDX-License-Identifier: GPL-2.0-only
/* Looks at the stage; see observe.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "observe.h"

static int read_task_file(pid_t tid, const char *name, char *text, size_t room)
{
	char path[64];
	ssize_t got;
	int fd;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, text, room - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? 0 : -ENODATA;
}

char observe_state(pid_t tid)
{
	char stat[512], *after;

	if (tid <= 0 || read_task_file(tid, "stat", stat, sizeof(stat)))
		return 0;
	/* "pid (name) S …": the name may hold anything, so the last ')' counts. */
	after = strrchr(stat, ')');
	return after && after[1] ? after[2] : 0;
}

/* "[<0>] fuse_file_mmap+0x12/0x34 [fuse]" a line; offsets differ between builds, names do not. */
static void names_of(char *stack, char *names)
{
	char *save = NULL, *line;
	size_t len = 0;

	names[0] = '\0';
	for (line = strtok_r(stack, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *name = strchr(line, ']'), *end;

		if (!name)
			continue;
		for (name++; isspace((unsigned char)*name); name++)
			;
		end = name + strcspn(name, "+ ");
		*end = '\0';
		if (len + (size_t)(end - name) + 2 > STACK_BYTES)
			break;
		len += sprintf(names + len, "%s%s", len ? " " : "", name);
	}
}

/* Its state and the function that it sleeps in; the stack stays empty. */
static void glance(pid_t tid, struct sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->state = observe_state(tid);
	if (sight->state != 'S' && sight->state != 'D')
		return;
	read_task_file(tid, "wchan", sight->wchan, sizeof(sight->wchan));
	if (!strcmp(sight->wchan, "0"))
		sight->wchan[0] = '\0';
}

void observe(pid_t tid, struct sight *sight)
{
	char stack[4096];

	glance(tid, sight);
	if (sight->state != 'S' && sight->state != 'D')
		return;
	read_task_file(tid, "stack", stack, sizeof(stack));
	names_of(stack, sight->stack);
}

bool observe_change(pid_t tid, struct sight *sight)
{
	struct sight now;

	glance(tid, &now);
	if (now.state == sight->state && !strcmp(now.wchan, sight->wchan))
		return false;
	observe(tid, sight);
	return true;
}

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
		glance(world->actors[i].tid, &sight);
		if ((sight.state == 'S' || sight.state == 'D') && !sight.wchan[0])
			return false;
	}
	return true;
}

int observe_settle(const struct world *world)
{
	uint64_t seen = world->trace_lines;
	int quiet = 0, doubts = 0, waited_ms;

	for (waited_ms = 0; waited_ms < SETTLE_BOUND_MS; waited_ms += LOOK_MS) {
		usleep(LOOK_MS * 1000);
		if (world->trace_lines != seen || someone_runs(world))
			quiet = 0;
		else
			quiet++;
		seen = world->trace_lines;
		if (quiet < QUIET_LOOKS)
			continue;
		if (all_sleep_somewhere(world) || ++doubts == MOST_DOUBTS)
			return 0;
		quiet = 0;
	}
	return -ETIMEDOUT;
}
