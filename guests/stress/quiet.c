// SPDX-License-Identifier: GPL-2.0-only
/* See quiet.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "calls.h"
#include "history.h"
#include "quiet.h"
#include "store.h"
#include "write-text.h"

#define TICK_USEC	1000
#define RELEASE_LOOKS	30000

static bool all_idle(void)
{
	unsigned int i;

	for (i = 0; i < arena->n_actors; i++)
		if (!arena->actors[i].idle && arena->actors[i].role != PROBE)
			return false;
	return true;
}

/* Bounded by what look_at_actors() thinks of every wait. */
static bool await_idle(void)
{
	while (!all_idle()) {
		usleep(TICK_USEC);
		look_at_actors();
		if (atomic_load(&arena->failed))
			return false;
	}
	return true;
}

/* The RELEASE of a file that was closed is sent by whom it may concern, and comes when it comes. */
static bool await_releases(unsigned int file)
{
	struct file_state *state = &arena->files[file];
	int looks;

	for (looks = 0; looks < RELEASE_LOOKS; looks++) {
		if (atomic_load(&state->opens) == atomic_load(&state->releases))
			return true;
		usleep(TICK_USEC);
	}
	fail("f%u was opened %u times and released %u times, and nobody has it open", file, atomic_load(&state->opens), atomic_load(&state->releases));
	return false;
}

static void judge_file(unsigned int file)
{
	unsigned int block;

	for (block = 0; block < arena->plan.blocks; block++)
		history_judge(file, block, store_block(file, block), BLOCK_WORDS, (struct read_way){ .began = history_now(), .how = "the server" });
}

static void write_one(struct actor *probe)
{
	int fd = do_open(false, O_RDWR);

	if (fd < 0)
		return;
	do_pwrite(fd, false, probe->id % arena->plan.blocks, 1);
	do_close(fd);
}

static void enter_and_leave(struct actor *probe)
{
	int fd = do_open(true, O_RDONLY);
	void *at;

	(void)probe;
	if (fd < 0)
		return;
	do_close(fd);
	fd = do_open(false, O_RDWR);
	at = fd < 0 ? NULL : do_mmap(fd, true);
	if (at)
		do_munmap(at);
	if (fd >= 0)
		do_close(fd);
}

/* The probes are the last of the cast. */
static struct actor *probe_for(unsigned int which, unsigned int file)
{
	struct actor *probe = &arena->actors[arena->n_actors - 1 - which];

	probe->file = file;
	return probe;
}

static void start_probe(struct actor *probe, void (*work)(struct actor *))
{
	pid_t pid = fork();

	if (pid < 0) {
		fail("%s could not be started: %s", probe->name, strerrorname_np(errno) ?: "?");
		return;
	}
	if (!pid) {
		calls_by(probe);
		work(probe);
		_exit(0);
	}
	probe->pid = pid;
}

static void await_probe(struct actor *probe)
{
	while (probe->pid && !atomic_load(&arena->failed)) {
		if (waitpid(probe->pid, NULL, WNOHANG) == probe->pid)
			probe->pid = 0;
		else
			usleep(TICK_USEC);
		look_at_actors();
	}
}

/* Two writes meet only in direct mode, and an mmap returns only when no write is counted any more. */
static bool probe_file(unsigned int file)
{
	struct actor *first = probe_for(0, file), *second = probe_for(1, file);

	arena->meet = file;
	start_probe(first, write_one);
	start_probe(second, write_one);
	await_probe(first);
	await_probe(second);
	arena->meet = -1;
	start_probe(first, enter_and_leave);
	await_probe(first);
	return !atomic_load(&arena->failed) && await_releases(file);
}

void quiet_point(void)
{
	unsigned int file;
	int error;

	arena->phase = QUIET;
	if (!await_idle())
		return;
	for (file = 0; file < arena->plan.files; file++) {
		if (!await_releases(file))
			return;
		judge_file(file);
		if (!probe_file(file))
			return;
	}
	/* Inodes and all: fuse_evict_inode() warns of one that is not neutral. */
	error = write_text("/proc/sys/vm/drop_caches", "3");
	if (error)
		fail("drop_caches: %s", strerrorname_np(-error) ?: "?");
	atomic_fetch_add(&arena->quiets, 1);
	arena->phase = RUN;
}
