import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { keepReads, readsOf, type Reads } from '../../../../harness/kernel/build/build-reads.ts';
import { findScope } from '../../../../harness/kernel/build/build-scope.ts';

const reads: Reads = {
  module: new Set(['fs/fuse/file.c', 'fs/fuse/fuse_i.h', 'include/uapi/linux/fuse.h', 'include/linux/fs.h']),
  others: new Map([['include/linux/fs.h', 843], ['mm/filemap.c', 1], ['include/asm-generic/bug.h', 3]]),
};

function scopeOf(...paths: string[]): string {
  return findScope(paths.map((path) => (path.startsWith('+') ? { status: 'A', path: path.slice(1) } : { status: 'M', path })), reads).scope;
}

t.test('what only fuse.ko reads is the module, whatever else is said of the path', async (t) => {
  t.equal(scopeOf('fs/fuse/file.c'), 'module');
  t.equal(scopeOf('fs/fuse/file.c', 'include/uapi/linux/fuse.h'), 'module');
  t.equal(scopeOf('+fs/fuse/new.h'), 'module');
  t.equal(findScope([{ status: 'M', path: 'fs/fuse/file.c' }], reads).why, 'fs/fuse/file.c is read by nothing but fuse.ko');
});

t.test('what anything else reads is the kernel', async (t) => {
  t.equal(scopeOf('include/linux/fs.h'), 'kernel');
  t.equal(scopeOf('fs/fuse/file.c', 'mm/filemap.c'), 'kernel');
  t.equal(findScope([{ status: 'M', path: 'fs/fuse/file.c' }, { status: 'M', path: 'include/linux/fs.h' }], reads).why, "include/linux/fs.h is read by 843 objects beside fuse.ko's");
});

t.test('what make and its programs read is not in the dependency files, and may be anything', async (t) => {
  for (const path of ['fs/fuse/Makefile', 'mm/Makefile', 'scripts/mod/modpost.c', 'tools/objtool/check.c', 'arch/x86/entry/syscalls/syscall_64.tbl', 'kernel/gen_kheaders.sh']) t.equal(scopeOf(path), 'kernel', path);
  for (const path of ['fs/fuse/Kconfig', 'arch/x86/Kconfig.debug', 'Makefile', 'scripts/kconfig/conf.c']) t.equal(scopeOf('fs/fuse/file.c', path), 'config', path);
});

t.test('what nothing reads changes nothing', async (t) => {
  for (const path of ['Documentation/filesystems/fuse.rst', 'tools/testing/selftests/x.c', 'MAINTAINERS', 'arch/arm64/mm/fault.c', 'arch/arm64/mm/Makefile', 'drivers/net/ethernet/x.c', '+include/linux/brand-new.h']) t.equal(scopeOf(path), 'nothing', path);
  t.equal(findScope([], reads).scope, 'nothing');
});

t.test('a new header may be found instead of one that was read', async (t) => {
  t.equal(scopeOf('+arch/x86/include/asm/bug.h'), 'kernel');
  t.equal(scopeOf('+include/linux/fuse_i.h'), 'module');
  t.equal(scopeOf('+fs/fuse/bug.h'), 'kernel', 'it cannot be told who would find it');
});

t.test('without dependency files only what is beside fuse.ko is told apart', async (t) => {
  const none: Reads = { module: new Set(), others: new Map() };
  t.equal(findScope([{ status: 'M', path: 'fs/fuse/file.c' }], none).scope, 'module');
  t.equal(findScope([{ status: 'M', path: 'mm/filemap.c' }], none).scope, 'kernel');
});

t.test("kbuild's dependency files are read once, and those of fuse.ko again after each build of it", async (t) => {
  const dir = t.testdir({});
  const workTree = '/trees/a/tree';
  const write = async (object: string, deps: readonly string[]): Promise<void> => {
    const [folder = '', name = ''] = [object.slice(0, object.lastIndexOf('/')), object.slice(object.lastIndexOf('/') + 1)];
    await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, folder, `.${name}.cmd`), `savedcmd_${object} := gcc -I${workTree}/include -c -o ${object} ${workTree}/${deps[0] ?? ''} ; ./tools/objtool/objtool\n\nsource_${object} := ${workTree}/${deps[0] ?? ''}\n\ndeps_${object} := \\\n    $(wildcard include/config/FUSE_DAX) \\\n${deps.map((path) => `  ${workTree}/${path} \\\n`).join('')}  include/generated/autoconf.h \\\n`);
  };
  await write('fs/fuse/file.o', ['fs/fuse/file.c', 'include/linux/fs.h']);
  await write('mm/filemap.o', ['mm/filemap.c', 'include/linux/fs.h']);
  await write('fs/open.o', ['fs/open.c', 'include/linux/fs.h']);
  const at = { dir, workTree, treeId: 'one' };
  const first = await readsOf(at);
  t.same([...first.module].sort(), ['fs/fuse/file.c', 'include', 'include/linux/fs.h']);
  t.equal(first.others.get('include/linux/fs.h'), 2);
  t.equal(first.others.get('fs/fuse/file.c'), undefined);
  await keepReads(at);
  await write('fs/fuse/file.o', ['fs/fuse/file.c', 'include/linux/fs.h', 'fs/fuse/new.h']);
  await write('mm/filemap.o', ['mm/filemap.c']);
  t.notOk((await readsOf(at)).module.has('fs/fuse/new.h'), 'the record is of that tree');
  await keepReads({ ...at, treeId: 'two', before: first });
  const second = await readsOf({ ...at, treeId: 'two' });
  t.ok(second.module.has('fs/fuse/new.h'));
  t.equal(second.others.get('include/linux/fs.h'), 2, 'what else was read is what it was');
  t.equal((await readsOf({ ...at, treeId: 'three' })).others.get('include/linux/fs.h'), 1, 'another tree is looked at anew');
});
