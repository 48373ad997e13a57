// SPDX-License-Identifier: GPL-2.0-only
/* Touches memory; see memory.h. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"
#include "trace.h"

/* A line of the trace, a task's stack as text, and what glibc needs to format them. */
#define STACK_ROOM	(32u << 10)

/* mlock(2) faults writable private pages in as if they were written to, so what a fork left shared is not any more. */
void memory_touch(void)
{
	if (mlockall(MCL_CURRENT) || munlockall())
		trace_trouble("the memory of a process", errno);
}

void memory_touch_stack(void)
{
	volatile char room[STACK_ROOM];
	size_t i;

	for (i = 0; i < sizeof(room); i += 1024)
		room[i] = 0;
}
