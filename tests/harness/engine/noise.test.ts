import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { root, runJson } from './run-diorama.ts';

const broken = join(root, 'tests/harness/engine/broken');
/** The one scene that comes to the broken place, and some that do not. */
const noisy = 'first-mmap-waits-for-writers';
const quiet = ['parallel-writes-meet', 'plain-direct-writes-never-meet', 'growing-writes-never-meet'];
const scenes = [noisy, ...quiet].flatMap((name) => ['--scenario', name]);

function traces(record: RunRecord, side: 'base' | 'patched', names: readonly string[]): unknown {
  return record.scenes.filter((played) => played.side === side && names.includes(played.scene)).map(({ scene, traceId, verdict }) => ({ scene, traceId, kind: verdict.kind })).sort((a, b) => (a.scene < b.scene ? -1 : 1));
}

await t.test('guests that flood, hang and eat all of their memory beside it leave a scene its verdict and its trace, to the byte', async (t) => {
  const dir = t.testdir();
  const guest = ['--guest', join(broken, 'hasty.yaml')];
  const alone = await runJson(join(dir, 'alone'), [...guest, '--jobs', '1', ...scenes]);
  t.equal(alone.exitCode, 0, alone.stderr);
  const beside = await Promise.all(['floods', 'spins', 'eats-memory'].map(async (patch) => {
    const run = await runJson(join(dir, patch), [...guest, '--jobs', '3', '--series', join(broken, `${patch}.patch`), ...scenes]);
    return { patch, ...run };
  }));
  for (const { patch, exitCode, stderr, record, dir: at } of beside) {
    t.equal(exitCode, 1, stderr);
    t.same(traces(record, 'base', [noisy, ...quiet]), traces(alone.record, 'base', [noisy, ...quiet]), `base beside ${patch}`);
    const patched = record.scenes.filter(({ side }) => side === 'patched');
    t.same(patched.filter(({ verdict }) => verdict.kind === 'pass').map(({ scene }) => scene).sort(), [...quiet].sort(), 'the others pass on the same kernel');
    const verdict = patched.find(({ scene }) => scene === noisy)?.verdict;
    t.match(verdict?.kind, /^(crash|hang)$/);
    t.comment(`${patch}: ${verdict?.kind ?? ''}, ${verdict?.reason ?? ''}`);
    const { size } = await stat(join(at, 'patched', noisy, 'console'));
    t.ok(size < 64 * 1024 * 1024, 'a flood has a bound');
  }
});
