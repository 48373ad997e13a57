import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import { findScenarios } from '../../../harness/engine/find-scenarios.ts';
import { reproScript } from '../../../harness/engine/repro-script.ts';
import type { RunRequest } from '../../../harness/engine/run-scenes.ts';

const scene = 'protects: a sentence of words\nsource: s\nfiles: {f: {}}\nactors: {w: }\nsteps:\n  - w: {open: f}\n';
const broken = `${scene}  - w: {opn: f}\n  - w: {open: g}\n`;

function rootOf(t: Test, own: Readonly<Record<string, string>> = {}): string {
  return t.testdir({ tests: { scenarios: { 'b-two.yaml': scene, 'a-one.yaml': scene, 'notes.txt': 'x' } }, ...own });
}

const namesOf = async (root: string, patterns: readonly string[]): Promise<string[]> => (await findScenarios({ root: root, cache: '/nowhere' }, patterns)).map(({ name }) => name);

t.test('all scenes are found without a pattern, in the order of their names, and each once', async (t) => {
  const root = rootOf(t, { 'own.yaml': scene });
  t.strictSame(await namesOf(root, []), ['a-one', 'b-two']);
  t.strictSame(await namesOf(root, ['b-two', '*', 'a-*']), ['a-one', 'b-two']);
  t.strictSame(await namesOf(root, [join(root, 'own.yaml')]), ['own']);
});

t.test('a pattern that names nothing, a file that is not there, and two files of one name are refused', async (t) => {
  const root = rootOf(t, { 'a-one.yaml': scene });
  await t.rejects(findScenarios({ root: root, cache: '/nowhere' }, ['c-*']), { code: 'bad-usage', message: '--scenario c-*: no scene has this name' });
  await t.rejects(findScenarios({ root: root, cache: '/nowhere' }, ['gone.yaml']), { code: 'bad-usage', message: /^gone.yaml: cannot be read/ });
  await t.rejects(findScenarios({ root: root, cache: '/nowhere' }, ['a-one', join(root, 'a-one.yaml')]), { code: 'bad-usage', message: /are both the scene 'a-one'/ });
});

t.test('a scene of a file that is played as several is found by its own name, and all of them by the name of the file', async (t) => {
  const writer = '    - w: {pwrite: f, at: 0, bytes: 4K, fill: A}\n    - release: w\n'.repeat(3);
  const mapper = '    - m: {mmap: f, bytes: 8K}\n    - m: {load: f, at: 0, bytes: 8K}\n    - m: {munmap: f}\n    - m: {close: f}\n';
  const orders = `protects: a sentence of words\nsource: s\nserver: {init: [DIRECT_IO_ALLOW_MMAP]}\nfiles: {f: {size: 16K, open: [DIRECT_IO, PARALLEL_DIRECT_WRITES]}}\nactors: {w: , m: }\nsteps:\n  - w: {open: f}\n  - m: {open: f}\n  - hold: {opcode: WRITE, file: f}\nsessions:\n  writer:\n${writer}  mapper:\n${mapper}`;
  const root = rootOf(t, { 'o.2.yaml': scene });
  writeFileSync(join(root, 'tests/scenarios/orders.yaml'), orders);
  writeFileSync(join(root, 'tests/scenarios/a.2.yaml'), scene);
  const all = await namesOf(root, ['orders']);
  t.ok(all.length > 3, `${all.length} scenes`);
  t.ok(all.includes('orders.1'));
  t.strictSame(await namesOf(root, ['orders.2']), ['orders.2']);
  t.strictSame(await namesOf(root, ['orders.[13]', 'orders.1']), ['orders.1', 'orders.3']);
  t.strictSame(await namesOf(root, ['*.2']), ['a.2', 'orders.2']);
  t.strictSame(await namesOf(root, ['a.2', 'a*']), ['a-one', 'a.2']);
  t.strictSame(await namesOf(root, [join(root, 'o.2.yaml')]), ['o.2']);
  for (const none of ['orders.99', 'orders.', 'a-one.1', '.1']) await t.rejects(namesOf(root, [none]), { code: 'bad-usage', message: `--scenario ${none}: no scene has this name` });
});

t.test('the mistakes of all files are told at once', async (t) => {
  const root = rootOf(t, { 'x.yaml': broken, 'y.yaml': 'nothing' });
  const error = await findScenarios({ root: root, cache: '/nowhere' }, [join(root, 'x.yaml'), join(root, 'y.yaml'), 'a-one']).catch((thrown: unknown) => thrown);
  if (!(error instanceof DioramaError)) throw new Error('nothing was refused');
  t.equal(error.code, 'bad-scene');
  t.match([error.message, ...error.details], [/x\.yaml:7:8: expected a call/, /y\.yaml:1:1: expected a map/]);
});

t.test('a repro script gives every word as it was, from wherever it is called', async (t) => {
  const dir = t.testdir({ 'a b': {} });
  const fake = join(dir, "dio'rama");
  writeFileSync(fake, '#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\n');
  chmodSync(fake, 0o755);
  const request = { kernelText: "dir:/k/it's $HOME", guestWords: ['--guest', 'deterministic'], configNames: ['debug'] } as unknown as RunRequest;
  const script = join(dir, 'a b/repro.sh');
  writeFileSync(script, reproScript('/some "root`$x', { request, side: 'patched', seriesFiles: ['0001.patch'] }), { mode: 0o755 });
  const said = execFileSync(script, ['--json'], { cwd: '/', encoding: 'utf8', env: { ...process.env, DIORAMA: fake } });
  t.strictSame(said.trimEnd().split('\n'), [
    '<test>', `<${dir}/a b/scenario.yaml>`, '<--kernel>', "<dir:/k/it's $HOME>", '<--guest>', '<deterministic>', '<--config>', '<debug>',
    '<--series>', `<${dir}/a b/../../series/0001.patch>`, '<--json>',
  ]);
});

t.test('a repro script finds diorama where the run did, whatever that path has in it', async (t) => {
  const root = join(t.testdir({}), "a }b'$(id)\"\\");
  mkdirSync(root);
  writeFileSync(join(root, 'diorama'), '#!/bin/sh\necho "here: $1"\n', { mode: 0o755 });
  const script = join(root, 'repro.sh');
  const request = { kernelText: 'debian:6.12', guestWords: ['--guest', 'deterministic'], configNames: [] } as unknown as RunRequest;
  writeFileSync(script, reproScript(root, { request, side: 'base', seriesFiles: [] }), { mode: 0o755 });
  const { DIORAMA: _, ...env } = process.env;
  t.equal(execFileSync(script, { encoding: 'utf8', env }), 'here: test\n');
  t.equal(execFileSync('bash', [script], { encoding: 'utf8', env }), 'here: test\n');
});
