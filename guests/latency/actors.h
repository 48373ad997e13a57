/* SPDX-License-Identifier: GPL-2.0-only */
/* Those whose calls are measured. */
#ifndef DIORAMA_LATENCY_ACTORS_H
#define DIORAMA_LATENCY_ACTORS_H

#include <stdbool.h>

/*
 * Lets writers and a reader work by direct io on one file through a window, and, when that is asked for, somebody map it again and again.
 * What their calls took is in arena->histograms. Returns 0 or -errno; arena->failed_call says which.
 */
int measure_cell(unsigned int writers, bool mapped);

#endif
