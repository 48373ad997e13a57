import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Commands in, a line for each `see` out:
 *   write NAME ACTOR call|paged|store|zeros a write to block 3 of file 0 begins
 *   whole ACTOR, part ACTOR             what the actor has begun has ended
 *   drops ACTOR, dropped ACTOR          the actor's open or mmap begins, has ended
 *   read, fault                         a read begins that asks the server, or may be answered from the page cache
 *   see NAME                            it has seen this: ok, or why not
 *   torn NAME NAME                      it has seen the lower half of the one and the upper half of the other
 */
const driver = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "history.h"
#include "ports.h"

#define BLOCK 3
void ports_write(const char *bytes, size_t len) { (void)bytes; (void)len; }

static struct { char name[16]; uint64_t version; } names[1024];
static int n_names;

static uint64_t version_named(const char *name)
{
	int i;

	for (i = 0; i < n_names; i++)
		if (!strcmp(names[i].name, name))
			return names[i].version;
	if (!strcmp(name, "first"))
		return history_first(0, BLOCK);
	if (!strcmp(name, "elsewhere"))
		return history_first(0, BLOCK + 1);
	return strcmp(name, "zeros") ? 0xdeadbeefull << 32 : 0;
}

int main(void)
{
	char word[16], name[16], kind[16];
	uint64_t began = 0;
	bool through_cache = false;
	int actor, i;

	if (arena_create() || plan_read("stress seed=1 seconds=1 files=1 blocks=8 writers=3 readers=0 mappers=0 openers=0 delay=0 beside=0") || history_create())
		return 1;
	for (i = 0; i < 8; i++) {
		arena->actors[i] = (struct actor){ .id = i, .writes = i * 100 };
		arena->n_actors = i + 1;
		snprintf(arena->actors[i].name, sizeof(arena->actors[i].name), "a%d", i);
	}
	while (scanf("%15s", word) == 1) {
		if (!strcmp(word, "write") && scanf("%15s %d %15s", name, &actor, kind) == 3) {
			uint64_t version = history_begin(&arena->actors[actor], BLOCK, *kind == 's' ? WRITE_STORE : *kind == 'p' ? WRITE_CACHED : *kind == 'z' ? WRITE_ZEROS : WRITE_CALL);

			snprintf(names[n_names].name, sizeof(names[0].name), "%s", name);
			names[n_names++].version = *kind == 'z' ? 0 : version;
		} else if (!strcmp(word, "read")) {
			began = history_now();
			through_cache = false;
		} else if (!strcmp(word, "fault")) {
			began = history_now();
			through_cache = true;
		} else if ((!strcmp(word, "see") || !strcmp(word, "torn")) && scanf("%15s", name) == 1) {
			uint64_t version = version_named(name), unjudged = arena->unjudged;

			if (*word == 't' && scanf("%15s", name) == 1)
				version = (version & 0xffffffff) | (version_named(name) & ~0xffffffffull);
			atomic_store(&arena->failed, false);
			atomic_store(&arena->brought_back, 0);
			history_judge(0, BLOCK, &version, 1, (struct read_way){ began, through_cache, "who reads" });
			puts(atomic_load(&arena->failed) ? arena->reason : arena->unjudged > unjudged ? "unjudged" :
			     arena->brought_back ? arena->brought_back_by : "ok");
		} else if (scanf("%d", &actor) == 1) {
			if (!strcmp(word, "drops") || !strcmp(word, "dropped"))
				history_drop(&arena->actors[actor], !strcmp(word, "drops"));
			else
				history_end(&arena->actors[actor], *word == 'w');
		}
	}
	return 0;
}
`;

const guests = join(import.meta.dirname, '../../../guests');
const dir = mkdtempSync(join(tmpdir(), 'history-'));
process.on('exit', () => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, 'driver.c'), driver);
const program = join(dir, 'history');
execFileSync('gcc', [
  '-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-fsanitize=address,undefined', '-fno-sanitize-recover', '-pthread', `-I${guests}/common`, `-I${guests}/stress`,
  '-o', program, join(dir, 'driver.c'), join(guests, 'stress/history.c'), join(guests, 'stress/arena.c'), join(guests, 'common/trace.c'),
]);

/** What the guest's own judge of reads (guests/stress/history.c), built for the host with sanitizers, says to what was seen. */
export function judgeInGuest(commands: readonly string[]): string[] {
  return execFileSync(program, { input: `${commands.join('\n')}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trimEnd().split('\n');
}
