/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is there before it is used, so that no scene takes a page fault that it did not ask for. */
#ifndef DIORAMA_MEMORY_H
#define DIORAMA_MEMORY_H

/* Brings all of the process's memory in, writable memory as its own; what is mapped later is not touched. */
void memory_touch(void);

/* The same for so much of this thread's stack as anything here needs. */
void memory_touch_stack(void);

#endif
