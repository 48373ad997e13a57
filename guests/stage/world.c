// SPDX-License-Identifier: GPL-2.0-only
/* The shared mapping; see world.h. The lock is robust: an actor killed while it writes its line must not silence the rest. */
#include <sys/mman.h>

#include "world.h"

struct world *world_create(void)
{
	pthread_mutexattr_t attr;
	struct world *world;

	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (world == MAP_FAILED)
		return NULL;
	if (pthread_mutexattr_init(&attr) || pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) || pthread_mutex_init(&world->trace_lock, &attr))
		return NULL;
	return world;
}

int world_actor_of(const struct world *world, pid_t tid)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++)
		if (world->actors[i].tid == tid)
			return i;
	return ANY;
}
