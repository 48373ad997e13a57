import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readMemory, writeMemory, type WatchMemory } from '../../../harness/watch/watch-memory.ts';

t.test('what is written is read again; what is broken is as if it were not there', async (t) => {
  const file = join(t.testdir(), 'watch', 'memory.json');
  const memory: WatchMemory = {
    fuseModule: '/cache/variants/b/fuse.ko',
    scenes: new Map([
      ['a', { program: 'p', ms: 12.5, failed: true, ran: { functions: ['fuse_open', 'fuse_read'], fuseModule: '/cache/variants/a/fuse.ko' } }],
      ['b', { program: 'q', ms: 3, failed: false, ran: { functions: [], fuseModule: '/cache/variants/b/fuse.ko' } }],
      ['c', { program: 'r', ms: 4, failed: false }],
    ]),
  };
  await writeMemory(file, memory);
  t.same(await readMemory(file), memory);
  writeFileSync(file, '{"scenes": 7');
  t.same(await readMemory(file), { scenes: new Map() });
});
