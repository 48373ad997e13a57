// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of the trace; see report.h.
 *
 *	{"n":3,"t":1000213388,"e":"tally","seed":7,"judged":91136,"unjudged":0,"met":212,…,"mmap":14,"mmap_us":20194}
 *	{"n":90,"t":…,"e":"fail","reason":"reader0.1's load saw write 17 of writer0.2 …"}
 *	{"n":91,"t":…,"e":"last","who":"reader0.1","call":"load","off":4096,"len":4096,"at":…,"took":…,"ret":4096}
 *	{"n":92,"t":…,"e":"where","who":"mapper0.1","call":"mmap","state":"D","in":"fuse_file_cached_io_open","stack":"…"}
 */
#include <stdio.h>

#include "calls.h"
#include "observe.h"
#include "report.h"
#include "trace.h"

#define NSEC_PER_USEC 1000

static uint64_t sum_of(size_t offset)
{
	unsigned int file;
	uint64_t sum = 0;

	for (file = 0; file < arena->plan.files; file++)
		sum += atomic_load((atomic_ullong *)((char *)&arena->files[file] + offset));
	return sum;
}

void report_tally(const char *event)
{
	struct line line;
	char key[24];
	int call;

	line_begin(&line, event);
	line_number(&line, "seed", arena->plan.seed);
	line_number(&line, "max_write", arena->plan.max_write);
	line_number(&line, "judged", atomic_load(&arena->judged));
	line_number(&line, "unjudged", atomic_load(&arena->unjudged));
	line_number(&line, "torn", atomic_load(&arena->torn));
	line_number(&line, "brought_back", atomic_load(&arena->brought_back));
	line_number(&line, "met", sum_of(offsetof(struct file_state, met)));
	line_number(&line, "exclusive", sum_of(offsetof(struct file_state, alone_in_caching)));
	line_number(&line, "waits", atomic_load(&arena->waits_seen));
	line_number(&line, "evicted", atomic_load(&arena->evicted));
	line_number(&line, "kills", atomic_load(&arena->kills));
	line_number(&line, "quiets", atomic_load(&arena->quiets));
	for (call = 0; call < N_CALLS; call++) {
		line_number(&line, call_name(call), atomic_load(&arena->calls[call]));
		snprintf(key, sizeof(key), "%s_us", call_name(call));
		line_number(&line, key, atomic_load(&arena->longest[call]) / NSEC_PER_USEC);
	}
	line_end(&line);
}

void report_missing(void)
{
	struct line line;

	line_begin(&line, "skip");
	line_text(&line, "missing", arena->missing);
	line_end(&line);
}

void report_brought_back(void)
{
	struct line line;

	line_begin(&line, "brought-back");
	line_text(&line, "reason", arena->brought_back_by);
	line_end(&line);
}

static int64_t since_start(int64_t nsec)
{
	return nsec - (arena->trace.start.tv_sec * 1000000000LL + arena->trace.start.tv_nsec);
}

static void report_event(const struct actor *actor, const struct event *event)
{
	struct line line;

	line_begin(&line, "last");
	line_text(&line, "who", actor->name);
	line_text(&line, "call", call_name(event->call));
	if (event->call == CALL_OPEN)
		line_text(&line, "mode", event->cached ? "cached" : "direct");
	line_number(&line, "off", event->off);
	line_number(&line, "len", event->len);
	line_number(&line, "at", since_start(event->began));
	if (event->ended) {
		line_number(&line, "took", event->ended - event->began);
		line_number(&line, "ret", event->ret);
	}
	line_end(&line);
}

/* Where somebody is who has not come out of a call. */
static void report_place(const struct actor *actor, const struct event *event)
{
	struct sight sight;
	struct line line;

	observe(actor->pid, &sight);
	line_begin(&line, "where");
	line_text(&line, "who", actor->name);
	line_text(&line, "call", call_name(event->call));
	line_text(&line, "state", (char[]){ sight.state ?: '?', '\0' });
	line_text(&line, "in", sight.wchan);
	line_text(&line, "stack", sight.stack);
	line_end(&line);
}

void report_failure(void)
{
	struct line line;
	unsigned int i, n;

	line_begin(&line, "fail");
	line_text(&line, "reason", arena->reason);
	line_end(&line);
	for (i = 0; i < arena->n_actors; i++) {
		const struct actor *actor = &arena->actors[i];
		unsigned int from = actor->n_events > LAST_EVENTS ? actor->n_events - LAST_EVENTS : 0;

		for (n = from; n < actor->n_events; n++)
			report_event(actor, &actor->events[n % LAST_EVENTS]);
		if (n > from && !actor->events[(n - 1) % LAST_EVENTS].ended)
			report_place(actor, &actor->events[(n - 1) % LAST_EVENTS]);
	}
}
