import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';

const root = join(import.meta.dirname, '../../..');

/** Reads durations, and prints what the histogram has of them, in lines as short as they may be. */
const driver = `
#include <stdio.h>
#include "histogram.h"

int main(void)
{
	static struct histogram one, all;
	unsigned int next = 0;
	unsigned long long nsec;
	char text[40];

	while (scanf("%llu", &nsec) == 1)
		histogram_add(&one, nsec, nsec % 2);
	histogram_join(&all, &one);
	printf("%llu\\n", (unsigned long long)all.done);
	while (next < N_BUCKETS) {
		next = histogram_print(&all, next, text, sizeof(text));
		puts(text);
	}
	return 0;
}
`;

function makeDriver(dir: string): (durations: readonly number[]) => { readonly done: number; readonly counts: (readonly [number, number])[] } {
  const [source, program] = [join(dir, 'driver.c'), join(dir, 'driver')];
  writeFileSync(source, driver);
  const folder = join(root, 'guests/latency');
  execFileSync('gcc', ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', `-I${folder}`, '-o', program, source, join(folder, 'histogram.c')]);
  return (durations) => {
    const [done = '', ...lines] = execFileSync(program, { input: durations.join('\n'), encoding: 'utf8' }).trimEnd().split('\n');
    const pairs = lines.join(' ').split(' ').filter(Boolean).map((pair) => pair.split('*').map(Number));
    return { done: Number(done), counts: pairs.map(([ns = 0, times = 0]): readonly [number, number] => [ns, times]) };
  };
}

t.test('every duration is counted once, within a 64th of what it was, in ascending order', async (t) => {
  const count = makeDriver(t.testdir());
  const duration = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 63 }).chain((low) => fc.integer({ min: 7, max: 36 }).map((bits) => 2 ** bits - 1 + low)));
  fc.assert(fc.property(fc.array(duration, { minLength: 1, maxLength: 40 }), (durations) => {
    const { done, counts } = count(durations);
    const seen = counts.flatMap(([ns, times]) => Array.from({ length: times }, () => ns));
    const sorted = [...durations].sort((a, b) => a - b);
    return done === durations.filter((ns) => ns % 2 === 1).length && seen.length === sorted.length && seen.every((ns, index) => Math.abs(ns - (sorted[index] ?? 0)) <= (sorted[index] ?? 0) / 64 + 0.5);
  }), { numRuns: 60 });
});

t.test('what takes longer than two minutes counts as that', async (t) => {
  const [[ns = 0, times] = []] = makeDriver(t.testdir())([2 ** 40]).counts;
  t.equal(times, 1);
  t.ok(ns > 2 ** 36 && ns < 2 ** 37);
});
