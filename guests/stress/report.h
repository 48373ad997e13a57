/* SPDX-License-Identifier: GPL-2.0-only */
/* What a stress says on its trace. */
#ifndef DIORAMA_REPORT_H
#define DIORAMA_REPORT_H

#include "arena.h"

/* How far it is: counters. */
void report_tally(const char *event);

/* Why nothing was tried on this kernel. */
void report_missing(void);

/* What cached writes had replaced was seen again; the first time in words. */
void report_brought_back(void);

/* The failure: its reason, then the last events of every actor, and where it is in the kernel. */
void report_failure(void);

#endif
