import { chmodSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { join } from 'node:path';
import t from 'tap';
import { fakeQemu, isAlive, untilThere } from './fake-qemu.ts';

t.test('a QEMU that ends at once is an exit with its code and its words', async (t) => {
  const fake = fakeQemu(t, "console.error('qemu-system-x86_64: no such machine'); process.exit(1);");
  const ending = await fake.start().ended;
  t.match(ending, { how: 'exit', exitCode: 1, stderr: 'qemu-system-x86_64: no such machine' });
});

t.test('QMP answers in the order of the questions, and tells events, also those that came before one asked', async (t) => {
  const fake = fakeQemu(t, "serve((command) => { if (command === 'cont') say({ event: 'RESUME' }); if (command === 'no') { say({ error: { class: 'x', desc: 'it is paused' } }); return true; } if (command === 'status') { say({ return: { status: 'running' } }); return true; } return false; });");
  const qemu = fake.start();
  t.strictSame(await Promise.all([qemu.qmp.ask('status'), qemu.qmp.ask('cont')]), [{ status: 'running' }, {}]);
  t.equal(await qemu.qmp.event('RESUME'), true);
  await t.rejects(qemu.qmp.ask('no'), { message: 'no: it is paused' });
  await qemu.kill();
  t.equal(await qemu.qmp.event('SHUTDOWN'), false);
  await t.rejects(qemu.qmp.ask('status'), { message: 'QEMU has ended' });
  t.notOk(isAlive(fake.pid()));
});

t.test('what is no QMP between the lines of QMP is passed over', async (t) => {
  const fake = fakeQemu(t, "serve((command) => { if (command !== 'status') return false; process.stdout.write('garbage\\n5\\nnull\\n\"x\"\\n{}\\n'); say({ return: 7 }); return true; });");
  const qemu = fake.start();
  t.equal(await qemu.qmp.ask('status'), 7);
  await qemu.kill();
});

t.test('a QEMU that hangs and ignores SIGTERM is ended at its limit, with all that it started', async (t) => {
  const fake = fakeQemu(t, "process.on('SIGTERM', () => {}); append('console', 'x'); const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }); append('child', String(child.pid)); setInterval(() => {}, 1000);");
  const began = performance.now();
  const qemu = fake.start({ limitMs: 900, teardownMs: 200 });
  const ending = await qemu.ended;
  t.match(ending, { how: 'limit', exitCode: undefined });
  t.ok(performance.now() - began < 5000);
  t.notOk(isAlive(fake.pid()));
  t.notOk(isAlive(Number(fake.read('child'))));
});

t.test('what a QEMU that ended by itself left running is ended too', async (t) => {
  const fake = fakeQemu(t, "const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }); append('child', String(child.pid)); setTimeout(() => process.exit(1), 50);");
  t.match(await fake.start().ended, { how: 'exit', exitCode: 1 });
  await untilThere(() => !isAlive(Number(fake.read('child'))));
});

t.test('a guest that hangs is asked by NMI what it does before it is ended', async (t) => {
  const fake = fakeQemu(t, "append('trace', 'x'); serve((command) => { if (command !== 'inject-nmi') return false; append('console', 'Kernel panic - not syncing: NMI\\n'); say({ return: {} }); say({ event: 'SHUTDOWN' }); return true; });");
  const qemu = fake.start({ limitMs: 1000, teardownMs: 10_000 });
  const began = performance.now();
  t.match(await qemu.ended, { how: 'limit' });
  t.match(fake.read('console'), 'Kernel panic - not syncing: NMI');
  t.ok(performance.now() - began < 5000, 'it does not wait for the whole teardown');
});

t.test('a guest that does not answer the NMI costs half the teardown and no more', async (t) => {
  const fake = fakeQemu(t, "append('trace', 'x'); serve();");
  const qemu = fake.start({ limitMs: 1000, teardownMs: 1000 });
  const ending = await qemu.ended;
  t.equal(ending.how, 'limit');
  t.ok(ending.wallMs > 1400 && ending.wallMs < 4000, `${ending.wallMs} ms`);
  t.match(fake.read('asked'), 'inject-nmi');
});

t.test('a guest that never writes a byte is ended at the shorter bound', async (t) => {
  const fake = fakeQemu(t, 'serve();');
  const ending = await fake.start({ limitMs: 20_000, silentMs: 600, teardownMs: 200 }).ended;
  t.equal(ending.how, 'limit');
  t.ok(ending.wallMs < 5000);
});

t.test('a guest that floods its console is ended, and not asked why', async (t) => {
  const fake = fakeQemu(t, "serve(); setInterval(() => append('console', 'loud\\n'.repeat(10000)), 10);");
  const ending = await fake.start().ended;
  t.equal(ending.how, 'flood');
  t.notMatch(fake.read('asked'), 'inject-nmi');
  t.notOk(isAlive(fake.pid()));
});

t.test('an abort ends it at once, also while it is asked what it does', async (t) => {
  const fake = fakeQemu(t, "append('trace', 'x'); serve();");
  const stop = new AbortController();
  const qemu = fake.start({ signal: stop.signal, limitMs: 800, teardownMs: 60_000 });
  await untilThere(() => fake.read('asked').includes('inject-nmi'));
  const began = performance.now();
  stop.abort();
  await qemu.ended;
  t.ok(performance.now() - began < 2000);
  t.notOk(isAlive(fake.pid()));
});

t.test('what was aborted before it began ends as aborted', async (t) => {
  const fake = fakeQemu(t, 'serve();');
  t.equal((await fake.start({ signal: AbortSignal.abort() }).ended).how, 'abort');
});

t.test('a machine without QEMU is told so', async (t) => {
  const fake = fakeQemu(t, '');
  writeFileSync(join(fake.dir, 'bin/setpriv'), '#!/bin/sh\necho "setpriv: failed to execute qemu-system-x86_64: No such file or directory" >&2\nexit 127\n');
  chmodSync(join(fake.dir, 'bin/setpriv'), 0o755);
  await t.rejects(fake.start().ended, { code: 'program-missing', blame: 'machine', message: 'qemu-system-x86_64: not installed' });
});

t.test('QEMU does not outlive a diorama that is killed', async (t) => {
  const fake = fakeQemu(t, "append('trace', 'x'); process.stdin.on('close', () => {}); setInterval(() => {}, 1000);");
  const parent = execa(process.execPath, [...process.execArgv, join(import.meta.dirname, 'start-and-wait.ts')], { reject: false });
  t.teardown(() => parent.kill('SIGKILL'));
  await untilThere(() => fake.read('pid') !== '');
  parent.kill('SIGKILL');
  await parent;
  await untilThere(() => !isAlive(fake.pid()));
});
