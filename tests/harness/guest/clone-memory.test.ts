import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { processesWith, root } from '../engine/run-diorama.ts';

const mostPrivateKib = 100 * 1024;
const mostOwnKib = 200 * 1024;

/** A figure of /proc/PID/FILE in KiB; 0 when the process has gone. */
async function kib(pid: number, file: string, names: readonly string[]): Promise<number> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  return names.reduce((sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0), 0);
}

await t.test('a clone has less than 100 MiB of its own, with the longest scenes, and diorama itself less than 200 MiB', async (t) => {
  const results = t.testdir();
  const child = execa(join(root, 'diorama'), ['run', '--json', '--results', results, '--fresh', '--scenario', 'cost-of-each-operation', '--scenario', 'orders-of-*'], { reject: false, stdin: 'ignore', env: { NODE_OPTIONS: '' } }); // tap's own would count
  let over = false;
  void child.finally(() => (over = true));
  let mostClone = 0;
  let looks = 0;
  while (!over) {
    for (const pid of await processesWith(`path=${results}`)) {
      const own = await kib(pid, 'smaps_rollup', ['Private_Clean', 'Private_Dirty']);
      if (own > 0) looks += 1;
      mostClone = Math.max(mostClone, own);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  const ended = await child;
  t.equal(ended.exitCode, 0, ended.stderr);
  t.ok(looks > 20, `${looks} looks at clones`);
  t.ok(mostClone > 10 * 1024 && mostClone < mostPrivateKib, `${mostClone} KiB of a clone's own`);
  const { time } = JSON.parse(ended.stdout) as { time: { peakRssBytes: number } };
  t.ok(time.peakRssBytes > 0 && time.peakRssBytes / 1024 < mostOwnKib, `${time.peakRssBytes / 1024} KiB of diorama itself`);
});
