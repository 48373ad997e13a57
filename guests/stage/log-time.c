// SPDX-License-Identifier: GPL-2.0-only
/* Ties the two clocks; see log-time.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "log-time.h"
#include "trace.h"

#define RECORD_BYTES	1024
#define NSEC_PER_SEC	1000000000LL

/* syslog(2), SYSLOG_ACTION_CONSOLE_LEVEL; messages below the level go to the console. */
#define CONSOLE_LEVEL	8
#define ALL_BUT_DEBUG	7
#define ALL		8

static const char mark[] = "<7>diorama\n";

/* Nanoseconds of CLOCK_MONOTONIC; without a record nothing is traced. */
static struct {
	int64_t at, within, us;
	bool made;
} tie;

static int64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec * NSEC_PER_SEC + time->tv_nsec;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return nanoseconds(&time);
}

/* "7,412,82164,-;diorama": level, number, microseconds (Documentation/ABI/testing/dev-kmsg). */
static int64_t microseconds_of(const char *record)
{
	const char *at = strchr(record, ',');

	at = at ? strchr(at + 1, ',') : NULL;
	return at ? strtoll(at + 1, NULL, 10) : -1;
}

void log_time_tie(void)
{
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_BYTES];
	ssize_t len;

	if (fd < 0)
		return;
	if (lseek(fd, 0, SEEK_END) < 0 || klogctl(CONSOLE_LEVEL, NULL, ALL_BUT_DEBUG))
		goto out;
	/* Once for the caches: what is measured is the second. */
	if (write(fd, mark, sizeof(mark) - 1) < 0 || read(fd, record, sizeof(record) - 1) <= 0)
		goto loud;
	tie.at = now();
	len = write(fd, mark, sizeof(mark) - 1);
	tie.within = now() - tie.at;
	if (len < 0)
		goto loud;
	len = read(fd, record, sizeof(record) - 1);
	if (len <= 0)
		goto loud;
	record[len] = '\0';
	tie.us = microseconds_of(record);
	tie.made = true;
loud:
	klogctl(CONSOLE_LEVEL, NULL, ALL);
out:
	close(fd);
}

void log_time_trace(const struct trace *trace)
{
	struct line line;

	if (!tie.made)
		return;
	line_begin(&line, "log");
	line_number(&line, "at", tie.at - nanoseconds(&trace->start));
	line_number(&line, "within", tie.within);
	line_number(&line, "us", tie.us);
	line_end(&line);
}
