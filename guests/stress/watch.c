// SPDX-License-Identifier: GPL-2.0-only
/* The first process, which works on no file itself; see watch.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors.h"
#include "arena.h"
#include "calls.h"
#include "history.h"
#include "observe.h"
#include "quiet.h"
#include "report.h"
#include "watch.h"
#include "write-text.h"

#define NSEC_PER_SEC	1000000000LL
#define NSEC_PER_MSEC	1000000LL
#define TICK_USEC	5000
/* Nothing a right kernel does here takes so long. */
#define HANG_NSEC	(60 * NSEC_PER_SEC)
/* Who waits for longer, and for more direct writes than any that can have been under way when the wait began, is starved by them. */
#define STARVED_NSEC	(10 * NSEC_PER_SEC)
#define STARVED_WRITES	1000
/* Who has waited for so long is not killed, or a call that never returns would end so before its bound: each actor is killed every eight seconds or so. */
#define SPARED_NSEC	(2 * NSEC_PER_SEC)

static uint64_t random_state;

static bool starvable(enum call call)
{
	return call == CALL_OPEN || call == CALL_CLOSE || call == CALL_MMAP || call == CALL_MUNMAP || call == CALL_MSYNC;
}

/* The call that an actor is in, or NULL. */
static const struct event *call_in_hand(const struct actor *actor)
{
	const struct event *event = actor->n_events ? &actor->events[(actor->n_events - 1) % LAST_EVENTS] : NULL;

	return event && !event->ended ? event : NULL;
}

static void look_at(struct actor *actor)
{
	const struct event *event = call_in_hand(actor);
	uint64_t written;
	struct sight sight;
	int64_t waited;

	if (!event)
		return;
	waited = now_nsec() - event->began;
	if (event->ended || waited < NSEC_PER_MSEC)
		return;
	if (event->call == CALL_MMAP || event->call == CALL_OPEN) {
		observe_glance(actor->pid, &sight);
		if (strstr(sight.wchan, "cached_io"))
			atomic_fetch_add(&arena->waits_seen, 1);
	}
	written = atomic_load(&arena->files[actor->file].done) - actor->done_before;
	if (waited > HANG_NSEC && !event->ended)
		fail("%s's %s has not returned for %lld s", actor->name, call_name(event->call), (long long)(waited / NSEC_PER_SEC));
	else if (waited > STARVED_NSEC && written > STARVED_WRITES && starvable(event->call) && !event->ended)
		fail("%s's %s waits for %lld s now, in which %llu direct writes to its file came and ended: they starve it", actor->name,
		     call_name(event->call), (long long)(waited / NSEC_PER_SEC), (unsigned long long)written);
}

void look_at_actors(void)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++)
		if (arena->actors[i].pid)
			look_at(&arena->actors[i]);
}

/* Nobody ends by himself before all is over. */
static void reap_the_unexpected(void)
{
	unsigned int i;
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	for (i = 0; pid > 0 && i < arena->n_actors; i++)
		if (arena->actors[i].pid == pid) {
			arena->actors[i].pid = 0;
			fail("%s ended by signal %d, code %d", arena->actors[i].name, WTERMSIG(status), WEXITSTATUS(status));
			return;
		}
	if (pid > 0)
		fail("the server ended by signal %d, code %d", WTERMSIG(status), WEXITSTATUS(status));
}

static bool await_death(struct actor *actor)
{
	int64_t until = now_nsec() + HANG_NSEC;

	while (now_nsec() < until) {
		if (waitpid(actor->pid, NULL, WNOHANG) == actor->pid)
			return true;
		usleep(TICK_USEC);
		look_at_actors();
		if (atomic_load(&arena->failed))
			return false;
	}
	fail("%s was killed and does not end", actor->name);
	return false;
}

static bool waits_for_long(const struct actor *actor)
{
	const struct event *event = call_in_hand(actor);

	return event && now_nsec() - event->began > SPARED_NSEC;
}

/* Whom a kill may meet anywhere: not who truncates, since a file that stays short says nothing more about its blocks. */
static void kill_one(void)
{
	struct actor *actor = &arena->actors[draw(&random_state, arena->n_actors)];
	int error;

	if (actor->role == TRUNCATER || actor->role == PROBE || waits_for_long(actor))
		return;
	actor->doomed = true;
	kill(actor->pid, SIGKILL);
	if (!await_death(actor))
		return;
	history_end(actor, false);
	if (call_in_hand(actor)) {
		struct event *event = &actor->events[(actor->n_events - 1) % LAST_EVENTS];

		event->ret = -EINTR;
		event->ended = now_nsec();
	}
	actor->caching = false;
	history_drop(actor, false);
	atomic_fetch_add(&arena->kills, 1);
	error = actor_start(actor);
	if (error)
		fail("%s could not be started again: %s", actor->name, strerrorname_np(-error) ?: "?");
}

static void drop_pages(void)
{
	int error = write_text("/proc/sys/vm/drop_caches", "1");

	if (error)
		fail("drop_caches: %s", strerrorname_np(-error) ?: "?");
}

/* What is done now and then: when next, and how long until then, from half of it to one and a half. */
struct chore {
	void (*work)(void);
	int64_t every, next;
};

static void tally(void)
{
	report_tally("tally");
}

static struct chore chores[] = {
	{ .work = tally, .every = NSEC_PER_SEC },
	{ .work = kill_one, .every = 300 * NSEC_PER_MSEC },
	{ .work = drop_pages, .every = 700 * NSEC_PER_MSEC },
	{ .work = quiet_point, .every = 4 * NSEC_PER_SEC },
};

static void do_chores(void)
{
	size_t i;

	for (i = 0; i < sizeof(chores) / sizeof(chores[0]) && !atomic_load(&arena->failed); i++) {
		struct chore *chore = &chores[i];
		int64_t now = now_nsec();

		if (chore->next > now)
			continue;
		if (chore->next)
			chore->work();
		chore->next = now_nsec() + chore->every / 2 + draw(&random_state, chore->every);
	}
}

static void start_all(void)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++) {
		int error = arena->actors[i].role == PROBE ? 0 : actor_start(&arena->actors[i]);

		if (error)
			fail("%s could not be started: %s", arena->actors[i].name, strerrorname_np(-error) ?: "?");
	}
}

/* A call that does not return keeps its actor, which goes with the machine. */
static void end_all(void)
{
	unsigned int i;

	arena->phase = OVER;
	for (i = 0; i < arena->n_actors; i++)
		if (arena->actors[i].pid && !atomic_load(&arena->failed) && await_death(&arena->actors[i]))
			arena->actors[i].pid = 0;
}

void watch(void)
{
	int64_t until = now_nsec() + arena->plan.seconds * NSEC_PER_SEC;

	/* From now on without a line on the console each time (drop_caches_sysctl_handler(), fs/drop_caches.c, 6.12). */
	write_text("/proc/sys/vm/drop_caches", "4");
	random_state = arena->plan.seed * 17 + 5;
	actors_cast();
	start_all();
	while (now_nsec() < until && !atomic_load(&arena->failed)) {
		usleep(TICK_USEC);
		reap_the_unexpected();
		look_at_actors();
		do_chores();
	}
	if (!atomic_load(&arena->failed))
		quiet_point();
	end_all();
}
