// SPDX-License-Identifier: GPL-2.0-only
/* Writes the trace; trace.h shows a line. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ports.h"
#include "trace.h"

#define MOST_RUNS 24
#define NSEC_PER_SEC 1000000000LL

static struct trace *trace;

void trace_begin(void)
{
	clock_gettime(CLOCK_MONOTONIC, &trace->start);
}

int trace_prepare(struct trace *shared)
{
	pthread_mutexattr_t attr;
	int error = pthread_mutexattr_init(&attr);

	error = error ?: pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	error = error ?: pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	error = error ?: pthread_mutex_init(&shared->lock, &attr);
	trace = shared;
	trace_begin();
	return error;
}

static void __attribute__((format(printf, 2, 3))) add(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line->text + line->len, room, format, args);
	va_end(args);
	if (len > 0)
		line->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void add_escaped(struct line *line, const char *value)
{
	for (; *value; value++) {
		unsigned char c = *value;

		if (c == '"' || c == '\\')
			add(line, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			add(line, "\\u%04x", c);
		else
			add(line, "%c", c);
	}
}

void line_begin(struct line *line, const char *event)
{
	line->len = 0;
	add(line, "\"e\":\"%s\"", event);
}

void line_text(struct line *line, const char *key, const char *value)
{
	add(line, ",\"%s\":\"", key);
	add_escaped(line, value);
	add(line, "\"");
}

void line_number(struct line *line, const char *key, int64_t value)
{
	add(line, ",\"%s\":%lld", key, (long long)value);
}

void line_data(struct line *line, const char *key, const unsigned char *bytes, size_t len)
{
	size_t from = 0, to;
	int runs = 0;

	add(line, ",\"%s\":\"", key);
	while (from < len) {
		for (to = from + 1; to < len && bytes[to] == bytes[from]; to++)
			;
		if (runs++ == MOST_RUNS) {
			add(line, " ...");
			break;
		}
		if (runs > 1)
			add(line, " ");
		if ((bytes[from] >= 'A' && bytes[from] <= 'Z') || (bytes[from] >= 'a' && bytes[from] <= 'z'))
			add(line, "%c*%zu", bytes[from], to - from);
		else
			add(line, "0x%02x*%zu", bytes[from], to - from);
		from = to;
	}
	add(line, "\"");
}

void line_end(struct line *line)
{
	struct timespec now;
	char head[64];
	long long t;
	int len;

	if (pthread_mutex_lock(&trace->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&trace->lock);
	clock_gettime(CLOCK_MONOTONIC, &now);
	t = (now.tv_sec - trace->start.tv_sec) * NSEC_PER_SEC + (now.tv_nsec - trace->start.tv_nsec);
	len = snprintf(head, sizeof(head), "{\"n\":%llu,\"t\":%lld,", (unsigned long long)++trace->lines, t);
	ports_write(head, len);
	ports_write(line->text, line->len);
	ports_write("}\n", 2);
	pthread_mutex_unlock(&trace->lock);
}

void trace_trouble(const char *what, int error)
{
	struct line line;

	line_begin(&line, "trouble");
	line_text(&line, "what", what);
	line_text(&line, "error", error ? strerror(error) : "");
	line_end(&line);
}
