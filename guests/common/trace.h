/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace: one JSON object a line, whole lines only, in the order in which things happened:
 *
 *	{"n":17,"t":20816611,"e":"arrive","req":14,"op":"WRITE","by":"w1","ino":2,"fh":1,"off":0,"len":4096,"data":"A*4096"}
 *
 * n counts lines from 1; t is the guest's CLOCK_MONOTONIC since the scene began, in nanoseconds.
 */
#ifndef DIORAMA_TRACE_H
#define DIORAMA_TRACE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LINE_BYTES 4096

/* What the processes that write one trace share. */
struct trace {
	pthread_mutex_t lock;
	uint64_t lines;
	/* t counts from here. */
	struct timespec start;
};

struct line {
	char text[LINE_BYTES];
	size_t len;
};

/*
 * Makes *trace ready, in memory that later forks share: this process and they write to it, and t counts from now. The lock is robust: who is
 * killed while it writes its line must not silence the rest. Returns 0 or an errno.
 */
int trace_prepare(struct trace *trace);

/* t counts from now. */
void trace_begin(void);

void line_begin(struct line *line, const char *event);
void line_text(struct line *line, const char *key, const char *value);
void line_number(struct line *line, const char *key, int64_t value);
/* Runs of equal bytes, "A*4096 B*512"; after 24 runs "...". */
void line_data(struct line *line, const char *key, const unsigned char *bytes, size_t len);
/* Numbers it, stamps it and writes it. */
void line_end(struct line *line);

/* A line of the stage about itself: something it needed did not work. The scene cannot count after that. */
void trace_trouble(const char *what, int error);

#endif
