// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints how many thousand times a second the time stamp counter of this machine counts, which is also what a guest of TCG reads: QEMU gives it the
 * host's own (cpu_get_host_ticks(), include/qemu/timer.h, 7.2). A pair of the two clocks counts only as far as both were read at once, so a
 * busy machine makes it slower, not wrong.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define TRIES		1000
#define MEASURE_NSEC	100000000ll

struct moment {
	uint64_t ticks;
	int64_t nsec;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static struct moment read_both(void)
{
	struct moment best = { 0 };
	uint64_t least = UINT64_MAX;
	int i;

	for (i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), after;
		int64_t nsec = now();

		after = __rdtsc();
		if (after - before >= least)
			continue;
		least = after - before;
		best = (struct moment){ before + least / 2, nsec };
	}
	return best;
}

int main(void)
{
	struct moment first = read_both(), second;
	struct timespec rest = { .tv_nsec = MEASURE_NSEC };

	nanosleep(&rest, NULL);
	second = read_both();
	printf("%.0f\n", (second.ticks - first.ticks) * 1e6 / (second.nsec - first.nsec));
	return 0;
}
