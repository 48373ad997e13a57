import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { diorama, readText, root, runJson } from '../engine/run-diorama.ts';

const wrongBase = `--- a/fs/fuse/file.c
+++ b/fs/fuse/file.c
@@ -10,3 +10,3 @@ static void nobody(void)
 	this line is in no kernel
-	nor is this one
+	nor this
 	nor that
`;

const doesNotCompile = `From: somebody
Subject: [PATCH] fuse: break the build

---
--- a/fs/fuse/iomode.c
+++ b/fs/fuse/iomode.c
@@ -9,4 +9,5 @@
 #include "fuse_i.h"
 
 #include <linux/kernel.h>
+#include <linux/no-such-header.h>
 #include <linux/sched.h>
`;

await t.test('bad usage is 2, says what was wrong in one line, and leaves nothing in the results', async (t) => {
  const results = t.testdir();
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['run', '--bogus'], /unknown option '--bogus'/],
    [['rum'], /unknown command 'rum'/],
    [['run', '--jobs', '0'], /--jobs <n>.*'0' is invalid/],
    [['run', '--scenario', 'nope'], /--scenario nope: no scene has this name/],
    [['run', '--guest', 'nope'], /--guest nope: there is no such guest/],
    [['run', '--config', '../../etc/passwd'], /there is no kconfig\//],
    [['run', '--kernel', 'foo:bar'], /kernel "foo:bar"/],
    [['run', '--fail-fast', '--keep-going'], /exclude each other/],
    [['run', '--model', 'nonsense'], /--model <name>.*'nonsense' is invalid\. Allowed choices are v2, 6\.9, 6\.12, 6\.12\.64, 7\.2, 7\.3\./],
    [['run', '--kernel', 'image:host', '--series', join(results, 'no-such.patch')], /--kernel image:host: a series needs a source, and this kernel is built already/],
    [['run', '--kernel', 'image:debian:7.2', '--config', 'lockdep'], /--kernel image:debian:7\.2: --config lockdep needs a source/],
    [['prove', '--kernel', 'image:debian:7.2'], /--kernel image:debian:7\.2: prove needs a source/],
    [['bisect', '--kernel', 'image:host', '--good', 'a', '--bad', 'b', '--scenario', 'close-waits-for-writers'], /only a git: kernel has commits to bisect/],
    [['run', '--kernel', 'image:debian:trixie'], /"trixie" is not a kernel series/],
    [['show', 'no-such-run'], /no-such-run: there is no such run/],
    [['run', '--series', join(results, 'no-such.patch')], /no-such\.patch/],
  ];
  for (const [args, said] of wrong) {
    const ended = await diorama(args[0] === 'run' ? [...args, '--results', results] : args);
    t.equal(ended.exitCode, 2, args.join(' '));
    t.match(ended.stderr, said);
    t.equal(ended.stdout, '');
    t.notMatch(ended.stderr, /^ +at .*\(/m, 'no stack trace');
  }
  t.same(await readdir(results), []);
});

await t.test('a mistake in a scene is 2 and told as file:line:col', async (t) => {
  const dir = t.testdir({ 'my.yaml': 'protects: nothing that matters here\nsource: none\nfiles: {f: {sise: 64K}}\nactors: {w: }\nsteps:\n  - w: {open: f}\n' });
  const ended = await diorama(['test', join(dir, 'my.yaml')]);
  t.equal(ended.exitCode, 2);
  t.match(ended.stderr, /my\.yaml:3:13: unknown key 'sise'/);
});

await t.test('the model that is asked for judges, and a repro asks for it too', async (t) => {
  const dir = t.testdir();
  const judgedBy = async (...model: string[]): Promise<RunRecord['scenes'][number]['verdict'] | undefined> => {
    const run = await runJson(dir, ['--scenario', 'close-waits-for-writers', ...model]);
    t.equal(run.exitCode, run.record.scenes[0]?.verdict.kind === 'fail' ? 1 : 0, run.stderr);
    const repro = await readText(run.dir, 'base/close-waits-for-writers/repro.sh');
    t.equal(repro.includes('--model'), model.length > 0);
    return run.record.scenes[0]?.verdict;
  };
  t.match(await judgedBy(), { kind: 'pass' });
  t.match(await judgedBy('--model', 'v2'), { kind: 'pass' }, 'v2 closes like 6.12');
  t.match(await judgedBy('--model', '7.3'), { kind: 'fail', reason: /x's close waits for the inode lock, where it must return/ });
});

await t.test('a series that does not apply is 3, with its file and hunk', async (t) => {
  const dir = t.testdir({ 'wrong.patch': wrongBase });
  const ended = await diorama(['run', '--results', join(dir, 'results'), '--series', join(dir, 'wrong.patch')]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stderr, /does not apply.*fs\/fuse\/file\.c.*hunk 1/);
});

await t.test('a series that does not build is 3, with the error lines and the patch that touched the file', async (t) => {
  const dir = t.testdir({ 'broken.patch': doesNotCompile });
  const ended = await diorama(['run', '--results', join(dir, 'results'), '--series', join(dir, 'broken.patch')]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stderr, /fs\/fuse\/iomode\.c:11:10: fatal error: linux\/no-such-header\.h/);
  t.match(ended.stderr, /fuse: break the build/);
});

await t.test('results that cannot be written are 69', async (t) => {
  const dir = t.testdir({ file: 'not a directory' });
  const ended = await diorama(['run', '--results', join(dir, 'file/results')]);
  t.equal(ended.exitCode, 69, ended.stderr);
  t.match(ended.stderr, /cannot be written/);
});

await t.test('help teaches with examples, exit codes and kernels, and is 0', async (t) => {
  const help = await diorama(['--help']);
  t.equal(help.exitCode, 0);
  t.match(help.stdout, /Examples:[\s\S]*\.\/diorama run --series v3\.mbox/);
  t.match(help.stdout, /130 {2}interrupted/);
  const run = await diorama(['run', '--help']);
  t.match(run.stdout, /debian:6\.12[\s\S]*git:PATH@REV[\s\S]*tar:FILE-or-URL/);
});

await t.test('npm start and npm test are the two commands', async (t) => {
  const scripts = await execa('npm', ['pkg', 'get', 'scripts'], { cwd: root });
  t.same(JSON.parse(scripts.stdout), { start: './diorama run', test: './diorama check' });
});
