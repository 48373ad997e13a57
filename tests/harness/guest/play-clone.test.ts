import { join } from 'node:path';
import t, { type Test } from 'tap';
import { playClone, type Played } from '../../../harness/guest/play-clone.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';
import { fakeQemu, isAlive, type FakeQemu } from './fake-qemu.ts';

const root = join(import.meta.dirname, '../../..');
const guest = await readGuest(root, 'deterministic');
const limits = { ...guest.limits, clone: 3000, scene: 1000, teardown: 500, console: 100_000 };

/** Plays a clone on a QEMU whose answers to `serve` are `body`. */
async function played(t: Test, body: string, signal = new AbortController().signal): Promise<{ fake: FakeQemu; played: Played }> {
  const fake = fakeQemu(t, `append('console', ''); append('trace', ''); ${body}`);
  const template = { id: 'x', qemu: 'fake', accelerator: 'tcg' as const, reused: false, ram: '/dev/null', state: '/dev/null' };
  const host = { cache: fake.dir, root, emit: () => undefined, signal, jobs: 1 };
  return { fake, played: await playClone(host, { guest: { ...guest, limits }, template, files: new Map(), console: join(fake.dir, 'console'), trace: join(fake.dir, 'trace') }) };
}

const status = "if (command === 'query-status') { say({ return: { status: 'paused' } }); return true; }";

t.test('a clone is told where its state is, and to go on; what it wrote comes back', async (t) => {
  const { fake, played: { ending, trace, console } } = await played(t, `serve((command) => { ${status} if (command !== 'cont') return false; append('trace', 'hello\\n'); append('console', '\\u00e9'); say({ return: {} }); setTimeout(() => process.exit(1), 50); return true; });`);
  t.strictSame(fake.read('asked').trim().split('\n'), ['qmp_capabilities', 'migrate-incoming', 'query-status', 'cont']);
  t.match(ending, { how: 'exit', exitCode: 1 });
  t.equal(trace, 'hello\n');
  t.equal(console.length, 2, 'each byte is one character');
});

t.test('a clone that QEMU refuses to start is no hang: it ends at once, with QEMU\'s words', async (t) => {
  const began = performance.now();
  const { fake, played: { ending } } = await played(t, "serve((command) => { if (command !== 'migrate-incoming') return false; say({ error: { class: 'GenericError', desc: 'no such state' } }); return true; });");
  t.match(ending, { how: 'exit', exitCode: undefined, stderr: /^migrate-incoming: no such state/ });
  t.ok(performance.now() - began < 2500);
  t.notOk(isAlive(fake.pid()));
});

t.test('a QEMU that ends in the middle of the questions is told by its end', async (t) => {
  const { played: { ending } } = await played(t, "serve((command) => { if (command !== 'migrate-incoming') return false; console.error('load of migration failed'); process.exit(1); });");
  t.match(ending, { how: 'exit', exitCode: 1, stderr: 'load of migration failed' });
});

t.test('a clone that never says a word ends at the bound of its start', async (t) => {
  const { played: { ending } } = await played(t, `serve((command) => { ${status} return false; });`);
  t.equal(ending.how, 'limit');
});

t.test('an interrupted clone throws the reason', async (t) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('Ctrl-C')), 500);
  await t.rejects(played(t, `append('trace', 'x'); serve((command) => { ${status} return false; });`, stop.signal), { message: 'Ctrl-C' });
});
