import t from 'tap';
import { buildFailure, findBuildErrors } from '../../../../harness/kernel/build/build-errors.ts';
import type { PatchedTree } from '../../../../harness/kernel/types.ts';

const where = { workTree: '/c/trees/x/tree', buildDir: '/c/trees/x/build/default' };

t.test('the errors of every tool of a build are found, and paths are those of the tree', async (t) => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ['/c/trees/x/tree/fs/fuse/file.c:12:5: error: expected ;', 'fs/fuse/file.c', 'fs/fuse/file.c:12:5: error: expected ;'],
    ['../../tree/fs/fuse/file.c:12:5: error: x', 'fs/fuse/file.c', 'fs/fuse/file.c:12:5: error: x'],
    ['../../tree/fs/fuse/file.c:3:10: fatal error: y.h: No such file or directory', 'fs/fuse/file.c', 'fs/fuse/file.c:3:10: fatal error: y.h: No such file or directory'],
    ['/c/trees/x/tree/arch/x86/entry/entry.S:7: Error: no such instruction', 'arch/x86/entry/entry.S', 'arch/x86/entry/entry.S:7: Error: no such instruction'],
    ['ERROR: modpost: "fuse_x" [fs/fuse/fuse.ko] undefined!', 'fs/fuse/fuse.o', 'ERROR: modpost: "fuse_x" [fs/fuse/fuse.ko] undefined!'],
    ["ld: fs/x.o: in function `y': undefined reference to `z'", undefined, "ld: fs/x.o: in function `y': undefined reference to `z'"],
  ];
  for (const [line, file, text] of cases) t.same(findBuildErrors(['  CC      x.o', line, 'make[2]: *** [x.o] Error 1'], where), [{ file, text }]);
});

t.test("make's own lines count only when nobody else says what is wrong, and warnings never do", async (t) => {
  const lines = ['fs/a.c:1:1: warning: unused', 'note: error: in a comment', 'ld: warning: .tmp_vmlinux1 has a LOAD segment with RWX permissions', "make[1]: *** No rule to make target 'x.o'.  Stop."];
  t.same(findBuildErrors(lines, where), [{ file: undefined, text: lines.at(-1) }]);
});

t.test('the patch of the file is named, else one of the same directory, else nobody', async (t) => {
  const failure = (touched: readonly (readonly [string, string])[], line: string): ReturnType<typeof buildFailure> => {
    const lineage = { dir: '/c/trees/x', gitDir: '', workTree: where.workTree, lockFile: '' };
    const source = { spec: 'debian:6.12', version: '6.12.7', origin: '', treeId: '', lineage };
    const tree: PatchedTree = { source, treeId: '', touched: new Map(touched) };
    return buildFailure({ tree, configName: 'default', lines: [line], buildDir: where.buildDir, log: '/log' });
  };
  const error = '../../tree/fs/fuse/file.c:12:5: error: x';
  t.match(failure([['fs/fuse/file.c', 'fuse: one'], ['fs/fuse/dev.c', 'fuse: two']], error), { blame: 'series', message: /^"fuse: one"/, details: [/file\.c/, /touched by "fuse: one"/] });
  t.match(failure([['fs/fuse/fuse_i.h', 'fuse: header']], error), { blame: 'series', message: /^"fuse: header"/ });
  t.match(failure([['mm/filemap.c', 'mm: other']], error), { blame: 'kernel', message: /debian:6\.12/ });
  t.match(failure([['fs/fuse/dev.c', 'fuse: two']], 'ERROR: modpost: "x" [fs/fuse/fuse.ko] undefined!'), { blame: 'series' });
  t.match(failure([], 'nothing of note'), { blame: 'kernel', details: ['nothing of note'] });
});
