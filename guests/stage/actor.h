/* SPDX-License-Identifier: GPL-2.0-only */
/* Actors: threads that do one system call on order. Those of one process share its memory, its open files and its mappings. */
#ifndef DIORAMA_ACTOR_H
#define DIORAMA_ACTOR_H

#include "world.h"

struct cast {
	/* Write ends, one an actor: an int, the index of a step. Closing it sends the actor home. */
	int orders[MAX_ACTORS];
};

/* Forks some processes that have a thread ready and wait for a program. Returns 0 or -errno. */
int cast_prepare(struct world *world);

/*
 * Gives every process of the program, but for those that a scene forks itself, to one of these, forks more where they do not suffice, and
 * waits until each actor says that it is ready. Returns 0 or -errno.
 */
int cast_start(struct world *world, struct cast *cast);

/* Gives step number `index` to its actor; it is ACTOR_BUSY from here on until its call has returned. */
int cast_order(struct world *world, const struct cast *cast, int index);

#endif
