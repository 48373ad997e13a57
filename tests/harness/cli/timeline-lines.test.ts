import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { coloursFor } from '../../../harness/cli/colours.ts';
import { timelineLines } from '../../../harness/cli/timeline-lines.ts';
import { columnsOf } from '../../../harness/formats/wrap-text.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import { overtaken, warned } from '../report/make-run.ts';

const evidence = (scene: string, name: string): string => readFileSync(join(import.meta.dirname, '../report/evidence', scene, name), 'latin1');
const plain = coloursFor({ isTTY: false });

/** A trace as a stage that ties its clocks writes it: the log's `us` is at `at`. */
function tied(trace: string, tie: { readonly at: number; readonly us: number }): string {
  const lines = trace.split('\n').filter(Boolean);
  const begin = lines.findIndex((line) => line.includes('"e":"begin"'));
  const log = `{"n":0,"t":${tie.at + 5000},"e":"log","at":${tie.at},"within":4000,"us":${tie.us}}`;
  return [...lines.slice(0, begin), log, ...lines.slice(begin)].map((line, index) => `${line.replace(/"n":\d+/, `"n":${index + 2}`)}\n`).join('');
}

interface Change {
  readonly columns?: number;
  readonly trace?: string;
  readonly console?: string;
}

function drawn(name: string, change: Change = {}): string[] {
  const scene = readScenario(evidence(name, 'scenario.yaml'), 'scenario.yaml');
  const verdict = JSON.parse(evidence(name, 'verdict.json')) as { reason: string; step?: number };
  return timelineLines(scene, {
    trace: change.trace ?? evidence(name, 'trace'), console: change.console ?? evidence(name, 'console'), verdict, columns: change.columns ?? 120, colours: plain,
  });
}

/** The step and the words of each line; bars and times are left out. */
function column(lines: readonly string[], name: string): string[] {
  const from = lines[0]?.indexOf(name) ?? 0;
  return lines.map((line) => [...line][from] ?? ' ');
}

t.test('an actor that waits has a bar from its call to its return', async (t) => {
  const lines = drawn(overtaken);
  const at = (text: RegExp): number => lines.findIndex((line) => text.test(line));
  const bars = column(lines, 'm ');
  const [from, to] = [at(/┌ mmap/), at(/release of w2/)];
  t.ok(from > 0 && to > from);
  t.equal(bars[from], '┌');
  t.match(lines[from + 1], /┃ waits for caching mode/);
  const inside = bars.slice(from + 1, to + 1).filter((_, index) => !/✕|^ {17,}(but|it) |since step/.test(lines[from + 1 + index] ?? ''));
  t.ok(inside.every((bar) => bar === '┃'), inside.join(''));
  t.ok(bars.slice(to + 1).includes('└'));
});

t.test('what came and what had to come stand where they parted: after the requests of the step, before the next step', async (t) => {
  const lines = drawn(overtaken);
  const at = lines.findIndex((line) => line.includes('✕ here they part: w2'));
  t.match(lines[at - 1], /← WRITE 4K at 4K of w2/);
  t.match(lines[at + 1], /^ +but it must wait for the inode lock$/);
  t.match(lines.slice(at).find((line) => /^ +\d+ +\d/.test(line)), /^ +8 /);
});

t.test('a line of the console stands where its own clock says', async (t) => {
  const trace = tied(evidence(overtaken, 'trace'), { at: 1_000_000, us: 80_000 });
  const times = [...trace.matchAll(/"t":(\d+),"e":"call","step":(\d+)/g)].map(([, ns, step]) => ({ ns: Number(ns), step: Number(step) }));
  const six = times.find(({ step }) => step === 6)?.ns ?? 0;
  // 79 ms lie between the two clocks; one line comes 2 us before the call of step 6, one 2 us after it.
  const stamp = (ns: number): string => `[    ${((ns + 79_000_000) / 1e9).toFixed(6)}]`;
  const lines = drawn(overtaken, { trace, console: `${stamp(six - 2000)} before it\n${stamp(six + 2000)} after it\nwithout a stamp\n` });
  const at = (text: string): number => lines.findIndex((line) => line.includes(text));
  const mmap = lines.findIndex((line) => /^ +6 .*┌ mmap/.test(line));
  t.ok(at('before it') < mmap && mmap < at('after it'), lines.join('\n'));
  t.equal(at('without a stamp'), at('after it') + 1);
});

t.test('the console of a guest that did not tie its clocks is told whole at the end, without times', async (t) => {
  const lines = drawn(warned, { console: '[    0.100000] one\n[    0.200000] two\n' });
  const at = lines.findIndex((line) => line.includes('▐ [    0.100000] one'));
  t.match(lines[at], /^ +▐/);
  t.notOk(lines.slice(at).some((line) => line.includes('← ')));
});

t.test('no line is wider than the terminal, from 60 columns on, and nothing of the server is lost on the way', async (t) => {
  for (const name of [overtaken, warned]) {
    for (let columns = 60; columns <= 220; columns += 7) {
      const lines = drawn(name, { columns });
      t.strictSame(lines.filter((line) => columnsOf(line) > Math.min(200, columns)), [], `${name} at ${columns}`);
      const requests = evidence(name, 'trace').split('"e":"strike"')[0]?.match(/"e":"arrive"/g)?.length;
      t.equal(lines.filter((line) => line.includes('←')).length, requests);
    }
  }
});

t.test('eight actors have a lane each at 80 columns', async (t) => {
  const names = Array.from({ length: 8 }, (_, index) => `actor${index}`);
  const scene = readScenario(
    `protects: Opens of eight actors go through, one after the other.\nsource: fuse_open() (fs/fuse/file.c)\nfiles: {f: {size: 4K, fill: a}}\nactors: {${names.map((name) => `${name}: `).join(', ')}}\nsteps:\n${names.map((name) => `  - ${name}: {open: f}`).join('\n')}\n`, 'eight.yaml',
  );
  const events = names.map((who, index) => [`"e":"step","step":${index + 1}`, `"e":"call","step":${index + 1},"who":"${who}","call":"open","off":0,"len":0`, `"e":"rest","step":${index + 1}`]).flat();
  const trace = ['"e":"begin"', ...events].map((body, index) => `{"n":${index + 1},"t":${index * 1_000_000},${body}}\n`).join('');
  const lines = timelineLines(scene, { trace, console: '', verdict: { reason: '' }, columns: 80, colours: plain });
  t.match(lines.find((line) => line.includes('actor7: open')), /│ +│ +│ +│ +│ +│ +│ +┌ +actor7: open/);
  t.ok(lines.every((line) => columnsOf(line) <= 80));
});

t.test('nothing that a guest wrote reaches the terminal as it is', async (t) => {
  const console = '\u001b]0;owned\u0007[    9.000000] \u001b[31mred\u001b[0m \u202e<script>\r\nWARNING: \u001b[2Jx\n';
  const trace = evidence(overtaken, 'trace').replace('"call":"mmap"', '"call":"\\u001b[2Jmm\\nap"').replace(/"op":"WRITE"/, '"op":"\\u009b31mW"');
  const text = drawn(overtaken, { console, trace }).join('\n');
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  t.match(text, /<script>/);
});

t.test('of a cut or forged trace something is told, and it fits', async () => {
  const whole = evidence(overtaken, 'trace');
  fc.assert(fc.property(fc.nat({ max: whole.length }), fc.integer({ min: 60, max: 200 }), fc.string(), (length, columns, console) =>
    drawn(overtaken, { trace: whole.slice(0, length), columns, console }).every((line) => columnsOf(line) <= columns)), { numRuns: 60 });
});
