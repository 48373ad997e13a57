// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first program of a guest that measures on the wall clock. It boots each time anew, since one boot's memory layout may be another's luck, and
 * does what its program says, one line that harness/engine/measure-boot.ts writes. A cell is a number of writers, a time that the server keeps
 * requests, and whether somebody maps the file meanwhile.
 *
 *	{"n":1,"t":0,"e":"hello","release":"6.12.107"}
 *	{"n":2,"t":…,"e":"latency","mode":"mapped","writers":4,"delay_us":500,"op":"mmap","window_ns":500071243,"done":81,"counts":"18432*3 18688*7"}
 *	{"n":3,"t":…,"e":"more","counts":"…"}		what did not fit into the line before
 *	{"n":90,"t":…,"e":"missing","what":"…"}		why nobody maps on this kernel
 *	{"n":99,"t":…,"e":"end"}			without this line it is a crash
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "actors.h"
#include "arena.h"
#include "boot.h"
#include "ports.h"
#include "server.h"
#include "session.h"

#define PROGRAM_FILE	"opt/diorama/program"
#define NSEC_PER_SEC	1000000000LL
#define USEC_PER_MSEC	1000
/* Of a line of the trace, beside what else is in it. */
#define COUNTS_BYTES	(LINE_BYTES - 512)

struct arena *arena;

int64_t now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

const char *operation_name(enum operation operation)
{
	static const char *const names[N_OPS] = {
		[OP_PWRITE] = "pwrite", [OP_PREAD] = "pread", [OP_OPEN] = "open", [OP_MMAP] = "mmap", [OP_LOAD] = "load",
		[OP_STORE] = "store", [OP_MSYNC] = "msync", [OP_MUNMAP] = "munmap", [OP_CLOSE] = "close",
	};

	return names[operation];
}

static int create_arena(void)
{
	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return arena == MAP_FAILED ? -errno : -trace_prepare(&arena->trace);
}

/* "1,2,4" behind `key`. Returns how many there are, 0 when that is none or too many. */
static unsigned int read_numbers(const char *text, const char *key, unsigned int *numbers, unsigned int most)
{
	const char *at = strstr(text, key);
	unsigned int n = 0;
	char *end;

	if (!at)
		return 0;
	for (at += strlen(key); n < most; at = end + 1) {
		numbers[n++] = strtoul(at, &end, 10);
		if (end == at)
			return 0;
		if (*end != ',')
			return n;
	}
	return 0;
}

static int read_plan(const char *text)
{
	struct plan *plan = &arena->plan;
	unsigned int warm, window, i;

	plan->n_writers = read_numbers(text, " writers=", plan->writers, MAX_WRITERS);
	plan->n_delays = read_numbers(text, " delays=", plan->delays_usec, MAX_DELAYS);
	if (strncmp(text, "latency ", 8) || !plan->n_writers || !plan->n_delays ||
	    read_numbers(text, " warm=", &warm, 1) != 1 || read_numbers(text, " window=", &window, 1) != 1)
		return -1;
	for (i = 0; i < plan->n_writers; i++)
		if (!plan->writers[i] || plan->writers[i] > MAX_WRITERS)
			return -1;
	plan->warm_usec = warm * USEC_PER_MSEC;
	plan->window_usec = window * USEC_PER_MSEC;
	return 0;
}

static void load_plan(void)
{
	size_t len;
	char *text = ports_read_file(PROGRAM_FILE, &len);

	if (!text)
		boot_give_up("the program " PROGRAM_FILE, ENOENT);
	if (read_plan(text))
		boot_give_up("a plan", EINVAL);
	free(text);
}

static void report(enum operation operation, unsigned int writers, bool mapped)
{
	static struct histogram all;
	char counts[COUNTS_BYTES];
	unsigned int i, next;
	struct line line;

	memset(&all, 0, sizeof(all));
	for (i = 0; i < MAX_ACTORS; i++)
		histogram_join(&all, &arena->histograms[i][operation]);
	next = histogram_print(&all, 0, counts, sizeof(counts));
	line_begin(&line, "latency");
	line_text(&line, "mode", mapped ? "mapped" : "alone");
	line_number(&line, "writers", writers);
	line_number(&line, "delay_us", arena->delay_usec);
	line_text(&line, "op", operation_name(operation));
	line_number(&line, "window_ns", arena->window_ended - arena->window_began);
	line_number(&line, "done", all.done);
	line_text(&line, "counts", counts);
	line_end(&line);
	while (next < N_BUCKETS) {
		next = histogram_print(&all, next, counts, sizeof(counts));
		line_begin(&line, "more");
		line_text(&line, "counts", counts);
		line_end(&line);
	}
}

static void measure(unsigned int writers, bool mapped)
{
	enum operation operation;
	int error = measure_cell(writers, mapped);

	if (error)
		boot_give_up(arena->failed_call, -error);
	for (operation = 0; operation < N_OPS; operation++)
		if (mapped || operation == OP_PWRITE || operation == OP_PREAD)
			report(operation, writers, mapped);
}

int main(void)
{
	struct plan *plan;
	unsigned int d, w;
	pid_t server;

	if (ports_open() || create_arena())
		return 1;
	boot_kernel();
	ports_open_window();
	trace_begin();
	boot_hello();
	load_plan();
	boot_fuse();
	server = server_start();
	if (server < 0)
		boot_give_up("the server", -server);
	session_await(&arena->served);
	if (!arena->can_map) {
		struct line line;

		line_begin(&line, "missing");
		line_text(&line, "what", "FUSE_DIRECT_IO_ALLOW_MMAP");
		line_end(&line);
	}
	plan = &arena->plan;
	for (d = 0; d < plan->n_delays; d++) {
		arena->delay_usec = plan->delays_usec[d];
		for (w = 0; w < plan->n_writers; w++) {
			measure(plan->writers[w], false);
			if (arena->can_map)
				measure(plan->writers[w], true);
		}
	}
	boot_say("end");
	ports_exit(0);
}
