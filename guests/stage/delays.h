/* SPDX-License-Identifier: GPL-2.0-only */
/* A server that takes its time: reads and writes are answered a while after they came, each for itself. */
#ifndef DIORAMA_DELAYS_H
#define DIORAMA_DELAYS_H

#include "backlog.h"
#include "world.h"

/* Takes a READ or WRITE over when the program has a delay; the caller answers anything else now. */
bool delays_keep(struct world *world, struct request *request);

/* The oldest whose time has come, or with `all` the oldest, taken out; the caller answers and frees it. NULL when there is none. */
struct request *delays_take(struct world *world, bool all);

/* How long until there is one, for ppoll(); NULL when nothing is delayed. */
const struct timespec *delays_next(const struct world *world);

#endif
