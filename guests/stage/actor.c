// SPDX-License-Identifier: GPL-2.0-only
/* The actors' processes and threads; see actor.h. What a call does is in calls.c. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "calls.h"
#include "trace.h"

#define READY_LOOKS 1000
#define LOOK_USEC 1000
/* As many processes as nearly every scene has. */
#define EXTRAS 4

struct thread_start {
	struct world *world;
	struct process *process;
	/* Who it is, or where it is told. */
	int actor, cue;
};

/* The read ends of everybody's orders: a process keeps its own actors', and those of actors that it may fork. */
static int orders[MAX_ACTORS][2];
static struct world *world_here;

/* Processes that were forked before there was a program; each is told which of the program's it is. */
static struct {
	pid_t pid;
	int part[2];
} extras[EXTRAS];

static unsigned char *map_buffer(int flags)
{
	void *at = mmap(NULL, MAX_IO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static pid_t fork_child(struct performer *parent, const struct step *step);

/* An actor's life: it does what it is told until nobody can tell it anything any more. */
static void act(const struct thread_start *start)
{
	struct performer performer = { .process = start->process, .fork = fork_child };
	struct world *world = start->world;
	int index, actor = start->actor;
	struct actor_slot *slot;

	performer.buffer = map_buffer(MAP_POPULATE);
	performer.fresh = map_buffer(0);
	if (!performer.buffer || !performer.fresh) {
		trace_trouble("an actor's buffer", errno);
		return;
	}
	if (start->cue >= 0 && read(start->cue, &actor, sizeof(actor)) != sizeof(actor))
		return;
	performer.actor = actor;
	slot = &world->actors[actor];
	prctl(PR_SET_NAME, world->program.actors[actor].name);
	slot->tid = syscall(SYS_gettid);
	while (read(orders[actor][0], &index, sizeof(index)) == sizeof(index)) {
		calls_do(&performer, &world->program.steps[index]);
		slot->state = ACTOR_IDLE;
	}
	slot->state = ACTOR_GONE;
}

static void *act_in_thread(void *arg)
{
	act(arg);
	return NULL;
}

static void trace_birth(const struct step *step)
{
	struct line line;

	line_begin(&line, "born");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", step->other);
	line_end(&line);
}

static pid_t fork_child(struct performer *parent, const struct step *step)
{
	struct world *world = world_here;
	struct actor_slot *slot = &world->actors[step->other];
	int looks;
	pid_t pid = fork();

	if (!pid) {
		world->processes[world->program.actors[step->other].process].pid = getpid();
		trace_birth(step);
		act(&(struct thread_start){ world, parent->process, step->other, -1 });
		_exit(0);
	}
	world->actors[step->actor].awaits = true;
	for (looks = 0; pid > 0 && !slot->tid && looks < READY_LOOKS; looks++)
		usleep(LOOK_USEC);
	world->actors[step->actor].awaits = false;
	if (pid > 0 && !slot->tid) {
		errno = ETIMEDOUT;
		return -1;
	}
	return pid;
}

static bool keeps(const struct world *world, int actor, int process)
{
	return world->program.actors[actor].process == process || world->program.actors[actor].forked;
}

static void start_thread(pthread_t *thread, struct thread_start *start)
{
	if (!pthread_create(thread, NULL, act_in_thread, start))
		return;
	trace_trouble("an actor's thread", errno);
	_exit(1);
}

/* Process number `process` of the program; or with `part`, the one that is read from there, with a thread that is ready beforehand. */
static void __attribute__((noreturn)) run_process(struct world *world, int process, int part)
{
	static struct thread_start starts[MAX_ACTORS];
	static struct process shared;
	pthread_t threads[MAX_ACTORS];
	int cue[2] = { -1, -1 }, i, n = 0;

	calls_prepare(&shared, &world->program);
	for (i = 0; i < MAX_ACTORS; i++)
		close(orders[i][1]);
	if (part >= 0) {
		if (pipe(cue))
			_exit(1);
		starts[n] = (struct thread_start){ world, &shared, ANY, cue[0] };
		start_thread(&threads[n], &starts[n]);
		if (read(part, &process, sizeof(process)) != sizeof(process))
			_exit(0);
	}
	for (i = 0; i < MAX_ACTORS; i++)
		if (i >= world->program.n_actors || !keeps(world, i, process))
			close(orders[i][0]);
	for (i = 0; i < world->program.n_actors; i++) {
		if (world->program.actors[i].process != process)
			continue;
		if (part >= 0 && !n) {
			if (write(cue[1], &i, sizeof(i)) != sizeof(i))
				_exit(1);
		} else {
			starts[n] = (struct thread_start){ world, &shared, i, -1 };
			start_thread(&threads[n], &starts[n]);
		}
		n++;
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

static bool is_forked(const struct world *world, int process)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++)
		if (world->program.actors[i].process == process && world->program.actors[i].forked)
			return true;
	return false;
}

static int all_ready(const struct world *world)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++)
		if (!world->actors[i].tid && !world->program.actors[i].forked)
			return 0;
	return 1;
}

int cast_prepare(struct world *world)
{
	int i, k;

	world_here = world;
	for (i = 0; i < MAX_ACTORS; i++)
		if (pipe(orders[i]))
			return -errno;
	for (i = 0; i < EXTRAS; i++) {
		if (pipe(extras[i].part))
			return -errno;
		extras[i].pid = fork();
		if (extras[i].pid < 0)
			return -errno;
		if (!extras[i].pid) {
			for (k = 0; k <= i; k++)
				close(extras[k].part[1]);
			run_process(world, ANY, extras[i].part[0]);
		}
		close(extras[i].part[0]);
	}
	return 0;
}

/* An extra that has no part goes home before the scene begins. */
static void dismiss(int extra)
{
	close(extras[extra].part[1]);
	while (waitpid(extras[extra].pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static pid_t start_process(struct world *world, int process, int *extra)
{
	pid_t pid;

	if (*extra < EXTRAS) {
		int part = extras[*extra].part[1];

		if (write(part, &process, sizeof(process)) != sizeof(process))
			return -1;
		close(part);
		return extras[(*extra)++].pid;
	}
	pid = fork();
	if (!pid)
		run_process(world, process, -1);
	return pid;
}

int cast_start(struct world *world, struct cast *cast)
{
	int i, looks, extra = 0;

	for (i = 0; i < world->program.n_processes; i++) {
		pid_t pid;

		if (is_forked(world, i))
			continue;
		pid = start_process(world, i, &extra);
		if (pid < 0)
			return -errno;
		world->processes[i].pid = pid;
	}
	for (; extra < EXTRAS; extra++)
		dismiss(extra);
	for (i = 0; i < MAX_ACTORS; i++) {
		close(orders[i][0]);
		if (i < world->program.n_actors)
			cast->orders[i] = orders[i][1];
		else
			close(orders[i][1]);
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

	if (slot->state != ACTOR_IDLE || !slot->tid)
		return -EBUSY;
	slot->step = step->number;
	slot->state = ACTOR_BUSY;
	if (step->call == CALL_EXIT)
		world->processes[world->program.actors[step->actor].process].ending = true;
	return write(cast->orders[step->actor], &index, sizeof(index)) == sizeof(index) ? 0 : -errno;
}
