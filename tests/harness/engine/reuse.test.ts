import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { readText, root, runJson } from './run-diorama.ts';

const evidence = ['program', 'scenario.yaml', 'trace', 'console', 'verdict.json', 'repro.sh'];

/** A scene that nobody has played: its file's size comes from the clock. */
async function newScene(dir: string): Promise<string> {
  const text = await readFile(join(root, 'tests/scenarios/write-does-not-overtake-mmap.yaml'), 'utf8');
  const file = join(dir, 'own.yaml');
  await writeFile(file, text.replace(/size: \d+K/, `size: ${65_536 + (Date.now() % 3_000_000)}`));
  return file;
}

async function plays(): Promise<string[]> {
  return readdir(join(cacheRoot(), 'plays')).catch(() => []);
}

await t.test('what was played is not played again while nothing that it depends on changes', async (t) => {
  const results = t.testdir();
  const file = await newScene(t.testdir({}));
  const before = new Set(await plays());
  const run = (...args: string[]): ReturnType<typeof runJson> => runJson(results, ['--scenario', file, ...args]);
  const first = await run();
  t.equal(first.exitCode, 0, first.stderr);
  t.notOk(first.record.scenes[0]?.reused);
  const [key = '', ...others] = (await plays()).filter((name) => !before.has(name) && !name.startsWith('.'));
  t.same(others, [], 'one play was kept');

  const second = await run();
  t.equal(second.record.scenes[0]?.reused, true);
  t.equal(second.record.scenes[0]?.ms, first.record.scenes[0]?.ms, 'how long it took is what it took');
  for (const name of evidence) t.equal(await readText(second.dir, 'base/own', name), await readText(first.dir, 'base/own', name), `${name} is the same`);
  t.same({ ...second.record.scenes[0], reused: false }, { ...first.record.scenes[0], reused: false });

  t.notOk((await run('--fresh')).record.scenes[0]?.reused, '--fresh plays it');

  await t.test('an expectation that changes is judged anew, by the trace that is there', async (t) => {
    const text = await readFile(file, 'utf8');
    const other = text.replace('{waits: io-mode}', '{waits: page}');
    t.not(other, text);
    await writeFile(file, other);
    const { record } = await run();
    await writeFile(file, text);
    t.match(record.scenes[0], { reused: true, verdict: { kind: 'fail' } });
  });

  await t.test('a play that is damaged is played again', async (t) => {
    const stored = join(cacheRoot(), 'plays', key);
    const bytes = await readFile(stored);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    await writeFile(stored, bytes);
    const { record } = await run();
    t.notOk(record.scenes[0]?.reused);
    t.equal(record.scenes[0]?.verdict.kind, 'pass');
    t.equal((await run()).record.scenes[0]?.reused, true, 'and kept again');
  });
});
