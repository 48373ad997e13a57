// SPDX-License-Identifier: GPL-2.0-only
/* Takes a scene down; see strike() in conductor.h. What leaks shows here: the kernel's own warnings on eviction and rmmod. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conductor.h"
#include "connection.h"
#include "observe.h"
#include "settle.h"
#include "trace.h"
#include "write-text.h"

#define END_LOOKS	1000
#define LOOK_USEC	2000

/* What would not go although every request was answered and every actor had ended: a reference that the kernel leaked. */
static void trace_leftover(const char *what, int error)
{
	struct line line;

	line_begin(&line, "leftover");
	line_text(&line, "what", what);
	line_text(&line, "error", strerrorname_np(error) ?: "?");
	line_end(&line);
}

/* A process that a scene forked is its parent's to reap until that has ended, so a zombie counts as ended too. */
static bool ended(volatile pid_t *pid)
{
	char state;

	if (*pid <= 0)
		return true;
	if (waitpid(*pid, NULL, WNOHANG) != *pid) {
		state = observe_state(*pid);
		if (state && state != 'Z')
			return false;
	}
	*pid = 0;
	return true;
}

static bool all_ended(struct world *world)
{
	bool all = true;
	int i;

	for (i = 0; i < world->program.n_processes; i++)
		all &= world->processes[i].home || ended(&world->processes[i].pid);
	return all;
}

static bool await_end(struct world *world)
{
	int looks;

	for (looks = 0; looks < END_LOOKS; looks++) {
		if (all_ended(world))
			return true;
		usleep(LOOK_USEC);
	}
	return false;
}

static void trace_one_stuck(struct world *world, int actor, pid_t tid)
{
	struct sight sight;
	struct line line;

	observe(tid, &sight);
	line_begin(&line, "stuck");
	line_number(&line, "step", world->actors[actor].step);
	line_actor(&line, "who", actor);
	line_text(&line, "state", (char[]){ sight.state ?: '?', '\0' });
	line_text(&line, "in", sight.wchan);
	line_text(&line, "stack", sight.stack);
	line_end(&line);
}

/* Every thread that is left of a process that has not ended; the process itself, under its first actor's name, when all are gone. */
static int trace_stuck(struct world *world)
{
	int process, i, n = 0;

	for (process = 0; process < world->program.n_processes; process++) {
		int first = ANY, before = n;

		if (world->processes[process].pid <= 0 || world->processes[process].home)
			continue;
		for (i = 0; i < world->program.n_actors; i++) {
			if (world->program.actors[i].process != process)
				continue;
			if (first == ANY)
				first = i;
			if (world->actors[i].state == ACTOR_GONE || !observe_state(world->actors[i].tid))
				continue;
			trace_one_stuck(world, i, world->actors[i].tid);
			n++;
		}
		if (n == before && first != ANY) {
			trace_one_stuck(world, first, world->processes[process].pid);
			n++;
		}
	}
	return n;
}

/* Kills what is left, then aborts every connection: the order in which a person would try. */
static void force(struct world *world, struct server *server)
{
	int i, error = write_text("/proc/sysrq-trigger", "w");

	if (error)
		trace_trouble("/proc/sysrq-trigger", -error);
	for (i = 0; i < world->program.n_processes; i++)
		if (world->processes[i].pid > 0)
			kill(world->processes[i].pid, SIGKILL);
	if (await_end(world))
		return;
	if (server->pid > 0)
		kill(server->pid, SIGKILL);
	await_end(world);
}

static int end_server(const struct world *world, struct server *server)
{
	int looks;

	/* A server whose connection was aborted waits for nothing else. */
	if (server->pid > 0 && server_dismiss(server))
		trace_trouble("the server's dismissal", 0);
	for (looks = 0; looks < END_LOOKS; looks++) {
		if (world->server_home || ended(&server->pid))
			return 0;
		usleep(LOOK_USEC);
	}
	kill(server->pid, SIGKILL);
	return -ETIMEDOUT;
}

static void trace_left(const char *what, int error)
{
	if (error)
		trace_leftover(what, -error);
}

/* The last RELEASE of a file comes after who closed it has gone; umount(2) aborts what is unanswered (fuse_conn_destroy(), fs/fuse/inode.c, 6.12). */
static void await_server(const struct server *server)
{
	int looks;

	for (looks = 0; looks < END_LOOKS && observe_state(server->pid) == 'R'; looks++)
		usleep(LOOK_USEC);
}

/* The last reference to a file may be put by a kernel thread (delayed_fput(), fs/file_table.c, 6.12), with FUSE built in more often than not. */
static int unmount(const char *at, int flags)
{
	int looks;

	for (looks = 0; umount2(at, flags); looks++) {
		if (errno != EBUSY || looks == END_LOOKS)
			return -errno;
		usleep(LOOK_USEC);
	}
	return 0;
}

/*
 * A request, an inode or an open file that the kernel keeps shows when the file system goes: umount(2) is busy, waits for it, or complains. What
 * outlives a connection would show with the module, and that takes as long as everything else here. So it goes where a scene
 * ended somebody by force, or gave the kernel files of its own.
 */
static bool may_outlive_connection(const struct program *program)
{
	int i;

	for (i = 0; i < program->n_steps; i++) {
		const struct step *step = &program->steps[i];

		if (step->kind == STEP_ABORT || step->kind == STEP_DIE || step->kind == STEP_KILL || step->kind == STEP_BACKING)
			return true;
		if (step->kind == STEP_ORDER && step->call == CALL_EXIT)
			return true;
	}
	return false;
}

int strike(struct world *world, struct server *server)
{
	int stuck = 0;

	if (server_tell(server, SERVER_LET_GO))
		trace_trouble("the server's last word", 0);
	settle(world);
	if (cast_dismiss(world))
		trace_trouble("the actors' last word", 0);
	if (!await_end(world)) {
		stuck = trace_stuck(world);
		force(world, server);
	}
	await_server(server);
	trace_left("umount", unmount(MOUNT_POINT, stuck ? MNT_FORCE | MNT_DETACH : 0));
	if (stuck)
		return stuck;
	trace_left("the end of the server", end_server(world, server));
	if (!may_outlive_connection(&world->program))
		return 0;
	trace_left("umount of fusectl", connection_unwatch());
	/* Frees every inode and request, and complains about those that are still in use. */
	if (!world->built_in)
		trace_left("rmmod fuse", syscall(SYS_delete_module, "fuse", O_NONBLOCK) ? -errno : 0);
	/* Backing files live there: it stays busy when the kernel kept one. */
	trace_left("umount of the backing files", unmount("/tmp", 0));
	return 0;
}
