/* SPDX-License-Identifier: GPL-2.0-only */
/* Actors: threads that do one system call on order. Those of one process share its memory, its open files and its mappings. */
#ifndef DIORAMA_ACTOR_H
#define DIORAMA_ACTOR_H

#include "world.h"

/* Forks some processes that have a thread ready and wait for a program. Returns 0 or -errno. */
int cast_prepare(struct world *world);

/*
 * Gives every process of the program, but for those that a scene forks itself, to one of these, forks more where they do not suffice, and
 * waits until each actor says that it is ready. Returns 0 or -errno.
 */
int cast_start(struct world *world);

/* Gives step number `index` to its actor; it is ACTOR_BUSY from here on until its call has returned. */
int cast_order(struct world *world, int index);

/* Sends everybody home when they have done what they do: the last of a process to go leaves nothing of the scene. Returns 0 or -errno. */
int cast_dismiss(const struct world *world);

#endif
