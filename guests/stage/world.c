// SPDX-License-Identifier: GPL-2.0-only
/* The shared mapping; see world.h. */
#include <sys/mman.h>

#include "world.h"

static struct world *world;

struct world *world_create(void)
{
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (world == MAP_FAILED)
		return NULL;
	return trace_prepare(&world->trace) ? NULL : world;
}

void line_actor(struct line *line, const char *key, int actor)
{
	if (actor >= 0)
		line_text(line, key, world->program.actors[actor].name);
}

int world_actor_of(const struct world *world, pid_t tid)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++)
		if (world->actors[i].tid == tid)
			return i;
	return ANY;
}
