/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that an actor can be told to do, one at a time, each traced before it starts and when it has returned. Those on
 * open files are in calls.c, those on memory in memory-calls.c, those that move bytes elsewhere in move-calls.c, asynchronous io in
 * async-calls.c.
 */
#ifndef DIORAMA_CALLS_H
#define DIORAMA_CALLS_H

#include <stddef.h>
#include <sys/types.h>

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
	/* Those whose handle got another mapping while they were there. */
	struct mapping lost[MAX_HANDLES];
	int n_lost;
	/* Threads that are actors and have not been sent home. */
	int at_work;
};

struct async;

/* An actor in its thread, with the memory that its calls use. */
struct performer {
	struct process *process;
	int actor;
	/* MAX_IO_BYTES, touched beforehand, so that no call faults its buffer unless the scene wants it (known defect K1). */
	unsigned char *buffer;
	/* MAX_IO_BYTES, never touched. */
	unsigned char *fresh;
	/* Made when the actor first submits something. */
	struct async *async;
	/* Forks the process for the child of `step`; returns as fork(2) in the parent, never in the child. */
	pid_t (*fork)(struct performer *performer, const struct step *step);
};

struct outcome {
	long ret;
	int error;
	int signal;
	/* What was read, when something was. */
	const unsigned char *data;
	size_t data_len;
};

void calls_prepare(struct process *process, const struct program *program);

void calls_do(struct performer *performer, const struct step *step);

/* Unmaps and closes everything that the process has of a scene, in the order in which an exit would. */
void calls_end(const struct process *process);

/* The families of calls; each sets *outcome, errors included. */
void memory_call(struct performer *performer, const struct step *step, struct outcome *outcome);
void move_call(struct performer *performer, const struct step *step, struct outcome *outcome);
void async_call(struct performer *performer, const struct step *step, struct outcome *outcome);

/* Everything that a call needs and that is not the call itself, before it is traced. Returns 0 or -errno. */
int move_prepare(struct performer *performer, const struct step *step);
int async_prepare(struct performer *performer, const struct step *step);

/* Sets ret, and errno when it is negative. */
void outcome_set(struct outcome *outcome, long ret);
void outcome_data(struct outcome *outcome, const unsigned char *data);

#endif
