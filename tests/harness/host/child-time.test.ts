import t from 'tap';
import { childSpans, kindOfProgram, timeWithChildren, type ChildSpan } from '../../../harness/host/child-time.ts';
import { runProgram } from '../../../harness/host/run-program.ts';

const span = (kind: ChildSpan['kind'], from: number, to: number): ChildSpan => ({ kind, from, to });

t.test('time in which several children run counts once, and only what is inside', async (t) => {
  const spans = [span('guest', 30, 50), span('guest', 0, 20), span('compiler', 15, 35), span('program', 0, 100), span('guest', 90, 200)];
  t.equal(timeWithChildren(spans, { kinds: ['guest'], from: 0, to: 100 }), 50);
  t.equal(timeWithChildren(spans, { kinds: ['guest', 'compiler'], from: 0, to: 100 }), 60);
  t.equal(timeWithChildren(spans, { kinds: ['guest'], from: 10, to: 12 }), 2);
  t.equal(timeWithChildren(spans, { kinds: ['compiler'], from: 50, to: 60 }), 0);
  t.equal(timeWithChildren([], { kinds: ['guest'], from: 0, to: 10 }), 0);
});

t.test('make and what builds are compilers, by their name alone', async (t) => {
  t.strictSame(['make', '/usr/bin/gcc', 'meson', 'git', '/home/make/git', 'makeself'].map(kindOfProgram), ['compiler', 'compiler', 'compiler', 'program', 'program', 'program']);
});

t.test('a program that was run is in the ledger with its time', async (t) => {
  const from = performance.now();
  await runProgram({ file: 'sleep', args: ['0.2'], timeoutMs: 20_000, signal: new AbortController().signal });
  const mine = childSpans().filter((one) => one.from >= from);
  t.match(mine, [{ kind: 'program' }]);
  t.ok((mine[0]?.to ?? 0) - (mine[0]?.from ?? 0) >= 200);
});
