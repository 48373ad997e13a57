/* SPDX-License-Identifier: GPL-2.0-only */
/* What every init of diorama does before its own work: from the kernel's first process to a template, and to a kernel with FUSE. */
#ifndef DIORAMA_BOOT_H
#define DIORAMA_BOOT_H

#include <stdbool.h>

/* Mounts what the kernel shows, and looks whether it shows what is needed; needs the ports and the trace. Does not return without. */
void boot_kernel(void);

/* Inserts the fuse.ko that the host gives, and mounts fusectl. Returns whether FUSE is part of this kernel. Does not return without FUSE. */
bool boot_fuse(void);

/* Traces the event `event`, which has nothing to say. */
void boot_say(const char *event);

/* Traces which kernel this is. */
void boot_hello(void);

/* Traces what is in the way of any work, and ends the machine. */
void boot_give_up(const char *what, int error) __attribute__((noreturn));

#endif
