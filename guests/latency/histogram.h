/* SPDX-License-Identifier: GPL-2.0-only */
/* Durations, counted in buckets that are 1/64 of their value wide at most: a high dynamic range histogram (HdrHistogram's log-linear buckets). */
#ifndef DIORAMA_HISTOGRAM_H
#define DIORAMA_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUB_BUCKET_BITS	6
/* Up to 2^37 ns, two minutes; what is longer counts as that. */
#define MOST_BITS	37
#define N_BUCKETS	((MOST_BITS - SUB_BUCKET_BITS + 1) << SUB_BUCKET_BITS)

struct histogram {
	/* Those that ended within the window; the buckets also have those that it cut. */
	uint64_t done;
	uint32_t counts[N_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t nsec, bool done);

/* Adds all of *from to *to. */
void histogram_join(struct histogram *to, const struct histogram *from);

/*
 * Writes buckets from number `from` on as "NSEC*COUNT NSEC*COUNT", NSEC being the bucket's middle, as many as there is room for.
 * Returns the bucket to go on with, N_BUCKETS when that were all.
 */
unsigned int histogram_print(const struct histogram *histogram, unsigned int from, char *text, size_t room);

#endif
