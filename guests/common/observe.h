/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at tasks without disturbing them: /proc/TID/{stat,wchan,stack} only, none of which takes mmap_lock
 * (fs/proc/array.c do_task_stat, fs/proc/base.c proc_pid_wchan and proc_pid_stack).
 */
#ifndef DIORAMA_OBSERVE_H
#define DIORAMA_OBSERVE_H

#include <stdbool.h>
#include <sys/types.h>

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

/* Its state and the function that it sleeps in; the stack stays empty. */
void observe_glance(pid_t tid, struct sight *sight);

void observe(pid_t tid, struct sight *sight);

/* Looks again at what was seen as *sight; true when it sleeps elsewhere now, or not any more. A stack costs most, so it is read only then. */
bool observe_change(pid_t tid, struct sight *sight);

#endif
