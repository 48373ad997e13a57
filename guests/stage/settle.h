/* SPDX-License-Identifier: GPL-2.0-only */
/* When a step has done what it does: nobody of the stage moves any more. */
#ifndef DIORAMA_SETTLE_H
#define DIORAMA_SETTLE_H

#include "world.h"

/*
 * Waits until nothing on the stage moves: no line was traced and no actor and not the server was running for QUIET_LOOKS looks.
 * Returns 0, or -ETIMEDOUT after looks of SETTLE_BOUND_MS in all.
 */
int settle(const struct world *world);

/* Less than a tick of 250 Hz, so that it ends with the next one: 4 ms would end with the one after that. */
#define LOOK_MS		3
#define QUIET_LOOKS	3
/* A kernel need not say where somebody sleeps: then it is believed after so many times. */
#define MOST_DOUBTS	25
#define SETTLE_BOUND_MS	10000

#endif
