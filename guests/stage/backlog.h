/* SPDX-License-Identifier: GPL-2.0-only */
/* The requests that the server has and has not answered: which to hold, which are held, in the order in which they came. */
#ifndef DIORAMA_BACKLOG_H
#define DIORAMA_BACKLOG_H

#include <fuse_lowlevel.h>

#include "wire.h"

struct request {
	struct arrival arrival;
	fuse_req_t req;
	/* WRITE: what is to be written. SETATTR: the new size, or -1. */
	unsigned char *data;
	int64_t new_size;
	int open_flags;
	/* Delayed: when it is to be answered, in nanoseconds of CLOCK_MONOTONIC. */
	int64_t due;
	struct request *next;
};

/* Requests that match are held from now on; returns false when there are too many rules. */
bool backlog_hold(const struct match *match);

/* Takes back every rule equal to `match`; all rules when it matches anything. What is held stays held. */
void backlog_unhold(const struct match *match);

/* Takes the request, and its data, over when a rule says to hold it. */
bool backlog_keep(struct request *request);

/* The oldest held request that matches, taken out; the caller answers and frees it. NULL when there is none. */
struct request *backlog_take(const struct match *match);

void request_free(struct request *request);

#endif
