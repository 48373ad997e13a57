import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { root, runJson } from './run-diorama.ts';

/** The scene that must see each bug, and the words of its reason that point at the broken rule. */
const killers: Readonly<Record<string, readonly [scene: string, reason: RegExp]>> = {
  'always-exclusive': ['parallel-writes-meet', /w2's pwrite .* must reach the server: it was serialised behind w1's pwrite/],
  'eof-off-by-one': ['growing-writes-never-meet', /step 6: w2's pwrite .* it was serialised behind w1's pwrite of 4K at 60K/],
  'mmap-does-not-wait': ['first-mmap-waits-for-writers', /m's mmap returned 0, where it must wait for caching mode/],
  'mmap-without-leave': ['shared-mmap-needs-allow-mmap', /m's mmap returned 0, where it must fail with ENODEV/],
  'mode-ends-early': ['last-cached-release-makes-parallel', /step 10: w2's pwrite .* must wait for the inode lock/],
  'mode-never-ends': ['live-mapping-serialises', /step 13: w2's pwrite .* it was serialised behind w1's pwrite/],
  'no-flush-before-direct-read': ['mapping-and-direct-io-agree', /r's pread .* saw a\*12288, where it must .* see a\*4096 S\*100 a\*8092/],
  'overtaking-write': ['write-does-not-overtake-mmap', /w2's pwrite .* it overtook m's mmap/],
  'parallel-append': ['growing-writes-never-meet', /appender's pwrite .* must wait for the inode lock/],
  'parallel-beside-cache': ['cached-open-serialises', /w2's pwrite .* it did not wait for w1's pwrite/],
  'unasked-parallel': ['plain-direct-writes-never-meet', /w2's pwrite .* must wait for the inode lock/],
};

/** Changes that change nothing: no scene may see them. */
const equivalents = new Set(['comment-only']);

await t.test('every canary has a scene that must see it', async (t) => {
  const names = (await readdir(join(root, 'tests/canaries'))).filter((file) => file.endsWith('.patch')).map((file) => file.replace('.patch', '')).sort();
  t.same(names, [...Object.keys(killers), ...equivalents].sort());
});

for (const [name, [scene, reason]] of Object.entries(killers)) {
  await t.test(`the canary ${name} is seen by ${scene}`, async (t) => {
    const run = await runJson(t.testdir(), ['--scenario', scene, '--series', join(root, 'tests/canaries', `${name}.patch`)]);
    t.equal(run.exitCode, 1, run.stderr);
    const sides = new Map(run.record.scenes.map((played) => [played.side, played.verdict]));
    t.equal(sides.get('base')?.kind, 'pass');
    t.match(sides.get('patched')?.reason, reason);
  });
}
