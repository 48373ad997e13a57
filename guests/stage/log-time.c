// SPDX-License-Identifier: GPL-2.0-only
/* Ties the two clocks; see log-time.h. */
#include <errno.h>
#include <fcntl.h>
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

static int64_t since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * NSEC_PER_SEC + (now.tv_nsec - start->tv_nsec);
}

/* "7,412,82164,-;diorama": level, number, microseconds (Documentation/ABI/testing/dev-kmsg). */
static int64_t microseconds_of(const char *record)
{
	const char *at = strchr(record, ',');

	at = at ? strchr(at + 1, ',') : NULL;
	return at ? strtoll(at + 1, NULL, 10) : -1;
}

void trace_log_time(const struct trace *trace)
{
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_BYTES];
	int64_t before, after;
	struct line line;
	ssize_t len;

	if (fd < 0)
		return;
	if (lseek(fd, 0, SEEK_END) < 0 || klogctl(CONSOLE_LEVEL, NULL, ALL_BUT_DEBUG))
		goto out;
	/* Once for the caches: what is measured is the second. */
	if (write(fd, mark, sizeof(mark) - 1) < 0 || read(fd, record, sizeof(record) - 1) <= 0)
		goto loud;
	before = since(&trace->start);
	len = write(fd, mark, sizeof(mark) - 1);
	after = since(&trace->start);
	if (len < 0)
		goto loud;
	len = read(fd, record, sizeof(record) - 1);
	if (len <= 0)
		goto loud;
	record[len] = '\0';
	line_begin(&line, "log");
	line_number(&line, "at", before);
	line_number(&line, "within", after - before);
	line_number(&line, "us", microseconds_of(record));
	line_end(&line);
loud:
	klogctl(CONSOLE_LEVEL, NULL, ALL);
out:
	close(fd);
}
