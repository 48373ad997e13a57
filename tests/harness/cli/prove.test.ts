import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { diorama } from '../engine/run-diorama.ts';

const canary = 'From: somebody\nSubject: [PATCH] canary: words\n\nWhy.\n---\n';

await t.test('bad usage of prove is 2, says what was wrong in one line, and leaves nothing in the results', async (t) => {
  const dir = t.testdir({ results: {}, 'eof-off-by-one.patch': canary, 'my.yaml': 'protects: nothing that matters here\nsource: none\nfiles: {f: {sise: 64K}}\nactors: {w: }\nsteps:\n  - w: {open: f}\n' });
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['--bogus'], /unknown option '--bogus'/],
    [['--series', 'x.patch'], /unknown option '--series'/],
    [['eof-off-by-one'], /too many arguments for 'prove'/],
    [['--canary'], /option '--canary <glob>' argument missing/],
    [['--canary', 'nope'], /--canary nope: no canary has this name/],
    [['--canary', join(dir, 'gone.patch')], /gone\.patch: cannot be read/],
    [['--canary', 'eof-off-by-one', '--canary', join(dir, 'eof-off-by-one.patch')], /are both the canary 'eof-off-by-one'/],
    [['--scenario', 'nope'], /--scenario nope: no scene has this name/],
    [['--scenario', join(dir, 'my.yaml')], /my\.yaml:3:13: unknown key 'sise'/],
    [['--jobs', '0'], /--jobs <n>.*'0' is invalid/],
    [['--guest', 'nope'], /--guest nope: there is no such guest/],
    [['--config', 'nope'], /there is no kconfig\//],
    [['--kernel', 'foo:bar'], /kernel "foo:bar"/],
  ];
  for (const [args, said] of wrong) {
    const ended = await diorama(['prove', '--results', join(dir, 'results'), ...args]);
    t.equal(ended.exitCode, 2, args.join(' '));
    t.match(ended.stderr, said);
    t.equal(ended.stdout, '');
    t.notMatch(ended.stderr, /^ +at .*\(/m, 'no stack trace');
  }
  t.same(await readdir(join(dir, 'results')), []);
});

await t.test('the help of prove names its options', async (t) => {
  const help = await diorama(['prove', '--help']);
  t.equal(help.exitCode, 0);
  for (const option of ['--canary <glob>', '--scenario <glob>', '--every', '--json']) t.match(help.stdout, option);
});
