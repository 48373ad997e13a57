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
 */
#ifndef DIORAMA_HISTORY_H
#define DIORAMA_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"

enum write_kind { WRITE_CALL, WRITE_STORE, WRITE_ZEROS };

/* Makes room, in memory that later forks share, and gives every block of every file its first version. Returns 0 or -errno. */
int history_create(void);

/* The version that a block had when everything began. */
uint64_t history_first(unsigned int file, unsigned int block);

/* A write by `actor` begins; returns what to fill the block with. */
uint64_t history_begin(struct actor *actor, unsigned int block, enum write_kind kind);

/* All writes that the actor has begun have ended: `whole`, or some words of them may not have been written. */
void history_end(struct actor *actor, bool whole);

/* When a read begins: what history_judge() must be given. */
uint64_t history_now(void);

/*
 * Judges what a read that began at `began` saw of a block: `words` of them from the block's beginning. Fails the stress when no write
 * explains one. `how` says who read, and by what.
 */
void history_judge(unsigned int file, unsigned int block, const uint64_t *words, size_t n_words, uint64_t began, const char *how);

#endif
