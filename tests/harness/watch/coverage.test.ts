import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findConfig } from '../../../harness/engine/find-config.ts';
import { findScenarios } from '../../../harness/engine/find-scenarios.ts';
import { playScene } from '../../../harness/engine/play-scene.ts';
import { prepareSides } from '../../../harness/engine/prepare-sides.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';
import type { Host } from '../../../harness/host/host.ts';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { parseKernelSpec } from '../../../harness/kernel/source/parse-kernel-spec.ts';
import { root } from '../engine/run-diorama.ts';

t.test('what a scene ran is recorded, and its trace is the same to the byte', async (t) => {
  const dir = t.testdir();
  const host: Host = { cache: cacheRoot(), root, emit: () => undefined, signal: new AbortController().signal, jobs: 2 };
  const guest = await readGuest(root, 'deterministic');
  const kernelText = 'debian:6.12';
  const { sides: [on] } = await prepareSides(host, { kernel: parseKernelSpec(kernelText), kernelText, config: await findConfig(root, []), guest, evidenceDir: dir });
  if (!on) throw new Error('there is no base');
  for (const scene of await findScenarios(host, ['write-does-not-overtake-mmap', 'direct-reads-take-no-lock'])) {
    const play = (name: string, coverage: boolean): ReturnType<typeof playScene> => playScene(host, { scene, on, guest, issues: [], dir: join(dir, name), coverage, fresh: true });
    const plain = await play('plain', false);
    const recorded = await play('recorded', true);
    t.equal(recorded.verdict.kind, 'pass');
    t.equal(await readFile(join(dir, 'recorded/trace'), 'latin1'), await readFile(join(dir, 'plain/trace'), 'latin1'));
    t.equal(plain.functions, undefined);
    t.equal(recorded.functions?.includes('fuse_file_mmap'), scene.name === 'write-does-not-overtake-mmap');
    t.equal(recorded.functions?.includes('fuse_file_read_iter'), scene.name === 'direct-reads-take-no-lock');
    t.equal(await readFile(join(dir, 'recorded/coverage'), 'utf8'), (recorded.functions ?? []).map((name) => `${name}\n`).join(''));
    t.notOk((await readdir(join(dir, 'recorded'))).includes('blocks'), "QEMU's log is gone");
  }
});
