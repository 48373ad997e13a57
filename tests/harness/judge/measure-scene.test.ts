import t from 'tap';
import { compareMeasures, figureOf } from '../../../harness/judge/compare-measures.ts';
import { measureScene } from '../../../harness/judge/measure-scene.ts';
import { expandMeasure } from '../../../harness/model/expand-measure.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';

const sceneOf = (measure: string): Scenario => expandMeasure(readScenario(`protects: a sentence of words
source: nowhere
measure: ${measure}
files: {f: {size: 64K}}
actors: {w: }
steps:
  - w: {open: f}
  - w: {pwrite: f, at: 0, bytes: 4K, fill: A}
`, 'costs.yaml'));

/** A trace in which the call of step n took n * 10 ns, and began at n * 1000 and was traced as returned 100 later. */
function traceOf(scene: Scenario, without?: number): string {
  const orders = scene.steps.flatMap((step) => (step.kind === 'order' ? [step] : []));
  const events = orders.flatMap(({ number, actor, call }) => [
    { t: number * 1000, e: 'call', step: number, who: actor, call: call.kind, off: 0, len: 0 },
    ...(number === without ? [] : [{ t: number * 1000 + 100, e: 'return', step: number, who: actor, call: call.kind, ret: 0, ns: number * 10 }]),
  ]);
  return events.map((event, index) => `${JSON.stringify({ n: index + 1, ...event })}\n`).join('');
}

t.test('a call costs what its own line says, once a round', async (t) => {
  const scene = sceneOf('{modes: {alone: [DIRECT_IO]}, repeat: 3}');
  // open, pwrite, close; three times.
  t.strictSame(measureScene(scene, traceOf(scene)), [
    { operation: 'open', mode: 'alone', writers: 1, ns: [10, 40, 70] },
    { operation: 'pwrite', mode: 'alone', writers: 1, ns: [20, 50, 80], bytes: 4096 },
  ]);
  t.strictSame(measureScene(scene, traceOf(scene, 5))[1]?.ns, [20, 80], 'what did not return took no time that anybody knows');
});

t.test('several at once cost the time from the first call to the last return', async (t) => {
  const scene = sceneOf('{modes: {alone: [DIRECT_IO]}, writers: [1, 2], repeat: 1}');
  t.strictSame(measureScene(scene, traceOf(scene)).map(({ writers, operation, ns, bytes }) => [writers, operation, ns, bytes]), [
    [1, 'open', [100], undefined], [1, 'pwrite', [100], 4096], [2, 'open', [1100], undefined], [2, 'pwrite', [1100], 8192],
  ]);
});

t.test('a scene that does not measure measures nothing, and a broken trace no more than it has', async (t) => {
  const { measure, ...plain } = sceneOf('{modes: {alone: [DIRECT_IO]}, repeat: 1}');
  t.ok(measure);
  t.strictSame(measureScene(plain, traceOf(plain)), []);
  t.strictSame(measureScene({ ...plain, ...(measure ? { measure } : {}) }, 'no trace'), []);
});

t.test('the figure is the median: neither the cold first round nor one that met an interrupt', async (t) => {
  t.equal(figureOf({ ns: [79393, 59290, 59331, 59338, 59330] }), 59331);
  t.equal(figureOf({ ns: [7, 5] }), 5);
});

const one = (ns: number, more = {}): { operation: string; mode: string; writers: number; ns: number[] } => ({ operation: 'pwrite', mode: 'shared', writers: 1, ns: [ns], ...more });

t.test('a difference of one is a difference, and one of more than the bound counts', async (t) => {
  t.strictSame(compareMeasures([one(100)], [one(100)]), []);
  t.match(compareMeasures([one(100)], [one(101)]), [{ baseNs: 100, patchedNs: 101, beyond: false }]);
  t.match(compareMeasures([one(100)], [one(106)]), [{ beyond: true }]);
  t.match(compareMeasures([one(106)], [one(100)]), [{ beyond: true }], 'so does what is faster');
  t.match(compareMeasures([one(100)], [one(101)], { callNs: 0, togetherNs: 0 }), [{ beyond: true }]);
  t.strictSame(compareMeasures([one(100)], [one(106, { mode: 'alone' })]), [], 'what only one side measured is not compared');
});

t.test('several at once differ by chance, so only half an answer of the server counts', async (t) => {
  const both = (ns: number): ReturnType<typeof one>[] => [one(1_000_000), one(ns, { writers: 2 })];
  t.match(compareMeasures(both(1_200_000), both(1_300_000)), [{ writers: 2, beyond: false }]);
  t.match(compareMeasures(both(1_200_000), both(2_200_000)), [{ writers: 2, beyond: true }]);
});
