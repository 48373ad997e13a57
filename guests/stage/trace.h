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

#include <stddef.h>
#include <stdint.h>

#include "world.h"

#define LINE_BYTES 4096

struct line {
	char text[LINE_BYTES];
	size_t len;
};

/* Every process of the stage writes the trace of this world. */
void trace_use(struct world *world);

void line_begin(struct line *line, const char *event);
void line_text(struct line *line, const char *key, const char *value);
void line_number(struct line *line, const char *key, int64_t value);
/* Runs of equal bytes, "A*4096 B*512"; after 24 runs "...". */
void line_data(struct line *line, const char *key, const unsigned char *bytes, size_t len);
/* The actor's name, where there is one. */
void line_actor(struct line *line, const char *key, int actor);
/* Numbers it, stamps it and writes it. */
void line_end(struct line *line);

/* A line of the stage about itself: something it needed did not work. The scene cannot count after that. */
void trace_trouble(const char *what, int error);

#endif
