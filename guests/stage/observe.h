/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at the stage without disturbing it: /proc/PID/task/TID/{stat,wchan,stack} only, none of which takes mmap_lock
 * (fs/proc/array.c do_task_stat, fs/proc/base.c proc_pid_wchan and proc_pid_stack).
 */
#ifndef DIORAMA_OBSERVE_H
#define DIORAMA_OBSERVE_H

#include "world.h"

#define STACK_BYTES 512

struct sight {
	/* R, S, D, Z, … or 0 when the thread is gone. */
	char state;
	/* The kernel function that it sleeps in, "" when it does not. */
	char wchan[64];
	/* Function names, innermost first, separated by blanks. */
	char stack[STACK_BYTES];
};

/* Its scheduler state alone. */
char observe_state(pid_t tid);

void observe(pid_t tid, struct sight *sight);

/* Looks again at what was seen as *sight; true when it sleeps elsewhere now, or not any more. A stack costs most, so it is read only then. */
bool observe_change(pid_t tid, struct sight *sight);

/*
 * Waits until nothing on the stage moves: no line was traced and no actor and not the server was running for QUIET_LOOKS looks.
 * Returns 0, or -ETIMEDOUT after looks of SETTLE_BOUND_MS in all.
 */
int observe_settle(const struct world *world);

/* Less than a tick of 250 Hz, so that it ends with the next one: 4 ms would end with the one after that. */
#define LOOK_MS		3
#define QUIET_LOOKS	3
/* A kernel need not say where somebody sleeps: then it is believed after so many times. */
#define MOST_DOUBTS	25
#define SETTLE_BOUND_MS	10000

#endif
