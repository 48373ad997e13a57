// SPDX-License-Identifier: GPL-2.0-only
/* The actors' processes and threads; see actor.h. What a call does is in calls.c. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor.h"
#include "calls.h"
#include "trace.h"

#define READY_LOOKS 1000
#define LOOK_USEC 1000

struct thread_start {
	struct world *world;
	struct process *process;
	int actor;
	int orders;
};

static void *play(void *arg)
{
	struct thread_start *start = arg;
	struct actor_slot *slot = &start->world->actors[start->actor];
	void *buffer;
	int index;

	/* Touched now, so that no call ever faults its buffer (known defect K1 is about just that). */
	buffer = mmap(NULL, MAX_IO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED) {
		trace_trouble("an actor's buffer", errno);
		return NULL;
	}
	prctl(PR_SET_NAME, start->world->program.actors[start->actor].name);
	slot->tid = syscall(SYS_gettid);
	while (read(start->orders, &index, sizeof(index)) == sizeof(index)) {
		const struct step *step = &start->world->program.steps[index];

		calls_do(start->process, step, buffer);
		slot->state = ACTOR_IDLE;
	}
	slot->state = ACTOR_GONE;
	return NULL;
}

static void run_process(struct world *world, int process, int (*orders)[2])
{
	static struct thread_start starts[MAX_ACTORS];
	static struct process shared;
	pthread_t threads[MAX_ACTORS];
	int i, n = 0;

	calls_prepare(&shared, &world->program);
	for (i = 0; i < world->program.n_actors; i++) {
		close(orders[i][1]);
		if (world->program.actors[i].process != process) {
			close(orders[i][0]);
			continue;
		}
		starts[i] = (struct thread_start){ world, &shared, i, orders[i][0] };
		if (pthread_create(&threads[n++], NULL, play, &starts[i])) {
			trace_trouble("an actor's thread", errno);
			_exit(1);
		}
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

static int all_ready(const struct world *world)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++)
		if (!world->actors[i].tid)
			return 0;
	return 1;
}

int cast_start(struct world *world, struct cast *cast)
{
	int orders[MAX_ACTORS][2];
	int i, looks;

	for (i = 0; i < world->program.n_actors; i++)
		if (pipe(orders[i]))
			return -errno;
	for (i = 0; i < world->program.n_processes; i++) {
		cast->pids[i] = fork();
		if (cast->pids[i] < 0)
			return -errno;
		if (!cast->pids[i])
			run_process(world, i, orders);
	}
	for (i = 0; i < world->program.n_actors; i++) {
		close(orders[i][0]);
		cast->orders[i] = orders[i][1];
	}
	for (looks = 0; !all_ready(world); looks++) {
		if (looks == READY_LOOKS)
			return -ETIMEDOUT;
		usleep(LOOK_USEC);
	}
	return 0;
}

int cast_order(struct world *world, const struct cast *cast, int index)
{
	const struct step *step = &world->program.steps[index];
	struct actor_slot *slot = &world->actors[step->actor];

	if (slot->state != ACTOR_IDLE)
		return -EBUSY;
	slot->step = step->number;
	slot->state = ACTOR_BUSY;
	return write(cast->orders[step->actor], &index, sizeof(index)) == sizeof(index) ? 0 : -errno;
}
