import t from 'tap';
import { parseCmdFile, shellCommand } from '../../../../harness/kernel/build/parse-cmd-file.ts';

const compiled = `savedcmd_fs/fuse/x.o := gcc -c -o fs/fuse/x.o /t/fs/fuse/x.c

source_fs/fuse/x.o := /t/fs/fuse/x.c

deps_fs/fuse/x.o := \\
    $(wildcard include/config/FUSE_DAX) \\
  /t/include/linux/fs.h \\
  include/generated/autoconf.h \\

fs/fuse/x.o: $(deps_fs/fuse/x.o)

$(deps_fs/fuse/x.o):

fs/fuse/x.o: $(wildcard ./tools/objtool/objtool)
`;

t.test('a compiled object has its command, its source, what it includes, and what kbuild put behind', async (t) => {
  const expected = {
    target: 'fs/fuse/x.o', saved: 'gcc -c -o fs/fuse/x.o /t/fs/fuse/x.c', source: '/t/fs/fuse/x.c', included: ['/t/include/linux/fs.h', 'include/generated/autoconf.h'],
    rest: '\nfs/fuse/x.o: $(wildcard ./tools/objtool/objtool)\n',
  };
  t.same(parseCmdFile(compiled), expected);
  t.same(parseCmdFile(compiled.replace('savedcmd_', 'cmd_')), expected, 'as before 6.3');
});

t.test('a link has only its command', async (t) => {
  t.same(parseCmdFile('savedcmd_fs/fuse/fuse.ko := ld -r -o fs/fuse/fuse.ko\n'), { target: 'fs/fuse/fuse.ko', saved: 'ld -r -o fs/fuse/fuse.ko', source: undefined, included: [], rest: '' });
});

t.test('a file that was cut short before its dependencies ended is none', async (t) => {
  const end = compiled.indexOf('$(deps_fs/fuse/x.o):\n') + '$(deps_fs/fuse/x.o):\n'.length;
  const whole = parseCmdFile(compiled.slice(0, end));
  t.same(whole?.included.length, 2);
  const from = compiled.indexOf('\ndeps_') + '\ndeps_'.length;
  for (let bytes = from; bytes < end; bytes++) t.equal(parseCmdFile(compiled.slice(0, bytes)), undefined);
  for (const text of ['', '\n', 'savedcmd_x := y', 'x := y\n']) t.equal(parseCmdFile(text), undefined);
});

t.test("make's escapes are undone for the shell", async (t) => {
  t.equal(shellCommand("awk '!x[$$0]++' $(pound) $$$$"), "awk '!x[$0]++' # $$");
});
