// SPDX-License-Identifier: GPL-2.0-only
/* The roles; see actors.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "actors.h"
#include "calls.h"

#define TURN_USEC	2000
#define ROUND_CALLS	16
/* What keeps an inode in caching mode is short and rests for long, so that the mode is entered and left as often as can be. */
#define CACHING_CALLS	4
#define MOST_REST_USEC	300000

static struct actor *self;

static uint64_t any(uint64_t below)
{
	return draw(&self->random, below);
}

static bool goes_on(void)
{
	return arena->phase == RUN && !atomic_load(&arena->failed);
}

static void rest(void)
{
	usleep(any(MOST_REST_USEC));
}

/* The first of `n` blocks that lie in the file. */
static unsigned int place(unsigned int n)
{
	return any(arena->plan.blocks - n + 1);
}

/* A stream that does not end before the phase does. */
static void write_stream(void)
{
	int fd = do_open(false, O_RDWR);

	if (fd < 0)
		return;
	while (goes_on()) {
		unsigned int n = 1 + any(3);

		do_pwrite(fd, false, place(n), n);
		if (!any(8))
			usleep(any(1000));
	}
	do_close(fd);
}

static void read_by_calls(bool cached)
{
	int fd = do_open(cached, O_RDONLY), i;

	if (fd < 0)
		return;
	for (i = 0; i < (cached ? CACHING_CALLS : ROUND_CALLS) && goes_on(); i++) {
		unsigned int n = 1 + any(MAX_CALL_BLOCKS);

		do_pread(fd, cached, place(n), n);
	}
	do_close(fd);
}

static void read_by_splice(void)
{
	int fd = do_open(false, O_RDONLY), pipes[2], i;

	if (fd < 0)
		return;
	if (pipe(pipes)) {
		fail("%s's pipe: %s", self->name, strerrorname_np(errno) ?: "?");
		do_close(fd);
		return;
	}
	for (i = 0; i < ROUND_CALLS && goes_on(); i++)
		do_splice(fd, pipes, place(1));
	close(pipes[0]);
	close(pipes[1]);
	do_close(fd);
}

static void read_by_private_mapping(void)
{
	int fd = do_open(false, O_RDONLY), i;
	void *at = fd < 0 ? NULL : do_mmap(fd, false);

	for (i = 0; at && i < ROUND_CALLS && goes_on(); i++)
		do_load(at, place(1));
	if (at)
		do_munmap(at);
	if (fd >= 0)
		do_close(fd);
}

static void read_round(void)
{
	switch (any(arena->plan.beside ? 5 : 3)) {
	case 0:
		read_by_calls(true);
		rest();
		break;
	case 3:
		read_by_splice();
		break;
	case 4:
		read_by_private_mapping();
		break;
	default:
		read_by_calls(false);
	}
}

static void map_round(void)
{
	int fd = do_open(false, O_RDWR), i;
	bool closes_first = any(2);
	void *at = fd < 0 ? NULL : do_mmap(fd, true);

	for (i = any(CACHING_CALLS); at && i < CACHING_CALLS && goes_on(); i++) {
		unsigned int block = place(1);

		if (any(2))
			do_store(at, block);
		else
			do_load(at, block);
		if (!any(4))
			do_msync(at, block, 1);
	}
	/* The mapping keeps the file open. */
	if (at && closes_first)
		do_close(fd);
	if (at)
		do_munmap(at);
	if (fd >= 0 && !(at && closes_first))
		do_close(fd);
	rest();
}

static void open_round(void)
{
	bool cached = any(2), direct = !any(4);
	int fd;

	rest();
	fd = do_open(cached, O_RDWR | (direct ? O_DIRECT : 0));

	if (fd < 0)
		return;
	if (any(2))
		do_stat(fd);
	if (any(2))
		do_pwrite(fd, cached && !direct, place(1), 1);
	if (any(2))
		usleep(any(2000));
	do_close(fd);
}

static void truncate_round(void)
{
	int fd = do_open(false, O_RDWR), i;

	if (fd < 0)
		return;
	for (i = 0; i < ROUND_CALLS && goes_on(); i++) {
		do_truncate(fd, any(arena->plan.blocks));
		usleep(any(20000));
	}
	do_close(fd);
}

static void (*const rounds[])(void) = {
	[WRITER] = write_stream, [READER] = read_round, [MAPPER] = map_round, [OPENER] = open_round, [TRUNCATER] = truncate_round,
};

static void __attribute__((noreturn)) live(void)
{
	for (;;) {
		while (arena->phase != RUN || atomic_load(&arena->failed)) {
			self->idle = true;
			if (arena->phase == OVER)
				_exit(0);
			usleep(TURN_USEC);
		}
		self->idle = false;
		if (arena->phase == RUN)
			rounds[self->role]();
	}
}

int actor_start(struct actor *actor)
{
	pid_t pid;

	actor->doomed = false;
	actor->idle = false;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, actor->name);
		self = actor;
		calls_by(actor);
		live();
	}
	actor->pid = pid;
	return 0;
}

static void cast(unsigned int n, enum role role, unsigned int file, const char *what)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct actor *actor = &arena->actors[arena->n_actors];

		*actor = (struct actor){ .id = arena->n_actors, .role = role, .file = file };
		actor->random = (arena->plan.seed + 1) * 1000003 + actor->id * 7919 + 1;
		snprintf(actor->name, sizeof(actor->name), "%s%u.%u", what, file, i + 1);
		arena->n_actors++;
	}
}

void actors_cast(void)
{
	const struct plan *plan = &arena->plan;
	unsigned int file;

	for (file = 0; file < plan->files; file++) {
		cast(plan->writers, WRITER, file, "writer");
		cast(plan->readers, READER, file, "reader");
		cast(plan->mappers, MAPPER, file, "mapper");
		cast(plan->openers, OPENER, file, "opener");
	}
	cast(1, TRUNCATER, plan->files - 1, "truncater");
	/* They work at quiet points, on every file. */
	cast(2, PROBE, 0, "probe");
}
