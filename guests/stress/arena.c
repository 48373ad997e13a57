// SPDX-License-Identifier: GPL-2.0-only
/* What is shared, and what is asked for; see arena.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "arena.h"

#define NSEC_PER_SEC 1000000000LL

struct arena *arena;

int arena_create(void)
{
	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (arena == MAP_FAILED)
		return -errno;
	arena->meet = -1;
	return -trace_prepare(&arena->trace);
}

int64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* xorshift64* (Vigna, 2016): its state is never 0. */
uint64_t draw(uint64_t *random, uint64_t below)
{
	uint64_t x = *random ?: 0x9e3779b97f4a7c15ull;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*random = x;
	return (x * 0x2545f4914f6cdd1dull >> 11) % below;
}

static bool read_number(const char *text, const char *key, unsigned int *number)
{
	const char *at = strstr(text, key);

	if (!at)
		return false;
	*number = strtoul(at + strlen(key), NULL, 0);
	return true;
}

int plan_read(const char *text)
{
	struct plan *plan = &arena->plan;
	const char *seed = strstr(text, " seed=");
	unsigned int beside;
	uint64_t random;

	if (strncmp(text, "stress ", 7) || !seed)
		return -1;
	plan->seed = strtoull(seed + 6, NULL, 0);
	if (!read_number(text, " seconds=", &plan->seconds) || !read_number(text, " files=", &plan->files) ||
	    !read_number(text, " blocks=", &plan->blocks) || !read_number(text, " writers=", &plan->writers) ||
	    !read_number(text, " readers=", &plan->readers) || !read_number(text, " mappers=", &plan->mappers) ||
	    !read_number(text, " openers=", &plan->openers) || !read_number(text, " delay=", &plan->delay_usec) ||
	    !read_number(text, " beside=", &beside))
		return -1;
	plan->beside = beside;
	random = plan->seed * 2 + 1;
	plan->max_write = draw(&random, 2) ? BLOCK_BYTES : 1u << 20;
	if (plan->files < 1 || plan->files > MAX_FILES || plan->blocks < MAX_CALL_BLOCKS || plan->blocks > MAX_BLOCKS ||
	    plan->files * (plan->writers + plan->readers + plan->mappers + plan->openers) + 3 > MAX_ACTORS)
		return -1;
	return 0;
}

void fail(const char *format, ...)
{
	va_list args;

	if (atomic_exchange(&arena->failed, true))
		return;
	va_start(args, format);
	vsnprintf(arena->reason, sizeof(arena->reason), format, args);
	va_end(args);
}

void note_brought_back(const char *format, ...)
{
	va_list args;

	if (atomic_fetch_add(&arena->brought_back, 1))
		return;
	va_start(args, format);
	vsnprintf(arena->brought_back_by, sizeof(arena->brought_back_by), format, args);
	va_end(args);
}
