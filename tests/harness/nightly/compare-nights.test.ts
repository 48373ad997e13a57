import t from 'tap';
import { compareNights as compare } from '../../../harness/nightly/compare-nights.ts';
import type { NightChange } from '../../../harness/nightly/night-state.ts';
import type { VerdictKind } from '../../../harness/judge/verdict.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';

type Kinds = Readonly<Record<string, VerdictKind | readonly [base: VerdictKind, patched: VerdictKind]>>;

function run(id: string, kinds: Kinds): RunRecord {
  const sides = Object.entries(kinds).flatMap(([scene, kind]) => (typeof kind === 'string' ? [[scene, 'base', kind] as const] : [[scene, 'base', kind[0]] as const, [scene, 'patched', kind[1]] as const]));
  return {
    format: 'diorama run 1', id, status: 'done', started: '', command: [], config: 'default', guest: 'deterministic', seed: 1, stages: [],
    host: { os: '', arch: '', cpus: 1, cpu: '', memoryBytes: 1, node: '' },
    ...(Object.values(kinds).some((kind) => typeof kind !== 'string') ? { series: { label: 'v1', patches: [] } } : {}),
    scenes: sides.map(([scene, side, kind]) => ({ scene, side, verdict: { kind, reason: kind === 'pass' ? '' : `${kind}\u001b[31m of ${scene}\nnext line` }, ms: 1, dir: scene })),
  };
}

const compareNights = (before: RunRecord | undefined, now: RunRecord): NightChange => compare(before, now, { slowerNs: 5 });

function words(change: NightChange): Record<string, string[]> {
  const of = (list: NightChange['still']): string[] => list.map(({ scene, was, is }) => `${scene}: ${was ?? 'nothing'} -> ${is}`);
  return { regressions: of(change.regressions), fixed: of(change.fixed), still: of(change.still), unjudged: of(change.unjudged) };
}

t.test('a kernel is held against itself', async (t) => {
  const before = run('before', { a: 'pass', b: 'fail', c: 'fail', d: 'fail', e: 'pass', f: 'known', g: 'error', h: 'error', j: 'fail', k: 'pass' });
  const now = run('now', { a: 'fail', b: 'pass', c: 'fail', d: 'hang', e: 'skip', f: 'crash', g: 'pass', h: 'fail', i: 'fail', j: 'known', k: 'error' });
  t.same(words(compareNights(before, now)), {
    regressions: ['a: pass -> fail', 'e: pass -> skip', 'f: known -> crash', 'h: error -> fail', 'i: nothing -> fail'], fixed: ['b: fail -> pass', 'j: fail -> known'],
    still: ['c: fail -> fail', 'd: fail -> hang'], unjudged: ['k: pass -> error'],
  });
});

t.test('without a night before, what fails is new', async (t) => {
  t.same(words(compareNights(undefined, run('now', { a: 'fail', b: 'pass', c: 'known', d: 'skip' }))), { regressions: ['a: nothing -> fail'], fixed: [], still: [], unjudged: [] });
});

t.test('of a series counts what it breaks on its own base, not what the base broke', async (t) => {
  const before = run('before', { a: ['pass', 'pass'], b: ['pass', 'fail'], c: ['pass', 'fail'], d: ['pass', 'pass'] });
  const now = run('now', { a: ['fail', 'fail'], b: ['pass', 'pass'], c: ['pass', 'hang'], d: ['pass', 'splat'] });
  t.same(words(compareNights(before, now)), { regressions: ['d: pass -> splat'], fixed: ['b: fail -> pass'], still: ['c: pass -> hang'], unjudged: [] });
  t.same(words(compareNights(undefined, now)).regressions, ['c: pass -> hang', 'd: pass -> splat'], 'its base is its baseline the first night');
});

t.test('reasons become one harmless line', async (t) => {
  t.equal(compareNights(undefined, run('now', { a: 'fail' })).regressions[0]?.reason, 'fail of a next line');
});
