/* SPDX-License-Identifier: GPL-2.0-only */
/* The system calls that an actor can be told to do, one at a time, each traced before it starts and when it has returned. */
#ifndef DIORAMA_CALLS_H
#define DIORAMA_CALLS_H

#include "program.h"

struct mapping {
	unsigned char *at;
	size_t len;
};

/* What the threads of one process share, by the handles that the program numbers. */
struct process {
	const struct program *program;
	int fds[MAX_HANDLES];
	struct mapping mappings[MAX_HANDLES];
};

void calls_prepare(struct process *process, const struct program *program);

/* Does the step's call with `buffer` (MAX_IO_BYTES) as its memory. */
void calls_do(struct process *process, const struct step *step, unsigned char *buffer);

#endif
