import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { compilerErrors } from '../../../harness/watch/compiler-errors.ts';

t.test("gcc's line and mark stand below each of its errors", async (t) => {
  const dir = t.testdir();
  writeFileSync(join(dir, 'file.c'), 'int a(void)\n{\n\treturn 1\n}\nint b = c;\n');
  let log = '';
  try {
    execFileSync('gcc', ['-c', join(dir, 'file.c')], { env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' }, stdio: 'pipe' });
  } catch (error) {
    log = String((error as { stderr: Buffer }).stderr);
  }
  const details = log.split('\n').filter((line) => line.includes(' error: ')).map((line) => line.replace(/^.*\/file\.c/, 'fs/fuse/file.c'));
  const found = compilerErrors([...details, 'ERROR: modpost: "x" [fs/fuse/fuse.ko] undefined!'], log);
  t.match(found[0], { head: /^fs\/fuse\/file\.c:3:\d+: error: expected/, excerpt: [/^ +3 \|.*return 1/, /^ +\| +\^/] });
  t.match(found[1], { head: /^fs\/fuse\/file\.c:5:9: error:/, excerpt: [/int b = c;/, /\^/] });
  t.same(found[2], { head: 'ERROR: modpost: "x" [fs/fuse/fuse.ko] undefined!', excerpt: [] });
});
