import t from 'tap';
import { decideScope, widest } from '../../../../harness/kernel/build/decide-scope.ts';
import type { Change, Reads } from '../../../../harness/kernel/build/decide-scope.ts';

const reads: Reads = {
  outside: new Map([['include/linux/fs.h', 1843], ['mm/filemap.c', 1], ['Documentation/read.h', 2], ['kernel/sched/rt.c', 1]]),
  inside: new Set(['fs/fuse/file.c', 'fs/fuse/fuse_i.h', 'include/uapi/linux/fuse.h', 'include/linux/fs.h']),
  namesOutside: new Set(['fs.h', 'trace.h', 'rt.c']),
  namesInside: new Set(['fs.h', 'fuse_i.h', 'fuse.h']),
  kconfig: new Set(['Kconfig', 'fs/fuse/Kconfig', 'Documentation/Kconfig']),
  shipsHeaders: false,
  fuseIsModule: true,
};

const other = (path: string): Change => ({ kind: 'other', path });

t.test('each change is judged by who read the file, and by what it may do besides', async (t) => {
  const cases: readonly (readonly [Change['kind'], string, string])[] = [
    ['other', 'fs/fuse/file.c', 'objects'],
    ['other', 'fs/fuse/fuse_i.h', 'objects'],
    ['other', 'include/uapi/linux/fuse.h', 'objects'],
    ['gone', 'fs/fuse/fuse_i.h', 'module'],
    ['gone', 'include/uapi/linux/fuse.h', 'module'],
    ['other', 'include/linux/fs.h', 'kernel'],
    ['gone', 'include/linux/fs.h', 'kernel'],
    ['other', 'mm/filemap.c', 'kernel'],
    ['other', 'Documentation/read.h', 'kernel'],
    // Compiled into nothing.
    ['other', 'fs/fuse/virtio_fs.c', 'nothing'],
    ['gone', 'fs/fuse/dax.c', 'nothing'],
    ['other', 'drivers/net/none.c', 'nothing'],
    ['gone', 'drivers/net/none.h', 'nothing'],
    ['other', 'Documentation/filesystems/fuse.rst', 'nothing'],
    ['new', 'Documentation/Makefile', 'nothing'],
    ['other', 'arch/arm64/Makefile', 'nothing'],
    ['new', 'arch/arm/include/asm/fs.h', 'nothing'],
    ['other', 'arch/arm/Kconfig', 'nothing'],
    ['other', 'tools/testing/selftests/x.sh', 'nothing'],
    ['other', 'fs/fuse/.gitignore', 'nothing'],
    // New, where something might find it.
    ['new', 'fs/fuse/iomode.c', 'module'],
    ['new', 'fs/fuse/fuse_trace.h', 'module'],
    ['new', 'fs/fuse/trace.h', 'kernel'],
    ['new', 'include/linux/fuse_new.h', 'kernel'],
    ['new', 'kernel/fs.h', 'kernel'],
    ['new', 'kernel/rt.c', 'kernel'],
    ['new', 'mm/fuse_i.h', 'module'],
    ['new', 'drivers/net/none.c', 'nothing'],
    // What makefiles and scripts read is noted nowhere.
    ['other', 'fs/fuse/Makefile', 'module'],
    ['new', 'fs/fuse/Kbuild', 'module'],
    ['other', 'fs/Makefile', 'kernel'],
    ['gone', 'mm/Makefile', 'kernel'],
    ['other', 'fs/fuse/table.awk', 'kernel'],
    ['other', 'arch/x86/entry/syscalls/syscall_64.tbl', 'kernel'],
    ['other', 'arch/x86/include/asm/unread.h', 'kernel'],
    ['other', 'include/xen/interface/unread.h', 'kernel'],
    ['other', 'tools/objtool/check.c', 'kernel'],
    ['other', 'usr/gen_init_cpio.c', 'kernel'],
    ['other', 'mm/none.rs', 'kernel'],
    ['other', 'vendor', 'kernel'],
    // The configuration.
    ['other', 'Makefile', 'config'],
    ['other', 'fs/fuse/Kconfig', 'config'],
    ['other', 'Documentation/Kconfig', 'config'],
    ['other', 'fs/none/Kconfig', 'nothing'],
    ['new', 'fs/none/Kconfig.new', 'config'],
    ['gone', 'fs/none/Kconfig', 'config'],
    ['other', 'scripts/cc-version.sh', 'config'],
    ['other', 'kernel/configs/tiny.config', 'config'],
  ];
  for (const [kind, path, scope] of cases) t.equal(decideScope([{ kind, path }], reads).scope, scope, `${path} is ${kind}`);
});

t.test('the widest of all changes counts, and its first path is told, as one harmless line', async (t) => {
  t.same(decideScope([], reads), { scope: 'nothing', why: 'fuse.ko and vmlinux as they were: nothing differs' });
  t.match(decideScope([other('fs/fuse/file.c')], reads), { why: 'fuse.ko alone: fs/fuse/file.c is read by nothing else' });
  const many = [other('MAINTAINERS'), other('fs/fuse/file.c'), other('include/linux/fs.h'), other('mm/filemap.c')];
  t.match(decideScope(many, reads), { scope: 'kernel', why: 'vmlinux and modules: include/linux/fs.h is read by 1843 objects outside fs/fuse, and 1 more' });
  const hostile = decideScope([other('fs/\u001b[2Jx\n<b>.pl')], reads).why;
  t.equal(hostile, 'vmlinux and modules: fs/x <b>.pl may be read by anything');
  t.equal(widest('module', 'kernel'), 'kernel');
  t.equal(widest('objects', 'nothing'), 'objects');
});

t.test('where fuse is linked into vmlinux, or all headers are, nothing is the module alone', async (t) => {
  t.equal(decideScope([other('fs/fuse/file.c')], { ...reads, fuseIsModule: false }).scope, 'kernel');
  t.equal(decideScope([other('fs/fuse/fuse_i.h')], { ...reads, shipsHeaders: true }).scope, 'kernel');
  t.equal(decideScope([other('fs/fuse/file.c')], { ...reads, shipsHeaders: true }).scope, 'objects');
  t.equal(decideScope([other('arch/arm/Kconfig')], { ...reads, kconfig: new Set() }).scope, 'config', 'without a list, the name has to do');
});
