import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scanVmlinux } from '../../../../harness/kernel/image/scan-vmlinux.ts';
import { sha256 } from '../debian-archive.ts';
import { fakeVmlinux, goodConfig } from './fake-kernel.ts';

const pieceBytes = 8 * 1024 * 1024;

t.test('what lies across two pieces is found as what lies in one', async (t) => {
  const file = join(t.testdir(), 'vmlinux');
  const kernel = fakeVmlinux({ builtIn: true, config: goodConfig });
  const at = { banner: kernel.indexOf('Linux version 6'), greeting: kernel.indexOf('fuse: init'), config: kernel.indexOf('IKCFG_ST'), end: kernel.length };
  for (const [what, offset] of Object.entries(at)) {
    for (const pieces of [1, 2]) {
      const bytes = Buffer.concat([kernel.subarray(0, 64), Buffer.alloc(pieces * pieceBytes - offset - 4 - 64), kernel.subarray(64), Buffer.alloc(100)]);
      writeFileSync(file, bytes);
      t.match(await scanVmlinux(file), { sha256: sha256(bytes), elf: true, config: goodConfig, fuseBuiltIn: true, banner: /^Linux version 6\.12\.7 .*#1 SMP/ }, `${what}, after ${String(pieces)}`);
    }
  }
});

t.test('what is not there is not found, and what is empty is no kernel', async (t) => {
  const file = join(t.testdir(), 'vmlinux');
  for (const [bytes, elf] of [[Buffer.alloc(0), false], [Buffer.alloc(9 * 1024 * 1024, 'Linux version '), false], [fakeVmlinux().subarray(0, 100), true]] as const) {
    writeFileSync(file, bytes);
    t.strictSame(await scanVmlinux(file), { sha256: sha256(bytes), elf, fuseBuiltIn: false });
  }
});
