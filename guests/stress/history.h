/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which writes may explain what is read. Every write gives each block it covers a version of its own and fills it with that, and the arena's
 * clock says when it began and ended. A read may see a version whose write goes on, or one that no other write has replaced that began
 * after it had ended, and itself ended before the read began: a regular register (Lamport, On interprocess communication, 1986) with
 * several writers.
 *
 * A store to a mapping writes a page that may have been read before another write came, and whose other words are written back with it. So
 * while a store to the block that met a write is under way, the version before that write may still be seen. Words are torn only by what is
 * written while they are read.
 *
 * A write through the page cache may have met an open or an mmap, which drop the page that it has filled: what is read in again before the server has
 * stored the write stays (docs/findings/k8-cached-write-outlived-by-its-page.md). That is no right, but no end either: it is noted, and the stress
 * goes on.
 */
#ifndef DIORAMA_HISTORY_H
#define DIORAMA_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"

enum write_kind { WRITE_CALL, WRITE_CACHED, WRITE_STORE, WRITE_ZEROS };

/* Makes room, in memory that later forks share, and gives every block of every file its first version. Returns 0 or -errno. */
int history_create(void);

/* The version that a block had when everything began. */
uint64_t history_first(unsigned int file, unsigned int block);

/* A write by `actor` begins; returns what to fill the block with. */
uint64_t history_begin(struct actor *actor, unsigned int block, enum write_kind kind);

/* All writes that the actor has begun have ended: `whole`, or some words of them may not have been written. */
void history_end(struct actor *actor, bool whole);

/* A call that drops what is cached of the actor's file begins or ends. */
void history_drop(struct actor *actor, bool begins);

/* When a read begins: what history_judge() must be given. */
uint64_t history_now(void);

/* A read: when it began, whether it may have been answered from the page cache, and who read by what. */
struct read_way {
	uint64_t began;
	bool through_cache;
	const char *how;
};

/*
 * Judges what a read saw of a block: `words` of them from the block's beginning. Fails the stress when no write explains one; what was read through
 * the cache and only a dropped page of a cached write explains is noted.
 */
void history_judge(unsigned int file, unsigned int block, const uint64_t *words, size_t n_words, struct read_way way);

#endif
