import { execa } from 'execa';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { processesWith, root, runJson, verdicts } from './run-diorama.ts';

/** How often it is killed; many take minutes. */
const kills = Number(process.env['DIORAMA_KILLS'] ?? 4);
const seed = Number(process.env['DIORAMA_SEED'] ?? 1);
const scenes = ['--scenario', 'write-does-not-overtake-mmap', '--scenario', 'parallel-writes-meet'];

/** xorshift32: the same moments for the same seed. */
function* moments(): Generator<number> {
  for (let state = seed * 2_654_435_761 >>> 0 || 1; ; ) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield (state >>> 0) / 2 ** 32;
  }
}

/** A guest and a series that nobody has had: the kernel has to be patched and built, the guest booted, everything played. */
async function inputs(dir: string, number: number): Promise<string[]> {
  const mark = `${process.pid}.${Date.now()}.${number}`;
  const guest = await readFile(join(root, 'guests/deterministic.yaml'), 'utf8');
  const canary = await readFile(join(root, 'tests/canaries/overtaking-write.patch'), 'utf8');
  await writeFile(join(dir, `guest-${number}.yaml`), guest.replace(/^append: .*$/m, `$& diorama.mark=${mark}`));
  // A new header of nobody's, so that the tree is another one and the module is made again.
  const added = `--- /dev/null\n+++ b/fs/fuse/diorama_mark.h\n@@ -0,0 +1 @@\n+/* ${mark} */\n`;
  await writeFile(join(dir, `series-${number}.patch`), `${canary.trimEnd()}\n${added}`);
  return [...scenes, '--guest', join(dir, `guest-${number}.yaml`), '--series', join(dir, `series-${number}.patch`), '--fresh'];
}

const right = ['parallel-writes-meet base: pass', 'parallel-writes-meet patched: pass', 'write-does-not-overtake-mmap base: pass', 'write-does-not-overtake-mmap patched: fail'];

await t.test(`killed at ${kills} moments (seed ${seed}), the next run is right every time`, async (t) => {
  const dir = t.testdir();
  const began = performance.now();
  const whole = await runJson(join(dir, 'results'), await inputs(dir, 0));
  t.same(verdicts(whole.record), right, whole.stderr);
  let longMs = performance.now() - began;
  const random = moments();
  let [number, killed] = [0, 0];
  while (killed < kills) {
    const args = await inputs(dir, (number += 1));
    const startedAt = performance.now();
    const child = execa(join(root, 'diorama'), ['run', '--results', join(dir, 'results'), ...args], { reject: false, stdin: 'ignore' });
    const afterMs = longMs * (random.next().value ?? 0);
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    const ended = await child;
    clearTimeout(timer);
    if (ended.signal === undefined) {
      // It was faster than the one before it.
      longMs = performance.now() - startedAt;
      continue;
    }
    killed += 1;
    const again = await runJson(join(dir, 'results'), args);
    const told = ended.stderr.split('\n').filter((line) => line !== '').at(-1) ?? '';
    t.same(verdicts(again.record), right, `killed after ${Math.round(afterMs)} of ${Math.round(longMs)} ms, at "${told}"`);
    t.same(await processesWith(`guest-${number}.yaml`), [], 'nothing of it goes on');
    t.same(await leftBy(child.pid ?? 0), [], 'the next run has cleaned up');
  }
});

/** What the process left in the folders that the run after it has made something in. */
async function leftBy(pid: number): Promise<string[]> {
  const homes = ['variants', 'templates', 'sets', 'stage'].map((kind) => join(cacheRoot(), kind));
  const names = await Promise.all(homes.map((home) => readdir(home).catch(() => [])));
  return names.flat().filter((name) => name.startsWith(`.part-${pid}.`));
}
