// SPDX-License-Identifier: GPL-2.0-only
/* Processes of their own, so that no two share an address space and its locks; see actors.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors.h"
#include "arena.h"

#define LOOK_USEC	200
/* Between two mappings, so that writers are also seen without one. */
#define PAUSE_USEC	1000

static struct histogram *mine;

static void fail(const char *call, int error)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&arena->failed, &none, error))
		arena->failed_call = call;
}

static void __attribute__((noreturn)) give_up(const char *call)
{
	fail(call, errno ?: EIO);
	_exit(1);
}

/* Counts a call of which the window saw any part, whole: a wait that is cut off would look short, and one that outlasts the window would be none. */
static void note(enum operation operation, int64_t began)
{
	int64_t ended = now_nsec(), from = arena->window_began, to = arena->window_ended;

	if (from && ended >= from && (!to || began < to))
		histogram_add(&mine[operation], ended - began, !to || ended <= to);
}

static void be_ready(void)
{
	atomic_fetch_add(&arena->ready, 1);
	while (!arena->go)
		usleep(LOOK_USEC);
}

static void write_on(unsigned int number)
{
	static unsigned char bytes[IO_BYTES];
	int fd = open(FILE_PATH, O_RDWR);
	unsigned int turn;

	if (fd < 0)
		give_up("open");
	memset(bytes, 'a' + number, sizeof(bytes));
	be_ready();
	for (turn = 0; !arena->over; turn++) {
		int64_t began = now_nsec();

		if (pwrite(fd, bytes, IO_BYTES, number * REGION_BYTES + turn * IO_BYTES % REGION_BYTES) != IO_BYTES)
			give_up("pwrite");
		note(OP_PWRITE, began);
	}
}

static void read_on(void)
{
	static unsigned char bytes[IO_BYTES];
	int fd = open(FILE_PATH, O_RDWR);
	unsigned int turn;

	if (fd < 0)
		give_up("open");
	be_ready();
	for (turn = 0; !arena->over; turn++) {
		int64_t began = now_nsec();

		if (pread(fd, bytes, IO_BYTES, turn * IO_BYTES % FILE_BYTES) != IO_BYTES)
			give_up("pread");
		note(OP_PREAD, began);
	}
}

static void map_once(unsigned int turn)
{
	volatile unsigned char *page;
	int64_t began = now_nsec();
	int fd = open(FILE_PATH, O_RDWR);

	if (fd < 0)
		give_up("open");
	note(OP_OPEN, began);
	began = now_nsec();
	page = mmap(NULL, IO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, turn * IO_BYTES % FILE_BYTES);
	if (page == MAP_FAILED)
		give_up("mmap");
	note(OP_MMAP, began);
	began = now_nsec();
	(void)page[0];
	note(OP_LOAD, began);
	began = now_nsec();
	page[1] = turn;
	note(OP_STORE, began);
	began = now_nsec();
	if (msync((void *)page, IO_BYTES, MS_SYNC))
		give_up("msync");
	note(OP_MSYNC, began);
	began = now_nsec();
	if (munmap((void *)page, IO_BYTES))
		give_up("munmap");
	note(OP_MUNMAP, began);
	began = now_nsec();
	if (close(fd))
		give_up("close");
	note(OP_CLOSE, began);
}

static void map_on(void)
{
	unsigned int turn;

	be_ready();
	for (turn = 0; !arena->over; turn++) {
		map_once(turn);
		usleep(PAUSE_USEC);
	}
}

/* Actors 0 to writers - 1 write, the next reads, the last maps. */
static void __attribute__((noreturn)) work(unsigned int number, unsigned int writers)
{
	prctl(PR_SET_PDEATHSIG, 9);
	prctl(PR_SET_TIMERSLACK, 1);
	mine = arena->histograms[number];
	if (number < writers)
		write_on(number);
	else if (number == writers)
		read_on();
	else
		map_on();
	_exit(0);
}

static void keep_window(unsigned int actors)
{
	while (arena->ready < actors && !arena->failed)
		usleep(LOOK_USEC);
	arena->go = true;
	usleep(arena->plan.warm_usec);
	arena->window_began = now_nsec();
	usleep(arena->plan.window_usec);
	arena->window_ended = now_nsec();
	arena->over = true;
}

int measure_cell(unsigned int writers, bool mapped)
{
	unsigned int actors = writers + 1 + mapped, begun;
	pid_t pids[MAX_ACTORS];
	int status;

	memset(arena->histograms, 0, sizeof(arena->histograms));
	arena->ready = 0;
	arena->go = arena->over = false;
	arena->window_began = arena->window_ended = 0;
	for (begun = 0; begun < actors && !arena->failed; begun++) {
		pids[begun] = fork();
		if (!pids[begun])
			work(begun, writers);
		if (pids[begun] < 0) {
			fail("fork", errno);
			break;
		}
	}
	keep_window(actors);
	while (begun--)
		if (waitpid(pids[begun], &status, 0) != pids[begun] || !WIFEXITED(status))
			fail("an actor was killed", EINTR);
	return -arena->failed;
}
