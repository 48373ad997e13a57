import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { coloursFor } from '../../../../harness/cli/colours.ts';
import { screenLines } from '../../../../harness/cli/watch/screen-lines.ts';
import { firstState, heard, type ScreenState } from '../../../../harness/cli/watch/screen-state.ts';
import { DioramaError } from '../../../../harness/errors.ts';
import { readScenario } from '../../../../harness/scenario/read-scenario.ts';
import type { WatchEvent } from '../../../../harness/watch/watch-events.ts';

const judged = join(import.meta.dirname, '../../judge/traces');
const scene = readScenario(readFileSync(join(judged, 'write-does-not-overtake-mmap.yaml'), 'utf8'), 'write-does-not-overtake-mmap.yaml');
const trace = readFileSync(join(judged, 'overtaking-write.trace'), 'latin1');
const colours = coloursFor({ isTTY: false });

const saved: WatchEvent = { kind: 'pass', cause: { kind: 'save', saved: { paths: ['/linux/fs/fuse/file.c'], gone: ['/linux/fs/fuse/x'], count: 2, savedMs: 0, noticedMs: 60 } } };
const built: WatchEvent = { kind: 'built', change: { kind: 'functions', names: ['fuse_file_write_iter'] }, scenes: 142, because: { failed: 1, changed: 46, unknown: 0, rest: 95 } };
const failure = (reason: string, text = trace): WatchEvent => ({ kind: 'failure', scene, verdict: { kind: 'fail', reason, step: 7 }, trace: text, dir: '/results/x' });
const after = (...events: readonly WatchEvent[]): ScreenState => events.reduce((state, event) => heard(state, event, 0), firstState({ kernel: 'dir:/linux', root: '/linux' }));
const shown = (state: ScreenState, size = { columns: 100, rows: 30 }): string[] => screenLines(state, size, { colours, nowMs: 3400 });

t.test('it tells what was saved, what plays, and the first failure with its trace at the step where they part', async (t) => {
  const start: WatchEvent = { kind: 'engine', event: { kind: 'scene-start', side: 'base', scene: 'a' } };
  const end: WatchEvent = { kind: 'engine', event: { kind: 'scene-end', side: 'base', scene: 'a', verdict: { kind: 'fail', reason: '' }, ms: 3 } };
  const lines = shown(after({ kind: 'watching', watched: 5760, polled: 0 }, saved, built, start, failure('w2 overtook m'), end));
  t.equal(lines.length, 30);
  t.equal(lines[1], 'saved fs/fuse/file.c', 'what was gone again is not told');
  t.equal(lines[3], 'playing 1 of 142  1 fail');
  t.equal(lines[4], 'changed: fuse_file_write_iter; first 1 that failed last, then 46 that ran it');
  t.ok(lines.includes('write-does-not-overtake-mmap: fail: w2 overtook m'));
  t.match(lines.find((line) => line.startsWith('step 7')), /<- here they part/);
  t.match(lines.at(-1), /q quit$/);
});

t.test('a save that changes nothing brings the last verdict back', async (t) => {
  const times = { from: 'save', noticed: 60, snapshot: 500, build: 2500, play: 400, rest: 40, firstVerdict: 3400, whole: 3500 } as const;
  const done = after(saved, built, failure('w2 overtook m'), { kind: 'verdict', outcome: { exitCode: 1, summary: '0 of 1 scenes passed, 1 failed', comparisons: new Map() }, times, dir: '/r' });
  const lines = shown(heard(heard(done, saved, 0), { kind: 'unchanged' }, 0));
  t.match(lines[1], /nothing changed/);
  t.equal(lines[3], '0 of 1 scenes passed, 1 failed');
  t.equal(lines[4], '3.5 s from save to verdict, 3.4 s to the first');
  t.equal(lines[5], 'noticed 60 ms, snapshot 500 ms, build 2.5 s, play 400 ms, rest 40 ms');
});

t.test("a tree that does not build shows the compiler's words", async (t) => {
  const error = new DioramaError({ blame: 'kernel', code: 'build-failed', message: 'does not build: fs/fuse/file.c:3:2: error: expected', details: ['fs/fuse/file.c:3:2: error: expected'] });
  const lines = shown(after(saved, { kind: 'trouble', error, compiler: [{ head: 'fs/fuse/file.c:3:2: error: expected', excerpt: ['    3 | \treturn', '      |  ^'] }] }));
  t.ok(lines.includes('    3 |   return'));
  t.ok(lines.includes('      |  ^'));
});

t.test('whatever a guest or a compiler says, the screen has its size, and nothing on it moves a terminal', async () => {
  const hostile = fc.stringMatching(/^[\u0000-\u00ff\u202e\u2028 ]{0,200}$/);
  fc.assert(fc.property(hostile, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 40 }), (text, columns, rows) => {
    const evil = `\u001b]0;x\u0007\u001b[2J${text}`;
    const error = new DioramaError({ blame: 'kernel', code: 'build-failed', message: evil, details: [evil], next: evil });
    const states = [after(saved, built, failure(evil, `{"n":1,"t":1,"e":"trouble","what":${JSON.stringify(evil)},"error":"\u001b[2J"}\n${evil}`)), after(saved, { kind: 'trouble', error, compiler: [{ head: evil, excerpt: [evil] }] }), after({ kind: 'refused', text: evil })];
    return states.every((state) => {
      const lines = shown(state, { columns, rows });
      return lines.length === rows && lines.every((line) => [...line].length <= columns && !/[\p{Cc}\p{Cf}\u2028]/u.test(line));
    });
  }), { numRuns: 60 });
});
