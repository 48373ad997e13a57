// SPDX-License-Identifier: GPL-2.0-only
/* Numbers from process to process; see cue.h. */
#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cue.h"

/* What stands for CUE_END in the counter, which is no number when it is 0. */
#define FIRST 1

int cue_make(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int cue_give(int cue, int number)
{
	uint64_t counter = (int64_t)number - CUE_END + FIRST;

	return write(cue, &counter, sizeof(counter)) == sizeof(counter) ? 0 : -errno;
}

int cue_take(int cue, int *number)
{
	uint64_t counter;

	if (read(cue, &counter, sizeof(counter)) != sizeof(counter))
		return -errno;
	*number = (int64_t)counter - FIRST + CUE_END;
	return 0;
}
