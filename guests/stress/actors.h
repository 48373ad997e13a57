/* SPDX-License-Identifier: GPL-2.0-only */
/* Who works on the files: processes that do one round after another, each of the kind of its role. */
#ifndef DIORAMA_ACTORS_H
#define DIORAMA_ACTORS_H

#include "arena.h"

/* Gives every actor of the plan its place in the arena. */
void actors_cast(void);

/* Starts the actor's process, for the first time or again after it was killed. Returns 0 or -errno. */
int actor_start(struct actor *actor);

#endif
