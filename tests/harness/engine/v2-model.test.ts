import { join } from 'node:path';
import t from 'tap';
import { root, runJson } from './run-diorama.ts';

/** What v2 means to do otherwise than 6.9: killable waits, bit 7 as a cache flag, a private mmap that counts, O_DIRECT that does not. */
const otherwise = ['cached-open-wait-is-not-killable', 'unnegotiated-passthrough-is-refused', 'o-direct-open-is-counted', 'first-mmap-waits-for-writers'];
/** What v2 gets wrong: writers overtake a waiter, and two first mmaps count twice. */
const wrong = new Map([['write-does-not-overtake-mmap', 'O2'], ['two-first-mmaps-of-one-open-file', 'V1']]);

const scenes = [...otherwise, ...wrong.keys()].flatMap((scene) => ['--scenario', scene]);
const series = ['--series', join(root, 'tests/canaries/v2/0001-fuse-io-modes-as-in-v2.patch')];

t.test('under its own model the v2 series shows its own bugs and nothing else', async (t) => {
  const run = await runJson(t.testdir(), [...scenes, ...series, '--model', 'v2']);
  const patched = new Map(run.record.scenes.filter(({ side }) => side === 'patched').map(({ scene, verdict }) => [scene, verdict]));
  for (const scene of otherwise) t.equal(patched.get(scene)?.kind, 'pass', `${scene}: ${patched.get(scene)?.reason ?? ''}`);
  for (const [scene, issue] of wrong) t.match(patched.get(scene), { kind: 'known', reason: new RegExp(`^${issue}, `) }, scene);
});

t.test("under the kernel's own model what v2 does otherwise is a regression", async (t) => {
  const run = await runJson(t.testdir(), ['--scenario', 'unnegotiated-passthrough-is-refused', '--scenario', 'o-direct-open-is-counted', ...series]);
  t.equal(run.exitCode, 1);
  const verdicts = run.record.scenes.map(({ scene, side, verdict }) => `${scene} ${side} ${verdict.kind}`).sort();
  t.strictSame(verdicts, [
    'o-direct-open-is-counted base pass', 'o-direct-open-is-counted patched fail',
    'unnegotiated-passthrough-is-refused base pass', 'unnegotiated-passthrough-is-refused patched fail',
  ]);
});
