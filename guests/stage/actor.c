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
#include "cue.h"
#include "memory.h"
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

/* Everybody's orders; every process has them all. */
static int orders[MAX_ACTORS];
static struct world *world_here;

/* Processes that were forked before there was a program; each is told which of the program's it is. One that has no part sleeps on. */
static struct {
	pid_t pid;
	int part;
} extras[EXTRAS];

static unsigned char *map_buffer(int flags)
{
	void *at = mmap(NULL, MAX_IO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static pid_t fork_child(struct performer *parent, const struct step *step);

static void __attribute__((noreturn)) sleep_for_ever(void)
{
	for (;;)
		pause();
}

/*
 * The end of a scene. A process that has nothing of it any more may as well stay: what an exit would do besides has nothing to do with FUSE,
 * and would have to be translated in every clone.
 */
static void __attribute__((noreturn)) go_home(struct world *world, struct process *process, int actor)
{
	struct process_slot *slot = &world->processes[world->program.actors[actor].process];

	if (!__atomic_sub_fetch(&process->at_work, 1, __ATOMIC_ACQ_REL)) {
		calls_end(process);
		slot->home = true;
	}
	sleep_for_ever();
}

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
	memory_touch_stack();
	if (start->cue >= 0 && cue_take(start->cue, &actor))
		return;
	performer.actor = actor;
	slot = &world->actors[actor];
	prctl(PR_SET_NAME, world->program.actors[actor].name);
	slot->tid = syscall(SYS_gettid);
	while (!cue_take(orders[actor], &index) && index != CUE_END) {
		calls_do(&performer, &world->program.steps[index]);
		slot->state = ACTOR_IDLE;
	}
	slot->state = ACTOR_GONE;
	go_home(world, start->process, actor);
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
		parent->process->at_work = 1;
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

static void start_thread(struct thread_start *start)
{
	pthread_t thread;

	__atomic_add_fetch(&start->process->at_work, 1, __ATOMIC_ACQ_REL);
	if (!pthread_create(&thread, NULL, act_in_thread, start))
		return;
	trace_trouble("an actor's thread", errno);
	_exit(1);
}

/* Process number `process` of the program; or with `part`, the one that is read from there, with a thread that is ready beforehand. */
static void __attribute__((noreturn)) run_process(struct world *world, int process, int part)
{
	static struct thread_start starts[MAX_ACTORS];
	static struct process shared;
	int cue = ANY, i, n = 0;

	calls_prepare(&shared, &world->program);
	memory_touch();
	if (part >= 0) {
		cue = cue_make();
		if (cue < 0)
			_exit(1);
		starts[n] = (struct thread_start){ world, &shared, ANY, cue };
		start_thread(&starts[n]);
		if (cue_take(part, &process))
			_exit(1);
	}
	for (i = 0; i < world->program.n_actors; i++) {
		if (world->program.actors[i].process != process)
			continue;
		if (part >= 0 && !n) {
			if (cue_give(cue, i))
				_exit(1);
		} else {
			starts[n] = (struct thread_start){ world, &shared, i, -1 };
			start_thread(&starts[n]);
		}
		n++;
	}
	sleep_for_ever();
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
	int i;

	world_here = world;
	for (i = 0; i < MAX_ACTORS; i++) {
		orders[i] = cue_make();
		if (orders[i] < 0)
			return orders[i];
	}
	for (i = 0; i < EXTRAS; i++) {
		extras[i].part = cue_make();
		if (extras[i].part < 0)
			return extras[i].part;
		extras[i].pid = fork();
		if (extras[i].pid < 0)
			return -errno;
		if (!extras[i].pid)
			run_process(world, ANY, extras[i].part);
	}
	return 0;
}

static pid_t start_process(struct world *world, int process, int *extra)
{
	pid_t pid;

	if (*extra < EXTRAS) {
		if (cue_give(extras[*extra].part, process))
			return -1;
		return extras[(*extra)++].pid;
	}
	pid = fork();
	if (!pid)
		run_process(world, process, -1);
	return pid;
}

int cast_start(struct world *world)
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
	for (looks = 0; !all_ready(world); looks++) {
		if (looks == READY_LOOKS)
			return -ETIMEDOUT;
		usleep(LOOK_USEC);
	}
	return 0;
}

int cast_order(struct world *world, int index)
{
	const struct step *step = &world->program.steps[index];
	struct actor_slot *slot = &world->actors[step->actor];

	if (slot->state != ACTOR_IDLE || !slot->tid)
		return -EBUSY;
	slot->step = step->number;
	slot->state = ACTOR_BUSY;
	if (step->call == CALL_EXIT)
		world->processes[world->program.actors[step->actor].process].ending = true;
	return cue_give(orders[step->actor], index);
}

int cast_dismiss(const struct world *world)
{
	int i, error = 0;

	for (i = 0; i < world->program.n_actors && !error; i++)
		error = cue_give(orders[i], CUE_END);
	return error;
}
