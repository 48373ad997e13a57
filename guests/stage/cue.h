/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How one process of the stage tells another what to do: an eventfd that holds one number. A pipe would do as well, and costs four times as
 * much kernel code, which every clone would have to translate.
 */
#ifndef DIORAMA_CUE_H
#define DIORAMA_CUE_H

/* Not the number of a step: nothing more will come. */
#define CUE_END		(-3)

/* Returns an fd that forks share, or -errno. */
int cue_make(void);

/* Gives a number of at least CUE_END. The one before must have been taken. Returns 0 or -errno. */
int cue_give(int cue, int number);

/* Waits for a number. Returns 0 or -errno. */
int cue_take(int cue, int *number);

#endif
