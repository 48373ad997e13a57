import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { underLoad } from '../../../harness/host/host-load.ts';
import type { Host } from '../../../harness/host/host.ts';

/** A diorama whose load is `script`, which is given its scratch directory as $2. */
function hostOf(t: Test, script: string, signal = new AbortController().signal): Host {
  const root = t.testdir({ diorama: `#!/bin/sh\n${script}\n`, cache: {} });
  chmodSync(join(root, 'diorama'), 0o755);
  return { cache: join(root, 'cache'), root, emit: () => undefined, signal, jobs: 1 };
}

const goesOn = 'echo $$ >"$2/pid$3"; exec sleep 60';

async function pids(host: Host, count: number): Promise<number[]> {
  for (;;) {
    const [dir] = readdirSync(host.cache);
    const files = dir === undefined ? [] : readdirSync(join(host.cache, dir)).map((name) => readFileSync(join(host.cache, dir, name), 'utf8').trim());
    if (files.filter(Boolean).length === count) return files.map(Number);
    await new Promise((done) => setTimeout(done, 10));
  }
}

function nothingLeft(t: Test, host: Host, ids: readonly number[]): void {
  t.same(readdirSync(host.cache), []);
  for (const id of ids) t.notOk(existsSync(`/proc/${id}`), `${id} has ended`);
}

t.test('the load is there while the work is done, and gone after it', async (t) => {
  const host = hostOf(t, goesOn);
  let ids: number[] = [];
  const came = await underLoad(host, { processes: 3, seed: 7 }, async () => {
    ids = await pids(host, 3);
    return 'done';
  });
  t.equal(came, 'done');
  t.equal(new Set(ids).size, 3);
  nothingLeft(t, host, ids);
});

t.test('work that fails ends the load too, and its error comes out', async (t) => {
  const host = hostOf(t, goesOn);
  let ids: number[] = [];
  await t.rejects(underLoad(host, { processes: 2, seed: 1 }, async () => {
    ids = await pids(host, 2);
    throw new Error('broken');
  }), { message: 'broken' });
  nothingLeft(t, host, ids);
});

t.test('a load that goes by itself ends the work: it was not done under load', async (t) => {
  const host = hostOf(t, "printf '\\033[31mNo space left\\n' >&2; exit 7");
  const work = (loaded: Host): Promise<void> => new Promise((_, failed) => loaded.signal.addEventListener('abort', () => failed(loaded.signal.reason as Error)));
  await t.rejects(underLoad(host, { processes: 1, seed: 1 }, work), { blame: 'machine', code: 'program-failed', message: 'the load beside the guests ended by itself (exit 7): No space left' });
  nothingLeft(t, host, []);
});

t.test('a load of nothing starts nothing', async (t) => {
  const host = hostOf(t, 'exit 1');
  t.equal(await underLoad(host, { processes: 0, seed: 1 }, async (same) => same), host);
});
