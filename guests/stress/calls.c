// SPDX-License-Identifier: GPL-2.0-only
/* Calls that are noted and judged; see calls.h. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls.h"
#include "connection.h"
#include "history.h"

static struct actor *self;
static sigjmp_buf behind_the_end;
static uint64_t buffer[MAX_CALL_BLOCKS * BLOCK_WORDS];

static const char *const names[N_CALLS] = {
	[CALL_OPEN] = "open", [CALL_CLOSE] = "close", [CALL_MMAP] = "mmap", [CALL_MUNMAP] = "munmap", [CALL_MSYNC] = "msync",
	[CALL_PREAD] = "pread", [CALL_PWRITE] = "pwrite", [CALL_LOAD] = "load", [CALL_STORE] = "store", [CALL_SPLICE] = "splice",
	[CALL_TRUNCATE] = "ftruncate", [CALL_STAT] = "fstat",
};

const char *call_name(enum call call)
{
	return names[call];
}

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(behind_the_end, 1);
}

void calls_by(struct actor *actor)
{
	struct sigaction action = { .sa_handler = on_bus_error };

	self = actor;
	sigaction(SIGBUS, &action, NULL);
}

static struct event *begin(enum call call, uint64_t off, uint64_t len)
{
	struct event *event = &self->events[self->n_events % LAST_EVENTS];

	*event = (struct event){ .call = call, .off = off, .len = len, .began = now_nsec() };
	self->done_before = atomic_load(&arena->files[self->file].done);
	self->n_events++;
	return event;
}

static void end(struct event *event, int64_t ret)
{
	uint64_t took, longest;

	event->ret = ret < 0 ? -errno : ret;
	event->ended = now_nsec();
	took = event->ended - event->began;
	atomic_fetch_add(&arena->calls[event->call], 1);
	longest = atomic_load(&arena->longest[event->call]);
	while (took > longest && !atomic_compare_exchange_weak(&arena->longest[event->call], &longest, took))
		;
	if (event->ret < 0)
		fail("%s's %s of %llu at %llu failed with %s", self->name, names[event->call], (unsigned long long)event->len, (unsigned long long)event->off,
		     strerrorname_np(-event->ret) ?: "?");
}

int do_open(bool cached, int flags)
{
	struct event *event = begin(CALL_OPEN, 0, 0);
	char path[sizeof(MOUNT_POINT) + 8];
	int fd;

	event->cached = cached;
	snprintf(path, sizeof(path), MOUNT_POINT "/f%u", self->file);
	history_drop(self, true);
	fd = open(path, flags | O_CLOEXEC | (cached ? OPEN_CACHED : 0));
	history_drop(self, false);
	end(event, fd);
	return fd;
}

void do_close(int fd)
{
	struct event *event = begin(CALL_CLOSE, 0, 0);

	end(event, close(fd));
}

static size_t file_bytes(void)
{
	return arena->plan.blocks * BLOCK_BYTES;
}

void *do_mmap(int fd, bool shared)
{
	struct event *event = begin(CALL_MMAP, 0, file_bytes());
	void *at;

	history_drop(self, true);
	at = mmap(NULL, file_bytes(), shared ? PROT_READ | PROT_WRITE : PROT_READ, shared ? MAP_SHARED : MAP_PRIVATE, fd, 0);
	history_drop(self, false);
	end(event, at == MAP_FAILED ? -1 : 0);
	if (at == MAP_FAILED)
		return NULL;
	self->caching = shared;
	return at;
}

void do_munmap(void *at)
{
	struct event *event;

	self->caching = false;
	event = begin(CALL_MUNMAP, 0, file_bytes());
	end(event, munmap(at, file_bytes()));
}

void do_msync(void *at, unsigned int block, unsigned int n_blocks)
{
	struct event *event = begin(CALL_MSYNC, block * BLOCK_BYTES, n_blocks * BLOCK_BYTES);

	end(event, msync((char *)at + block * BLOCK_BYTES, n_blocks * BLOCK_BYTES, MS_SYNC));
}

void do_stat(int fd)
{
	struct event *event = begin(CALL_STAT, 0, 0);
	struct stat stat;

	end(event, fstat(fd, &stat));
}

static void fill(uint64_t *words, uint64_t version)
{
	size_t i;

	for (i = 0; i < BLOCK_WORDS; i++)
		words[i] = version;
}

void do_pwrite(int fd, bool cached, unsigned int block, unsigned int n_blocks)
{
	size_t len = n_blocks * BLOCK_BYTES;
	struct event *event;
	unsigned int i;
	ssize_t done;

	for (i = 0; i < n_blocks; i++)
		fill(buffer + i * BLOCK_WORDS, history_begin(self, block + i, cached ? WRITE_CACHED : WRITE_CALL));
	event = begin(CALL_PWRITE, block * BLOCK_BYTES, len);
	done = pwrite(fd, buffer, len, block * BLOCK_BYTES);
	end(event, done);
	history_end(self, done == (ssize_t)len);
	if (done >= 0 && done != (ssize_t)len)
		fail("%s's pwrite of %zu at %u wrote %zd", self->name, len, block * BLOCK_BYTES, done);
}

static void judge(const uint64_t *words, size_t n_words, unsigned int block, struct read_way way, enum call call)
{
	char how[48];

	snprintf(how, sizeof(how), "%s's %s", self->name, names[call]);
	way.how = how;
	history_judge(self->file, block, words, n_words, way);
}

/* `got` bytes from the beginning of `block` on. */
static void judge_blocks(ssize_t got, unsigned int block, struct read_way way, enum call call)
{
	size_t words = got > 0 ? got / sizeof(uint64_t) : 0, at;

	for (at = 0; at < words; at += BLOCK_WORDS, block++)
		judge(buffer + at, words - at < BLOCK_WORDS ? words - at : BLOCK_WORDS, block, way, call);
}

void do_pread(int fd, bool cached, unsigned int block, unsigned int n_blocks)
{
	struct read_way way = { .began = history_now(), .through_cache = cached };
	struct event *event = begin(CALL_PREAD, block * BLOCK_BYTES, n_blocks * BLOCK_BYTES);
	ssize_t got = pread(fd, buffer, n_blocks * BLOCK_BYTES, block * BLOCK_BYTES);

	end(event, got);
	judge_blocks(got, block, way, CALL_PREAD);
	if (got >= 0 && got != n_blocks * BLOCK_BYTES && self->file + 1 != arena->plan.files)
		fail("%s's pread of %u at %u read %zd of a file that nobody truncates", self->name, n_blocks * BLOCK_BYTES, block * BLOCK_BYTES, got);
}

void do_splice(int fd, const int pipe[2], unsigned int block)
{
	struct read_way way = { .began = history_now(), .through_cache = true };
	struct event *event = begin(CALL_SPLICE, block * BLOCK_BYTES, BLOCK_BYTES);
	off_t off = block * BLOCK_BYTES;
	ssize_t moved = splice(fd, &off, pipe[1], NULL, BLOCK_BYTES, 0), got;
	size_t all;

	end(event, moved);
	/* The pipe refers to the page itself until it is read: what it shows is the page as it is then. */
	for (all = 0; moved > 0 && all < (size_t)moved; all += got) {
		got = read(pipe[0], (char *)buffer + all, moved - all);
		if (got <= 0) {
			fail("%s's pipe gave %zu bytes of %zd", self->name, all, moved);
			return;
		}
	}
	judge_blocks(moved, block, way, CALL_SPLICE);
}

void do_load(const void *at, unsigned int block)
{
	struct read_way way = { .began = history_now(), .through_cache = true };
	struct event *event = begin(CALL_LOAD, block * BLOCK_BYTES, BLOCK_BYTES);

	if (sigsetjmp(behind_the_end, 1)) {
		end(event, 0);
		return;
	}
	memcpy(buffer, (const char *)at + block * BLOCK_BYTES, BLOCK_BYTES);
	end(event, BLOCK_BYTES);
	judge(buffer, BLOCK_WORDS, block, way, CALL_LOAD);
}

void do_store(void *at, unsigned int block)
{
	uint64_t version = history_begin(self, block, WRITE_STORE);
	struct event *event = begin(CALL_STORE, block * BLOCK_BYTES, BLOCK_BYTES);

	if (sigsetjmp(behind_the_end, 1)) {
		end(event, 0);
		history_end(self, false);
		return;
	}
	fill((uint64_t *)((char *)at + block * BLOCK_BYTES), version);
	end(event, BLOCK_BYTES);
	history_end(self, true);
}

void do_truncate(int fd, unsigned int block)
{
	struct event *event;
	unsigned int i;
	int ret;

	for (i = block; i < arena->plan.blocks; i++)
		history_begin(self, i, WRITE_ZEROS);
	event = begin(CALL_TRUNCATE, block * BLOCK_BYTES, 0);
	ret = ftruncate(fd, block * BLOCK_BYTES);
	end(event, ret);
	event = begin(CALL_TRUNCATE, file_bytes(), 0);
	ret = ftruncate(fd, file_bytes());
	end(event, ret);
	history_end(self, true);
}
