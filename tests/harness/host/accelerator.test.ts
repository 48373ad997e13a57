import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { probeAccelerator } from '../../../harness/host/accelerator.ts';
import type { Host } from '../../../harness/host/host.ts';
import { probeGuestImage } from '../../../harness/host/probe-guest.ts';

const host: Host = { cache: '/nonexistent', root: '/nonexistent', emit: () => undefined, signal: new AbortController().signal, jobs: 1 };

t.test('the probe guest really runs under TCG', async (t) => {
  const probe = await probeAccelerator(host, 'tcg');
  t.match(probe, { accelerator: 'tcg', works: true, reason: 'booted a guest' });
});

t.test('the image fills one BIOS page and starts at the reset vector', async (t) => {
  const image = probeGuestImage();
  t.equal(image.length, 0x10000);
  t.equal(image.subarray(0xfff0, 0xfff3).toString('hex'), 'e90dff');
  t.ok(image.subarray(0xff00, 0xfff0).indexOf(Buffer.from([0xb0, 0x10, 0xe6, 0xf4])) > 0, 'it ends by out 0xf4');
});

t.test('a QEMU that ends in any other way is no proof, and its words are the reason', async (t) => {
  await withQemu(t, '#!/bin/sh\necho "qemu-system-x86_64: warning: never mind" >&2\necho "qemu-system-x86_64: error: no such accelerator" >&2\nexit 1\n');
  t.match(await probeAccelerator(host, 'tcg'), { works: false, reason: 'no such accelerator' });
});

t.test('a guest that never comes back is given up on', { timeout: 20_000 }, async (t) => {
  await withQemu(t, '#!/bin/sh\nexec sleep 60\n');
  const probe = await probeAccelerator(host, 'tcg');
  t.match(probe, { works: false, reason: 'nothing came of it in 5 s' });
  t.ok(probe.ms < 10_000);
});

t.test('without QEMU it says so', async (t) => {
  await withQemu(t, undefined);
  t.match(await probeAccelerator(host, 'tcg'), { works: false, reason: 'there is no qemu-system-x86_64' });
});

async function withQemu(t: Test, script: string | undefined): Promise<void> {
  const dir = t.testdir(script === undefined ? {} : { 'qemu-system-x86_64': script });
  if (script !== undefined) await chmod(join(dir, 'qemu-system-x86_64'), 0o755);
  const before = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = before));
  process.env['PATH'] = script === undefined ? dir : `${dir}:/usr/bin:/bin`;
}
