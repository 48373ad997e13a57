import { execa } from 'execa';
import { readFile, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import t from 'tap';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { parseKernelSpec } from '../../../harness/kernel/source/parse-kernel-spec.ts';
import { obtainSource } from '../../../harness/kernel/source/obtain-source.ts';
import { diorama, proveJson, root } from './run-diorama.ts';

const home = join(root, 'tests/canaries');

/** A scene that must see each of these, and the words of its reason that point at the broken rule. */
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

await t.test('every canary says what it changes and why that is wrong, and applies to 6.12', async (t) => {
  const host = { cache: cacheRoot(), root, emit: () => undefined, signal: new AbortController().signal, jobs: availableParallelism() };
  const source = await obtainSource(host, parseKernelSpec('debian:6.12'), 'debian:6.12');
  const dir = t.testdir();
  const env = { GIT_DIR: source.lineage.gitDir, GIT_WORK_TREE: dir, GIT_INDEX_FILE: join(dir, 'index') };
  const git = async (...args: string[]): Promise<string> => {
    const ended = await execa('git', args, { env, reject: false });
    return ended.exitCode === 0 ? '' : `${ended.exitCode}: ${ended.stderr}`;
  };
  // A canary that changes anything but fs/fuse would rebuild the kernel, so the index holds only that.
  t.equal(await git('read-tree', '--prefix=fs/fuse/', `${source.treeId}:fs/fuse`), '');
  const files = (await readdir(home)).filter((file) => file.endsWith('.patch'));
  t.ok(files.length >= 60, `${files.length} canaries`);
  for (const file of files) {
    const text = await readFile(join(home, file), 'utf8');
    const [, kind, subject = '', body = ''] = /^From: [^\n]+\nSubject: \[PATCH\] (canary|equivalent): ([^\n]+)\n\n([^]+?)\n---\ndiff /.exec(text) ?? [];
    t.equal(kind, file.startsWith('same-') ? 'equivalent' : 'canary', file);
    t.ok(subject.length > 10 && body.split(' ').length > 2, `${file} has a subject and a body`);
    t.equal(await git('apply', '--check', '--cached', join(home, file)), '', `${file} applies`);
  }
});

await t.test('eleven known bugs are each seen by the scene of their rule and in its words, and a comment is not', async (t) => {
  const scenes = [...new Set(Object.values(killers).map(([scene]) => scene))];
  const names = [...Object.keys(killers), 'same-comment-only'];
  // Every scene is played on every canary: which one sees it first depends on what saw it last time.
  const proof = await proveJson(t.testdir(), ['--every', ...names.flatMap((name) => ['--canary', name]), ...scenes.flatMap((scene) => ['--scenario', scene])]);
  t.equal(proof.exitCode, 0, proof.stderr);
  t.strictSame(proof.rows.map((row) => row.canary), [...names].sort());
  for (const row of proof.rows) {
    const [scene, reason] = killers[row.canary] ?? [];
    t.equal(row.played, scenes.length, row.canary);
    t.equal(row.verdict, scene === undefined ? 'left alone' : 'seen', row.canary);
    if (scene !== undefined && reason !== undefined) t.match(row.kills.find((kill) => kill.scene === scene)?.reason, reason, `${row.canary} is seen by ${scene}`);
    else t.strictSame(row.kills, [], row.canary);
  }
});

const comment = (text: string): string => text.replace(/^Subject: .*$/m, 'Subject: [PATCH] canary: nothing that anybody could see');
const doesNotCompile = `From: somebody
Subject: [PATCH] canary: break the build

---
--- a/fs/fuse/iomode.c
+++ b/fs/fuse/iomode.c
@@ -9,4 +9,5 @@
 #include "fuse_i.h"
 
 #include <linux/kernel.h>
+#include <linux/no-such-header.h>
 #include <linux/sched.h>
`;
const scene = 'growing-writes-never-meet';
const given = async (): Promise<Record<string, string>> => ({
  'harmless.patch': comment(await readFile(join(home, 'same-comment-only.patch'), 'utf8')),
  'same-x.patch': await readFile(join(home, 'eof-off-by-one.patch'), 'utf8'),
  'broken.patch': doesNotCompile,
});

await t.test('the table says what saw each canary and in what words, and is 0 when all is as it must be', async (t) => {
  const dir = t.testdir();
  const ended = await diorama(['prove', '--results', dir, '--scenario', scene, '--canary', 'eof-off-by-one', '--canary', 'same-comment-only']);
  t.equal(ended.exitCode, 0, ended.stderr);
  const [head = '', seen = '', left = '', , summary, evidence] = ended.stdout.split('\n');
  t.match(head, /^canary +seen by +seconds +reason$/);
  t.match(seen, /^eof-off-by-one +growing-writes-never-meet +\d+\.\d +step 6: w2's pwrite of 4K at 0 waits for the inode lock/);
  t.match(left, /^same-comment-only +nothing, as it must +\d+\.\d$/);
  for (const word of ['seen by', 'growing']) t.equal((word === 'seen by' ? head : seen).indexOf(word), left.indexOf('nothing'), 'the columns line up');
  t.match(summary, /^1 of 1 canaries seen, 1 of 1 equivalent changes left alone, \d/);
  t.match(evidence, /^evidence in .*prove$/);
  t.match(JSON.parse(await readFile(join(dir, 'prove/prove.json'), 'utf8')), [{ canary: 'eof-off-by-one', verdict: 'seen' }, { canary: 'same-comment-only', verdict: 'left alone' }]);
  t.same((await readdir(join(dir, 'prove/eof-off-by-one', scene))).sort(), ['console', 'program', 'scenario.yaml', 'trace', 'verdict.json']);
});

await t.test('a canary that nothing sees is 1, whatever else could not be built', async (t) => {
  const dir = t.testdir(await given());
  const proof = await proveJson(join(dir, 'results'), ['--scenario', scene, '--canary', join(dir, 'harmless.patch'), '--canary', join(dir, 'broken.patch')]);
  t.equal(proof.exitCode, 1, proof.stderr);
  t.match(proof.rows, [{ canary: 'broken', verdict: /^not judged: / }, { canary: 'harmless', equivalent: false, verdict: 'SURVIVED', kills: [], played: 1 }]);
});

await t.test('an equivalent that is seen is 1', async (t) => {
  const dir = t.testdir(await given());
  const proof = await proveJson(join(dir, 'results'), ['--scenario', scene, '--canary', join(dir, 'same-x.patch')]);
  t.equal(proof.exitCode, 1, proof.stderr);
  t.match(proof.rows, [{ canary: 'same-x', equivalent: true, verdict: 'seen, and should not be', kills: [{ scene, reason: /serialised behind/ }] }]);
});

await t.test('a canary that does not build is 69, and so is one that no scene could be played on', async (t) => {
  const dir = t.testdir(await given());
  const unbuilt = await proveJson(join(dir, 'results'), ['--scenario', scene, '--canary', join(dir, 'broken.patch')]);
  t.equal(unbuilt.exitCode, 69, unbuilt.stderr);
  t.match(unbuilt.rows, [{ canary: 'broken', kills: [], played: 0, trouble: /does not build/ }]);
  for (const name of ['eof-off-by-one', 'same-comment-only']) {
    const unplayed = await proveJson(join(dir, 'results'), ['--scenario', 'dax-files-have-no-mode', '--canary', name]);
    t.equal(unplayed.exitCode, 69, `${basename(name)}: ${unplayed.stderr}`);
    t.match(unplayed.rows, [{ canary: name, verdict: 'not judged: no scene can be judged on the base', played: 0 }]);
  }
});
