// SPDX-License-Identifier: GPL-2.0-only
/*
 * mixed-io FILE OPERATIONS SEED WORKERS: random reads and writes of one file, by read, write, O_DIRECT and mmap, each held against what the file must
 * have. In the manner of fsx, but its workers work at once, each on a part of the file of its own, through the same page cache and inode. One
 * worker alone also changes the file's size.
 *
 * Exits 0 when all was as it must be, 1 after a mismatch or a failed call, which it tells with the last operations of the worker, 2 for bad usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096u
#define PART		(64u * 1024)
#define MOST_WORKERS	16
#define LAST		16
#define MOST_BYTES	(16u * 1024)

static const char *file;
static unsigned int worker;
static bool alone;
static uint64_t state;
static int plain = -1, direct = -1;
/* What the part must have, and how much of it there is: all, unless this worker is alone. */
static unsigned char good[PART];
static size_t size = PART;
static unsigned char *buffer;
static char log_lines[LAST][80];
static unsigned int logged;

/* xorshift64* (Vigna, 2016). */
static unsigned int any(unsigned int below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dull >> 33) % below;
}

static void __attribute__((noreturn)) give_up(const char *what, const char *why)
{
	unsigned int i;

	printf("worker %u failed: %s: %s; its last operations:\n", worker, what, why);
	for (i = logged > LAST ? logged - LAST : 0; i < logged; i++)
		printf("  %s\n", log_lines[i % LAST]);
	fflush(stdout);
	_exit(1);
}

static void note(const char *what, size_t at, size_t bytes)
{
	snprintf(log_lines[logged % LAST], sizeof(log_lines[0]), "%u %s of %zu at %zu, the part has %zu", logged, what, bytes, at, size);
	logged++;
}

static off_t whole(size_t at)
{
	return (off_t)worker * PART + at;
}

static void open_files(void)
{
	plain = open(file, O_RDWR);
	direct = open(file, O_RDWR | O_DIRECT);
	if (plain < 0 || direct < 0)
		give_up("open", strerror(errno));
}

static void compare(const char *what, const unsigned char *seen, size_t at, size_t bytes)
{
	char why[120];
	size_t i;

	for (i = 0; i < bytes; i++)
		if (seen[i] != good[at + i]) {
			snprintf(why, sizeof(why), "byte %zu is %#x and must be %#x", at + i, seen[i], good[at + i]);
			give_up(what, why);
		}
}

static void fill(size_t at, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		good[at + i] = any(255) + 1;
}

/* A range; of whole pages for O_DIRECT. What it begins in is there, what follows need not be when `grows`. */
static bool pick(bool pages, bool grows, size_t *at, size_t *bytes)
{
	size_t end = grows && alone ? PART : size, unit = pages ? PAGE : 1;

	if (end < unit)
		return false;
	*at = any(end / unit) * unit;
	*bytes = (1 + any(MOST_BYTES / unit)) * unit;
	if (*at + *bytes > end)
		*bytes = (end - *at) / unit * unit;
	return *bytes > 0;
}

/* What a write makes of the part: zeros where nothing was, before it. */
static void grow(size_t to)
{
	if (to <= size)
		return;
	memset(good + size, 0, to - size);
	size = to;
}

static void do_read(bool through_cache)
{
	const char *what = through_cache ? "read" : "direct read";
	size_t at, bytes;

	if (!pick(!through_cache, false, &at, &bytes))
		return;
	note(what, at, bytes);
	if (pread(through_cache ? plain : direct, buffer, bytes, whole(at)) != (ssize_t)bytes)
		give_up(what, "short, or failed");
	compare(what, buffer, at, bytes);
}

static void do_write(bool through_cache)
{
	const char *what = through_cache ? "write" : "direct write";
	size_t at, bytes;

	if (!pick(!through_cache, true, &at, &bytes))
		return;
	note(what, at, bytes);
	grow(at + bytes);
	fill(at, bytes);
	memcpy(buffer, good + at, bytes);
	if (pwrite(through_cache ? plain : direct, buffer, bytes, whole(at)) != (ssize_t)bytes)
		give_up(what, "short, or failed");
}

static void do_map(bool writes)
{
	const char *what = writes ? "store" : "load";
	size_t at, bytes, from, length;
	unsigned char *mapped;

	if (!pick(false, false, &at, &bytes))
		return;
	note(what, at, bytes);
	from = at / PAGE * PAGE;
	length = at + bytes - from;
	mapped = mmap(NULL, length, writes ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, any(2) ? plain : direct, whole(from));
	if (mapped == MAP_FAILED)
		give_up("mmap", strerror(errno));
	if (writes) {
		fill(at, bytes);
		memcpy(mapped + at - from, good + at, bytes);
		if (any(2) && msync(mapped, length, MS_SYNC))
			give_up("msync", strerror(errno));
	} else {
		compare(what, mapped + at - from, at, bytes);
	}
	munmap(mapped, length);
}

static void do_truncate(void)
{
	size_t to = any(PART + 1);

	note("truncate", to, 0);
	if (ftruncate(plain, to))
		give_up("truncate", strerror(errno));
	grow(to);
	size = to;
}

static void do_reopen(void)
{
	note("close and open", 0, 0);
	close(plain);
	close(direct);
	open_files();
}

static void __attribute__((noreturn)) work(unsigned int id, unsigned int operations, uint64_t seed)
{
	worker = id;
	state = (seed + 1) * 1000003 + id * 7919;
	buffer = mmap(NULL, MOST_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	open_files();
	while (operations--) {
		switch (any(alone ? 20 : 18)) {
		case 0 ... 2: do_read(true); break;
		case 3 ... 5: do_read(false); break;
		case 6 ... 7: do_write(true); break;
		case 8 ... 11: do_write(false); break;
		case 12 ... 13: do_map(false); break;
		case 14 ... 16: do_map(true); break;
		case 17: do_reopen(); break;
		default: do_truncate();
		}
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned int operations, workers, i;
	int status, bad = 0, made;
	uint64_t seed;

	if (argc != 5) {
		fprintf(stderr, "usage: mixed-io FILE OPERATIONS SEED WORKERS\n");
		return 2;
	}
	file = argv[1];
	operations = strtoul(argv[2], NULL, 0);
	seed = strtoull(argv[3], NULL, 0);
	workers = strtoul(argv[4], NULL, 0);
	if (!operations || !workers || workers > MOST_WORKERS)
		return 2;
	alone = workers == 1;
	made = open(file, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (made < 0 || ftruncate(made, (off_t)workers * PART) || close(made)) {
		printf("%s: %s\n", file, strerror(errno));
		return 1;
	}
	for (i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (!pid)
			work(i, operations, seed);
	}
	while (wait(&status) > 0)
		bad |= !WIFEXITED(status) || WEXITSTATUS(status);
	return bad ? 1 : 0;
}
