import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** NUL-separated programs in, a line for each out. */
const driver = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "program.h"

int main(void)
{
	static char all[8 << 20];
	static struct program program;
	size_t len = fread(all, 1, sizeof(all), stdin), from, to;

	for (from = 0; from < len; from = to + 1) {
		const char *why = NULL;
		char *text;
		int line;

		for (to = from; to < len && all[to]; to++)
			;
		/* As large as the text, so that a byte too far is seen. */
		text = malloc(to - from + 1);
		memcpy(text, all + from, to - from);
		text[to - from] = 0;
		line = program_read(text, &program, &why);
		if (line)
			printf("line %d: %s\\n", line, why);
		else
			printf("ok files=%d actors=%d processes=%d steps=%d\\n", program.n_files, program.n_actors, program.n_processes, program.n_steps);
		free(text);
	}
	return 0;
}
`;

const stage = join(import.meta.dirname, '../../../guests/stage');
const dir = mkdtempSync(join(tmpdir(), 'guest-parser-'));
process.on('exit', () => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, 'driver.c'), driver);
const parser = join(dir, 'parser');
execFileSync('gcc', ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-fsanitize=address,undefined', '-fno-sanitize-recover', `-I${stage}`, '-o', parser, join(dir, 'driver.c'), join(stage, 'program.c')]);

/** What the guest's own parser (guests/stage/program.c), built for the host with sanitizers, says to each program. */
export function parseInGuest(programs: readonly string[]): string[] {
  const input = join(dir, 'input');
  writeFileSync(input, programs.map((program) => `${program}\0`).join(''), 'latin1');
  return execFileSync('sh', ['-c', 'exec "$0" <"$1"', parser, input], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd().split('\n');
}
