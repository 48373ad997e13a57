/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processes of a stress share: one mapping, made before the first fork. Who is killed must leave nothing locked, so there is no lock in it. */
#ifndef DIORAMA_ARENA_H
#define DIORAMA_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace.h"

#define BLOCK_BYTES	4096u
#define BLOCK_WORDS	(BLOCK_BYTES / sizeof(uint64_t))
#define MAX_FILES	4
#define MAX_BLOCKS	64
#define MAX_ACTORS	48
#define MAX_CALL_BLOCKS	8
#define LAST_EVENTS	12
#define REASON_BYTES	640

/* What is asked for; numbers that the seed decides are drawn by plan_read(). */
struct plan {
	uint64_t seed;
	unsigned int seconds;
	/* Of these the last is truncated too. */
	unsigned int files, blocks;
	/* For each file. */
	unsigned int writers, readers, mappers, openers;
	/* The longest time a READ or WRITE is at the server, in microseconds. */
	unsigned int delay_usec;
	unsigned int max_write;
	/* Readers also fill the page cache while the inode is in direct mode: private mappings and splice. */
	bool beside;
};

enum role { WRITER, READER, MAPPER, OPENER, TRUNCATER, PROBE };

enum call {
	CALL_OPEN, CALL_CLOSE, CALL_MMAP, CALL_MUNMAP, CALL_MSYNC, CALL_PREAD, CALL_PWRITE, CALL_LOAD, CALL_STORE, CALL_SPLICE,
	CALL_TRUNCATE, CALL_STAT, N_CALLS,
};

struct event {
	enum call call;
	uint64_t off, len;
	/* CLOCK_MONOTONIC in nanoseconds; `ended` is 0 while it goes on. */
	int64_t began, ended;
	int64_t ret;
	/* What kind of file it is that was opened. */
	bool cached;
};

/* A write's entry in its block's history. */
struct write_ref {
	uint16_t block, slot;
};

struct actor {
	volatile pid_t pid;
	enum role role;
	unsigned int file, id;
	char name[24];
	uint64_t random;
	/* It is about to be killed: what it says of itself counts no more. */
	volatile bool doomed;
	/* It holds nothing, and waits for its turn. */
	volatile bool idle;
	/* It has a shared mapping of its file, so that the inode is in caching mode. */
	volatile bool caching;
	/* It is in a call that drops what is cached of its file, or was until then (`clock`). */
	volatile bool dropping;
	atomic_ullong dropped;
	/* Writes that have begun. */
	struct write_ref pending[MAX_BLOCKS];
	volatile unsigned int n_pending;
	/* Counts its writes, over all its lives. */
	uint64_t writes;
	struct event events[LAST_EVENTS];
	volatile unsigned int n_events;
	/* `done` of its file when the call in hand began. */
	uint64_t done_before;
};

struct file_state {
	/* Direct WRITEs that were answered. */
	atomic_ullong done;
	atomic_uint opens, releases;
	/* Counted at the server: two direct writes met; a direct write came while somebody mapped. */
	atomic_ullong met, alone_in_caching;
};

enum phase { RUN, QUIET, OVER };

struct arena {
	struct trace trace;
	struct plan plan;
	struct actor actors[MAX_ACTORS];
	unsigned int n_actors;
	struct file_state files[MAX_FILES];
	volatile enum phase phase;
	/* WRITEs of this file are answered when two are there; -1: of none. */
	volatile int meet;
	atomic_bool served;
	/* What the kernel has no idea of, or NULL: then nothing is tried. */
	const char *volatile missing;
	atomic_bool failed;
	char reason[REASON_BYTES];
	/* Orders everything that is judged. */
	atomic_ullong clock;
	/* For each call: how many ended, how long the longest took in nanoseconds. */
	atomic_ullong calls[N_CALLS], longest[N_CALLS];
	/* Words judged, those that could not be since too much was written meanwhile, and those that were half old and half new. */
	atomic_ullong judged, unjudged, torn;
	/* Reads that saw what a cached write had replaced whose pages were dropped meanwhile, and the first of them. */
	atomic_ullong brought_back;
	char brought_back_by[REASON_BYTES];
	/* Waits for caching mode that were seen; inodes that were evicted; actors that were killed; quiet points. */
	atomic_ullong waits_seen, evicted, kills, quiets;
};

extern struct arena *arena;

/* Makes the arena, with its trace ready. Returns 0 or -errno. */
int arena_create(void);

/* Reads "stress seed=1 seconds=60 …" into arena->plan. Returns 0, or -1 for a text that is none. */
int plan_read(const char *text);

int64_t now_nsec(void);

/* 0 to below - 1, from the actor's own stream. */
uint64_t draw(uint64_t *random, uint64_t below);

/* The first failure counts; everybody stops. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As fail(), but everybody goes on. */
void note_brought_back(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
