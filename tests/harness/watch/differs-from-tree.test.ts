import { chmodSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { dirSource } from '../../../harness/kernel/source/dir-source.ts';
import { differsFromTree } from '../../../harness/watch/differs-from-tree.ts';
import { testHost, writeKernel } from '../kernel/kernel-fixture.ts';

t.test('a file that was only touched is as the snapshot has it', async (t) => {
  const host = testHost(t);
  const root = writeKernel(join(host.dir, 'linux'));
  const source = await dirSource(host, { path: root, spec: 'dir:linux' });
  const file = join(root, 'fs/fuse/file.c');
  const differs = (...paths: string[]): Promise<boolean> => differsFromTree(host, { source, root, paths });
  utimesSync(file, new Date(), new Date());
  t.equal(await differs(file, join(root, 'fs/fuse')), false);
  t.equal(await differs(join(root, 'fs/fuse/4914')), false, 'it came and went');
  t.equal(await differs(join(host.dir, 'elsewhere.yaml')), true);
  chmodSync(file, 0o755);
  t.equal(await differs(file), true, 'it may be run now');
  chmodSync(file, 0o644);
  writeFileSync(file, 'int fuse2;\n');
  t.equal(await differs(join(root, 'Makefile'), file), true);
  rmSync(file);
  t.equal(await differs(file), true);
});
