// SPDX-License-Identifier: GPL-2.0-only
/* Counts durations; see histogram.h. A value below 128 is its own bucket; of larger ones the seven highest bits are. */
#include <stdio.h>

#include "histogram.h"

#define SUB_BUCKETS	(1u << SUB_BUCKET_BITS)
/* "18446744073709551615*4294967295 " and the end. */
#define MOST_ENTRY	33

static unsigned int bucket_of(uint64_t nsec)
{
	unsigned int shift;

	if (nsec >= 1ull << MOST_BITS)
		nsec = (1ull << MOST_BITS) - 1;
	if (nsec < 2 * SUB_BUCKETS)
		return nsec;
	shift = 63 - __builtin_clzll(nsec) - SUB_BUCKET_BITS;
	return shift * SUB_BUCKETS + (nsec >> shift);
}

static uint64_t middle_of(unsigned int bucket)
{
	unsigned int shift = bucket < 2 * SUB_BUCKETS ? 0 : bucket / SUB_BUCKETS - 1;
	uint64_t least = (uint64_t)(bucket - shift * SUB_BUCKETS) << shift;

	return least + ((1ull << shift) >> 1);
}

void histogram_add(struct histogram *histogram, uint64_t nsec, bool done)
{
	histogram->counts[bucket_of(nsec)]++;
	histogram->done += done;
}

void histogram_join(struct histogram *to, const struct histogram *from)
{
	unsigned int i;

	to->done += from->done;
	for (i = 0; i < N_BUCKETS; i++)
		to->counts[i] += from->counts[i];
}

unsigned int histogram_print(const struct histogram *histogram, unsigned int from, char *text, size_t room)
{
	unsigned int bucket;
	size_t len = 0;

	text[0] = '\0';
	for (bucket = from; bucket < N_BUCKETS; bucket++) {
		if (!histogram->counts[bucket])
			continue;
		if (room - len < MOST_ENTRY)
			break;
		len += sprintf(text + len, "%s%llu*%u", len ? " " : "", (unsigned long long)middle_of(bucket), histogram->counts[bucket]);
	}
	return bucket;
}
