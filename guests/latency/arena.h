/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processes of a measurement share. */
#ifndef DIORAMA_LATENCY_ARENA_H
#define DIORAMA_LATENCY_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "trace.h"

#define MAX_WRITERS	8
#define MAX_DELAYS	8
/* The writers, a reader and a mapper. */
#define MAX_ACTORS	(MAX_WRITERS + 2)
#define IO_BYTES	4096u
/* Of each writer, so that no two write the same. */
#define REGION_BYTES	(32 * IO_BYTES)
#define FILE_BYTES	(MAX_WRITERS * REGION_BYTES)
#define FILE_PATH	"/mnt/file"

enum operation { OP_PWRITE, OP_PREAD, OP_OPEN, OP_MMAP, OP_LOAD, OP_STORE, OP_MSYNC, OP_MUNMAP, OP_CLOSE, N_OPS };

/* What is to be measured. */
struct plan {
	unsigned int warm_usec, window_usec;
	unsigned int writers[MAX_WRITERS], n_writers;
	unsigned int delays_usec[MAX_DELAYS], n_delays;
};

struct arena {
	struct trace trace;
	struct plan plan;
	/* Of the cell that is being measured: how long the server keeps a READ or WRITE, who has begun, and the window. */
	atomic_uint delay_usec, ready;
	atomic_bool go, over, served, can_map;
	atomic_llong window_began, window_ended;
	/* The first call that failed, and its errno. */
	atomic_int failed;
	const char *_Atomic failed_call;
	struct histogram histograms[MAX_ACTORS][N_OPS];
};

extern struct arena *arena;

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t now_nsec(void);

const char *operation_name(enum operation operation);

#endif
