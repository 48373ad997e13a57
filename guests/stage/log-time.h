/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log has a clock of its own (sched_clock()), the trace another (CLOCK_MONOTONIC). One record, written to /dev/kmsg for the
 * purpose and kept off the console, is read back with its stamp and ties the two:
 *
 *	{"n":6,"t":5403100,"e":"log","at":5390020,"within":4210,"us":87422}
 *
 * The record was written between `at` and `at` + `within` nanoseconds of the trace's clock; its own stamp is `us` microseconds.
 */
#ifndef DIORAMA_LOG_TIME_H
#define DIORAMA_LOG_TIME_H

#include "trace.h"

/* Nothing is traced where the kernel has no such log. */
void trace_log_time(const struct trace *trace);

#endif
