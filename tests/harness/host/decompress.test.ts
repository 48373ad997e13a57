import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { decompress } from '../../../harness/host/decompress.ts';
import { pack } from '../kernel/image/fake-kernel.ts';
import { errorOf, testHost } from '../kernel/kernel-fixture.ts';

t.test('what is damaged, unknown or without end is refused', async (t) => {
  const host = testHost(t);
  const file = join(host.dir, 'out');
  t.ok(await decompress(host, { bytes: pack(Buffer.from('a kernel'), 'zstd'), file }));
  t.equal(readFileSync(file, 'utf8'), 'a kernel');
  const packed = gzipSync(Buffer.alloc(5000, 'a kernel'));
  t.notOk(await decompress(host, { bytes: packed.subarray(0, packed.length - 9), file }), 'cut short');
  t.notOk(await decompress(host, { bytes: Buffer.from('BZh9'), file }), 'bzip2');
  t.notOk(await decompress(host, { bytes: pack(Buffer.alloc(257 * 1024 * 1024), 'zstd'), file }), '257 MiB in 8 KiB');
});

t.test('a program that is not installed is named', async (t) => {
  const host = testHost(t);
  const path = process.env['PATH'];
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  const bytes = pack(Buffer.from('a kernel'), 'xz');
  process.env['PATH'] = t.testdir({ bash: t.fixture('symlink', '/bin/bash') });
  t.match(await errorOf(decompress(host, { bytes, file: join(host.dir, 'out') })), { blame: 'machine', code: 'program-missing', message: /^xz: not installed/, next: './diorama doctor' });
});
