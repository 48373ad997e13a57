// SPDX-License-Identifier: GPL-2.0-only
/* Plays a program; see conductor.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conductor.h"
#include "connection.h"
#include "observe.h"
#include "settle.h"
#include "trace.h"
#include "write-text.h"

/* Where each actor was last seen in a call, so that only a change is traced; NEVER is no state of a task. */
#define NEVER '?'

#define DEATH_LOOKS 300

static struct sight last_seen[MAX_ACTORS];

/* gdb stops the machine where this begins (harness/gdb): nothing of the step was done. The number must be in its register then. */
static void __attribute__((noipa)) trace_step(int number)
{
	struct line line;

	line_begin(&line, "step");
	line_number(&line, "step", number);
	line_end(&line);
}

static void trace_sleeper(const struct world *world, int actor)
{
	const struct actor_slot *slot = &world->actors[actor];
	struct sight *sight = &last_seen[actor];
	struct line line;

	if (!observe_change(slot->tid, sight))
		return;
	line_begin(&line, sight->state && sight->state != 'Z' && sight->state != 'X' ? "sleep" : "died");
	line_number(&line, "step", slot->step);
	line_actor(&line, "who", actor);
	if (sight->state)
		line_text(&line, "state", (char[]){ sight->state, '\0' });
	line_text(&line, "in", sight->wchan);
	line_text(&line, "stack", sight->stack);
	line_end(&line);
}

static void trace_gone(struct actor_slot *slot, const struct step *step, int actor)
{
	struct line line;

	slot->state = ACTOR_GONE;
	slot->gone = true;
	line_begin(&line, "gone");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", actor);
	line_end(&line);
}

static bool has_gone(const struct world *world, int actor)
{
	const struct actor_slot *slot = &world->actors[actor];
	char state;

	if (!slot->tid || !world->processes[world->program.actors[actor].process].ending)
		return false;
	state = observe_state(slot->tid);
	return !state || state == 'Z' || state == 'X';
}

static void trace_actors(struct world *world, const struct step *step)
{
	int i;

	for (i = 0; i < world->program.n_actors; i++) {
		struct actor_slot *slot = &world->actors[i];

		if (!slot->gone && has_gone(world, i))
			trace_gone(slot, step, i);
		if (slot->state == ACTOR_BUSY)
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

static void trace_done(const char *event, const struct step *step)
{
	struct line line;

	line_begin(&line, event);
	line_number(&line, "step", step->number);
	line_end(&line);
}

/* KILL and TERM end the process, whichever thread takes them; another signal is for the actor's own thread. */
static int send_signal(struct world *world, const struct step *step)
{
	struct process_slot *process = &world->processes[world->program.actors[step->actor].process];
	bool ends = step->signal == SIGKILL || step->signal == SIGTERM;
	struct line line;

	line_begin(&line, "killed");
	line_number(&line, "step", step->number);
	line_actor(&line, "who", step->actor);
	line_text(&line, "signal", sigabbrev_np(step->signal) ?: "?");
	line_end(&line);
	process->ending |= ends;
	if (ends ? kill(process->pid, step->signal) : syscall(SYS_tgkill, process->pid, world->actors[step->actor].tid, step->signal))
		return -errno;
	return 0;
}

static int drop_caches(const struct step *step)
{
	int error = write_text("/proc/sys/vm/drop_caches", "3");

	if (!error)
		trace_done("dropped", step);
	return error;
}

/* A server may sleep in the kernel where no signal reaches it; then it is not waited for. */
static int kill_server(struct server *server)
{
	int looks;

	if (kill(server->pid, SIGKILL))
		return -errno;
	for (looks = 0; looks < DEATH_LOOKS; looks++) {
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
			server->pid = 0;
			return 0;
		}
		usleep(LOOK_MS * 1000);
	}
	return -ETIMEDOUT;
}

static int end_connection(struct world *world, struct server *server, const struct step *step)
{
	int error = 0;

	if (step->kind == STEP_ABORT) {
		world->aborted = true;
		error = connection_abort();
	} else {
		error = kill_server(server);
	}
	if (!error)
		trace_done(step->kind == STEP_ABORT ? "aborted" : "dead", step);
	return error;
}

static int do_step(struct world *world, struct server *server, int index)
{
	const struct step *step = &world->program.steps[index];

	switch (step->kind) {
	case STEP_ORDER:
		return cast_order(world, index);
	case STEP_KILL:
		return send_signal(world, step);
	case STEP_DROP_CACHES:
		return drop_caches(step);
	case STEP_ABORT:
	case STEP_DIE:
		return end_connection(world, server, step);
	default:
		return server_tell(server, index);
	}
}

int conduct(struct world *world, struct server *server)
{
	int i, error;

	for (i = 0; i < MAX_ACTORS; i++)
		last_seen[i].state = NEVER;
	for (i = 0; i < world->program.n_steps; i++) {
		const struct step *step = &world->program.steps[i];

		trace_step(step->number);
		error = do_step(world, server, i);
		if (error == -EBUSY) {
			/* The step before did not return as the scene thought; its own line says so, and no step can follow. */
			trace_trouble("an actor that is free", 0);
			return error;
		}
		if (error) {
			trace_trouble("an order's way to its actor or the server", -error);
			return error;
		}
		if (i + 1 < world->program.n_steps && world->program.steps[i + 1].join)
			continue;
		error = settle(world);
		trace_actors(world, step);
		trace_rest(step, error);
	}
	return 0;
}
