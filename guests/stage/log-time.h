/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log has a clock of its own (sched_clock()), the trace another (CLOCK_MONOTONIC). One record, written to /dev/kmsg for the
 * purpose and kept off the console, is read back with its stamp and ties the two:
 *
 *	{"n":6,"t":5403100,"e":"log","at":-61390020,"within":4210,"us":87422}
 *
 * The record was written between `at` and `at` + `within` nanoseconds of the trace's clock, before the scene began; its own stamp is `us`
 * microseconds. Both clocks count the same time stamp counter, so one tie is good for a whole scene.
 */
#ifndef DIORAMA_LOG_TIME_H
#define DIORAMA_LOG_TIME_H

#include "trace.h"

/* Writes the record and keeps what came of it. */
void log_time_tie(void);

/* Traces the tie, unless there is none: not every kernel has such a log. */
void log_time_trace(const struct trace *trace);

#endif
