import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import { readSeries } from '../../../harness/series/read-series.ts';
import type { Series } from '../../../harness/series/types.ts';
import { commit, debian, errorOf, gitIn, leftIn, mail, newFile, repository, testHost } from './series-fixture.ts';

const bare = newFile('fs/fuse/new.c').slice(newFile('fs/fuse/new.c').indexOf('diff --git'));

function write(dir: string, name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

function subjects(series: Series): string[] {
  return series.patches.map(({ subject }) => subject);
}

function three(version = ''): string[] {
  const cover = mail({ subject: `[PATCH${version} 0/3] all of it`, id: `c${version}`, body: 'Text.\n\nbase-commit: 2f3d8ff45798be60ad7fda3ae6a9e2b5e1e5d8f3' });
  const rest = [1, 2, 3].map((n) =>
    mail({ subject: `[PATCH${version} ${n}/3] fuse: p${n}`, id: `p${n}${version}`, parent: `c${version}`, body: newFile(`fs/fuse/p${n}.c`) }),
  );
  return [cover, ...rest];
}

t.test('a mailbox is split and ordered, and says where each patch came from', async (t) => {
  const { host, notes } = testHost(t.testdir());
  const [cover, one, two, last] = three();
  const reply = mail({ subject: 'Re: [PATCH 2/3] fuse: p2', id: 'r', parent: 'p2', body: `> ${newFile('x').replaceAll('\n', '\n> ')}` });
  const path = write(host.root, 'series.mbox', [last, reply, one, cover, two].join(''));
  const series = await readSeries(host, [path], debian);
  t.same(subjects(series), ['fuse: p1', 'fuse: p2', 'fuse: p3']);
  t.same(series.patches.map(({ from }) => from), ['series.mbox, mail 3', 'series.mbox, mail 5', 'series.mbox, mail 1']);
  t.same(series.patches[0]?.files, [{ path: 'fs/fuse/p1.c', preImage: '0000000' }]);
  t.equal(series.baseCommit, '2f3d8ff45798be60ad7fda3ae6a9e2b5e1e5d8f3');
  t.equal(series.label, path);
  t.same(notes, []);
  t.same(leftIn(join(host.cache, 'tmp')), [], 'no temporary file stays');
});

t.test('of a thread with two versions (t.mbox.gz of lore) the newest is read, and a note says so', async (t) => {
  const { host, notes } = testHost(t.testdir());
  const path = write(host.root, 't.mbox.gz', gzipSync([...three(), ...three(' v2')].join('')));
  const series = await readSeries(host, [path], debian);
  t.same(series.patches.map(({ from }) => from), ['t.mbox.gz, mail 6', 't.mbox.gz, mail 7', 't.mbox.gz, mail 8']);
  t.match(notes, [/t\.mbox\.gz: v2 is the newest version and is taken/]);
});

t.test('a mailbox that misses a patch is refused, and the missing one is named', async (t) => {
  const { host } = testHost(t.testdir());
  const [, one, , last] = three();
  const error = await errorOf(readSeries(host, [write(host.root, 's.mbox', `${one}${last}`)], debian));
  t.match(error, { blame: 'usage', code: 'bad-series', message: /s\.mbox: missing from the series: 2\/3/ });
});

t.test('CRLF lines of a mail program are undone', async (t) => {
  const { host } = testHost(t.testdir());
  const path = write(host.root, 'crlf.mbox', three().join('').replaceAll('\n', '\r\n'));
  const series = await readSeries(host, [path], debian);
  t.equal(series.patches.length, 3);
  t.notOk(series.patches.some(({ diff }) => diff.includes('\r')));
});

t.test('carriage returns of a patch for a file that has them stay', async (t) => {
  const { host } = testHost(t.testdir());
  const path = write(host.root, 'dos.patch', mail({ subject: '[PATCH] dos', body: newFile('dos.txt', 'line\r') }));
  const series = await readSeries(host, [path], debian);
  t.ok(series.patches[0]?.diff.includes('+line\r\n'));
});

t.test('base64, quoted-printable, encoded subjects and attachments are decoded', async (t) => {
  const { host } = testHost(t.testdir());
  const base64 = Buffer.from(newFile('a.c', 'ä').replaceAll('\n', '\r\n')).toString('base64').replace(/.{76}/g, '$&\n');
  const mails = [
    mail({
      subject: '=?ISO-8859-1?q?[PATCH_1/3]_fuse:_=E4?=',
      id: '1',
      headers: ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'],
      body: base64,
    }),
    mail({
      subject: '[PATCH 2/3] q',
      id: '2',
      headers: ['Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable'],
      body: newFile('b.c', 'x =3D =E4'),
    }),
    mail({
      subject: '[PATCH 3/3] m',
      id: '3',
      headers: ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="bb"'],
      body: `--bb\nContent-Type: text/plain\n\nSee below.\n\n--bb\nContent-Type: text/x-patch\n\n${newFile('c.c')}\n\n--bb--`,
    }),
  ];
  const series = await readSeries(host, [write(host.root, 'm.mbox', mails.join(''))], debian);
  t.same(subjects(series), ['fuse: ä', 'q', 'm']);
  t.ok(series.patches[0]?.diff.includes('+ä\n'), 'the bytes of the file');
  t.ok(series.patches[1]?.diff.includes(Buffer.from('+x = \xe4\n', 'latin1')), 'not converted to another charset');
});

t.test('format=flowed whose lines are whole is undone by git', async (t) => {
  const { host } = testHost(t.testdir());
  const body = 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n  \tint a;\n-d\n+e\n';
  const headers = ['Content-Type: text/plain; charset=utf-8; format=flowed'];
  const series = await readSeries(host, [write(host.root, 'f.patch', mail({ subject: '[PATCH] x', headers, body }))], debian);
  t.ok(series.patches[0]?.diff.includes('\n \tint a;\n'));
});

t.test('a charset nobody knows does not stop a patch', async (t) => {
  const { host } = testHost(t.testdir());
  const headers = ['Content-Type: text/plain; charset=cp-850', 'Content-Transfer-Encoding: quoted-printable'];
  const text = mail({ subject: '[PATCH] x', headers, body: `Gr=81=E1e\n\n${newFile('a.c')}` });
  t.same(subjects(await readSeries(host, [write(host.root, 'x.mbox', text)], debian)), ['x']);
});

t.test('"From " in a commit message neither splits a mail nor ends up in the diff', async (t) => {
  const { host } = testHost(t.testdir());
  const body = `From here on it works.\n>From the start: Thu Jan  1 00:00:00 1970\n${newFile('a.c')}`;
  const series = await readSeries(host, [write(host.root, 'x.mbox', mail({ subject: '[PATCH] x', body }))], debian);
  t.equal(series.patches.length, 1);
});

t.test('escape sequences and direction overrides in a subject reach nobody', async (t) => {
  const { host } = testHost(t.testdir());
  const path = write(host.root, 'x.mbox', mail({ subject: '[PATCH] a\u001b]0;owned\u0007\u001b[2Jb\u202ec', body: newFile('a.c') }));
  t.same(subjects(await readSeries(host, [path], debian)), ['abc']);
});

t.test('a bare diff is a patch, with or without text above it, and without its last newline', async (t) => {
  const { host } = testHost(t.testdir());
  for (const text of [bare, `What it is for.\nTry: it\n\n${bare}`, '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b']) {
    const series = await readSeries(host, [write(host.root, 'one.diff', text)], debian);
    t.same(subjects(series), ['one.diff']);
    t.equal(series.patches[0]?.strip, 1);
  }
});

t.test('where the paths of a diff start is told from the paths', async (t) => {
  const { host } = testHost(t.testdir());
  const diff = (from: string, to: string): string => `--- ${from}\t2024-01-01 10:00:00\n+++ ${to}\t2024-01-01 10:00:01\n@@ -1 +1 @@\n-a\n+b\n`;
  for (const [from, to, path] of [
    ['a/fs/fuse/file.c', 'b/fs/fuse/file.c', 'fs/fuse/file.c'],
    ['linux.orig/fs/fuse/file.c', 'linux/fs/fuse/file.c', 'fs/fuse/file.c'],
    ['linux-6.12/fs/fuse/file.c.orig', 'linux-6.12/fs/fuse/file.c', 'fs/fuse/file.c'],
    ['fs/fuse/file.c.orig', 'fs/fuse/file.c', 'fs/fuse/file.c'],
    ['Makefile', 'Makefile', 'Makefile'],
  ] as const) {
    const series = await readSeries(host, [write(host.root, 'x.diff', diff(from, to))], debian);
    t.same(series.patches[0]?.files, [{ path }], from);
  }
});

t.test('a directory is read in the order of its names; a cover letter and other files in it are no patches', async (t) => {
  const [cover = '', one = '', two = ''] = three();
  const dir = t.testdir({ p: { '0000-cover-letter.patch': cover, '0001-a.patch': one, '0002-b.patch': two, '0010-z.diff': bare, README: 'x' } });
  const { host, notes } = testHost(dir);
  const series = await readSeries(host, [join(dir, 'p')], debian);
  t.same(subjects(series), ['fuse: p1', 'fuse: p2', '0010-z.diff']);
  t.match(notes, [/only 2 of the 3 patches of this series; missing: 3\/3/]);
  t.ok(series.baseCommit);
});

t.test('names that contradict the numbers of the subjects are worth a note', async (t) => {
  const [, one = '', two = '', last = ''] = three();
  const { host, notes } = testHost(t.testdir({ 'a.patch': two, 'b.patch': one, 'c.patch': last }));
  t.same(subjects(await readSeries(host, [host.root], debian)), ['fuse: p2', 'fuse: p1', 'fuse: p3']);
  t.match(notes, [/in the order 2\/3, 1\/3, 3\/3/]);
});

t.test('a quilt series file gives order and -p, relative to itself; comments and blank lines do not count', async (t) => {
  const flat = '--- x/y.c\n+++ x/y.c\n@@ -1 +1 @@\n-a\n+b\n';
  const dir = t.testdir({ q: { series: '# first\n\nsub/b.patch -p0 # why\r\na.patch\n', 'a.patch': bare, sub: { 'b.patch': flat } } });
  const { host } = testHost(dir);
  for (const path of [join(dir, 'q/series'), join(dir, 'q')]) {
    const series = await readSeries(host, [path], debian);
    t.same(series.patches.map(({ subject, strip, files }) => [subject, strip, files[0]?.path]), [
      ['b.patch', 0, 'x/y.c'],
      ['a.patch', 1, 'fs/fuse/new.c'],
    ]);
  }
});

t.test('every mistake of a quilt series file is told, with its line', async (t) => {
  const dir = t.testdir({ series: 'gone.patch\n../up.patch\n/etc/passwd\na.patch -R\nb.patch -p1 -x\n', 'a.patch': bare });
  const error = await errorOf(readSeries(testHost(dir).host, [join(dir, 'series')], debian));
  t.match(error.details.map((line) => line.slice(dir.length)), [/^\/series:2: /, /^\/series:3: /, /^\/series:4: /, /^\/series:5: /, /^\/series:1: "gone.patch" is not there/]);
});

t.test('several --series are one, in the order given', async (t) => {
  const { host } = testHost(t.testdir());
  const paths = [write(host.root, 'b.diff', bare), write(host.root, 'a.diff', bare)];
  t.same(subjects(await readSeries(host, paths, debian)), ['b.diff', 'a.diff']);
  t.same((await readSeries(host, [], debian)).patches, []);
});

t.test('a range of commits is read from a repository that belongs to somebody else, whatever it is configured to', async (t) => {
  const dir = t.testdir();
  const { host, notes } = testHost(dir);
  const repo = repository(join(dir, 'repo'), { 'fs/a.c': 'a\n' });
  const base = gitIn(repo, 'rev-parse', 'HEAD');
  commit(repo, 'Re: [PATCH 2/2] first', { 'fs/a.c': 'b\n' });
  gitIn(repo, 'checkout', '-q', '-b', 'side');
  commit(repo, 'side', { 'fs/s.c': 's\n' });
  gitIn(repo, 'checkout', '-q', 'main');
  commit(repo, 'second\n\nFrom a@b Thu Jan  1 00:00:00 1970', { 'fs/b.c': 'b\n' });
  gitIn(repo, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
  commit(repo, 'empty', {});
  for (const [key, value] of [['diff.noprefix', 'true'], ['diff.external', 'false'], ['color.ui', 'always'], ['log.showSignature', 'true'], ['core.fsmonitor', join(dir, 'evil')]] as const) {
    gitIn(repo, 'config', key, value);
  }
  const before = gitIn(repo, 'status', '--porcelain', '--branch');
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', '65534', repo]);
  const series = await readSeries(host, [`${base.slice(0, 12)}..main`], { kind: 'git', path: repo, rev: 'main' });
  t.same([...subjects(series)].sort(), ['Re: [PATCH 2/2] first', 'second', 'side']);
  t.equal(subjects(series)[0], 'Re: [PATCH 2/2] first', 'oldest first');
  t.equal(series.baseCommit, base);
  t.match(notes, [/1 merge commit left out/]);
  t.equal(gitIn(repo, 'status', '--porcelain', '--branch'), before);
});

t.test('a range is refused with its reason', async (t) => {
  const dir = t.testdir();
  const { host } = testHost(dir);
  const repo = repository(join(dir, 'repo'), { a: 'a' });
  const spec = { kind: 'git', path: repo, rev: 'main' } as const;
  t.match(await errorOf(readSeries(host, ['v1..v2'], debian)), { message: /needs --kernel git:/, code: 'bad-series' });
  t.match(await errorOf(readSeries(host, ['v1..v2'], spec)), { message: /no commit "v1"/ });
  t.match(await errorOf(readSeries(host, ['--output=x..main'], spec)), { message: /no commit "--output=x"/ });
  t.match(await errorOf(readSeries(host, ['main..main'], spec)), { message: /no commit in it/ });
  t.match(await errorOf(readSeries(host, ['a...main'], spec)), { message: /no range REV\.\.REV/ });
});

const text = 'diff --git a/a b/a\n';
const hunk = '@@ -1 +1 @@\n-a\n+b\n';
const link = (target: string): string => `diff --git a/fs/l b/fs/l\nnew file mode 120000\n--- /dev/null\n+++ b/fs/l\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`;

const refused: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['an empty file', '', /: empty/],
  ['only white space', ' \n\n', /: empty/],
  ['prose', 'Hello, world.\n', /no diff in it/],
  ['a web page', '<!DOCTYPE html>\n<html><pre>diff --git a/x b/x</pre>', /HTML page/],
  ['a quoted diff', `> ${bare.replaceAll('\n', '\n> ')}`, /only a quoted diff/],
  ['binary data', Uint8Array.from({ length: 300 }, (_, at) => at % 256), /NUL bytes/],
  ['a diff with a NUL', bare.replace('content', 'con\0tent'), /NUL bytes/],
  ['UTF-16', Buffer.from(`\ufeff${bare}`, 'utf16le'), /NUL bytes.*UTF-16/],
  ['damaged gzip', gzipSync(bare).subarray(0, 40), /damaged gzip/],
  ['xz', Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]), /compressed with xz/],
  ['a path that leaves the tree', `${text}--- a/../../etc/cron.d/x\n+++ b/../../etc/cron.d/x\n${hunk}`, /leaves the tree/],
  ['the same without git header', `--- a/../../etc/x\n+++ b/../../etc/x\n${hunk}`, /leaves the tree/],
  ['an absolute path', `--- /etc/passwd\n+++ /etc/passwd\n${hunk}`, /an absolute path/],
  ['a path into .git', bare.replaceAll('fs/fuse/new.c', '.git/hooks/post-checkout'), /inside a \.git directory/],
  ['a path into .GIT', bare.replaceAll('fs/fuse/new.c', 'sub/.GIT/config'), /inside a \.git directory/],
  ['a quoted path that leaves', bare.replace('+++ b/fs/fuse/new.c', '+++ "b/\\056\\056/x"'), /leaves the tree/],
  ['a rename out of the tree', 'diff --git a/x b/../y\nsimilarity index 100%\nrename from x\nrename to ../y\n', /leaves the tree/],
  ['a copy from outside', 'diff --git a/x b/y\nsimilarity index 100%\ncopy from /etc/shadow\ncopy to y\n', /an absolute path/],
  ['a link out of the tree', link('../../etc/passwd'), /a symbolic link out of the tree, to "..\/..\/etc\/passwd"/],
  ['an absolute link', link('/etc/passwd'), /a symbolic link out of the tree/],
  ['a submodule', `diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit ${'a'.repeat(40)}\n`, /a submodule/],
  ['a device', bare.replace('100644', '020666'), /mode 020666/],
  ['binary files without their content', 'diff --git a/x.bin b/x.bin\nindex 1234567..89abcde 100644\nBinary files a/x.bin and b/x.bin differ\n', /without their content/],
  ['a diff that is cut short', `${text}--- a/a\n+++ b/a\n@@ -1,5 +1,5 @@\n x\n-y\n+z\n`, /cut short/],
  ['a diff with a broken line', `${text}--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n x\n-y\nwrapped\n+z\n w\n`, /corrupt patch at line 7: "wrapped"/],
  ['a context diff', '*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n', /a context diff/],
  ['a combined diff', 'diff --cc fs/x.c\nindex 1,2..3\n--- a/fs/x.c\n+++ b/fs/x.c\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n', /combined diff/],
  ['git log -p', `commit ${'a'.repeat(40)}\nAuthor: A\n\n    x\n\n${bare}\ncommit ${'b'.repeat(40)}\nAuthor: A\n\n    y\n\n${bare}`, /newest commit first/],
  ['a mail without a diff', mail({ subject: '[PATCH] x' }), /a mail without a diff/],
  ['a reply', mail({ subject: 'Re: [PATCH] x', body: newFile('a.c') }), /a reply, not a patch/],
  ['a cover letter alone', mail({ subject: '[PATCH 0/2] x' }), /a cover letter, without its patches/],
  ['replies only', `${mail({ subject: 'Re: a' })}${mail({ subject: 'Re: b' })}`, /no patch among 2 mails \(2 replies\)/],
  [
    'format=flowed that broke the diff',
    mail({
      subject: '[PATCH] x',
      headers: ['Content-Type: text/plain; charset=utf-8; format=flowed'],
      body: `${text}--- a/a\n+++ b/a\n@@ -1,4 +1,4 @@\n  \tint a;\n  \tint b(void)\nwrapped\n-d\n+e\n`,
    }),
    /corrupt patch .* format=flowed/,
  ],
  [
    'a binary attachment in place of the diff',
    mail({ subject: '[PATCH] x', headers: ['Content-Type: application/octet-stream', 'Content-Transfer-Encoding: base64'], body: Buffer.from(`${bare}\0`).toString('base64') }),
    /NUL bytes/,
  ],
];

t.test('what cannot or may not be applied is refused before anything is touched', async (t) => {
  const { host } = testHost(t.testdir());
  for (const [what, content, reason] of refused) {
    const error = await errorOf(readSeries(host, [write(host.root, 'bad.patch', content)], debian), what);
    t.match(error, { blame: 'usage', code: 'bad-series', message: reason }, what);
    t.notMatch(error.message, /\n/, 'one line');
  }
  t.same(leftIn(join(host.cache, 'tmp')), []);
});

t.test('what only looks odd is read', async (t) => {
  const { host } = testHost(t.testdir());
  const odd: readonly (readonly [string, string])[] = [
    ['a link inside the tree', link('../include/linux')],
    ['.gitignore is not .git', bare.replaceAll('fs/fuse/new.c', '.gitignore')],
    ['dots in a name', bare.replaceAll('fs/fuse/new.c', 'fs/..a/b..c')],
    ['a mode change only', 'diff --git a/scripts/x b/scripts/x\nold mode 100644\nnew mode 100755\n'],
    ['a rename only', 'diff --git a/fs/x.c b/fs/y.c\nsimilarity index 100%\nrename from fs/x.c\nrename to fs/y.c\n'],
    ['an empty new file', 'diff --git a/fs/e b/fs/e\nnew file mode 100644\nindex 0000000..e69de29\n'],
    ['a byte order mark', `\ufeff${bare}`],
    ['a header quoted in the text above', `See the output of\ndiff --git\n\n${bare}`],
    ['git show', `commit ${'a'.repeat(40)}\nAuthor: A\n\n    commit ${'b'.repeat(40)} upstream.\n\n${bare}`],
  ];
  for (const [what, content] of odd) {
    const series = await readSeries(host, [write(host.root, 'odd.patch', content)], debian);
    t.equal(series.patches[0]?.files.length, what === 'a rename only' ? 2 : 1, what);
  }
});

t.test('a file that is no file, too large, missing, unreadable, or a directory without patches is refused', async (t) => {
  const dir = t.testdir({ empty: {}, deep: { sub: { 'a.patch': bare } } });
  const { host } = testHost(dir);
  write(dir, 'large.mbox', '');
  truncateSync(join(dir, 'large.mbox'), 65 * 1024 * 1024);
  write(dir, 'bomb.mbox.gz', gzipSync(Buffer.alloc(65 * 1024 * 1024, 10)));
  for (const name of ['zero', 'zero.patch']) symlinkSync('/dev/zero', join(dir, name));
  const reasons: readonly (readonly [string, RegExp])[] = [
    ['large.mbox', /at most 64 MiB/],
    ['bomb.mbox.gz', /more than 64 MiB when unpacked/],
    ['zero.patch', /not a file/],
    ['zero', /not a file/],
    ['none.patch', /no such file/],
    ['empty', /a directory without a patch/],
    ['deep', /a directory without a patch/],
    ['none/../x', /no such file/],
  ];
  for (const [name, reason] of reasons) t.match(await errorOf(readSeries(host, [join(dir, name)], debian)), { code: 'bad-series', message: reason }, name);
  if (process.getuid?.() === 0) return;
  chmodSync(write(dir, 'secret.patch', bare), 0);
  t.match(await errorOf(readSeries(host, [join(dir, 'secret.patch')], debian)), { code: 'bad-series', message: /permission denied/ });
});

t.test('all mistakes of all files are told at once', async (t) => {
  const { host } = testHost(t.testdir());
  const error = await errorOf(readSeries(host, [write(host.root, 'a', ''), write(host.root, 'b', 'prose')], debian));
  t.match(error, { code: 'bad-series', message: /2 mistakes/ });
  t.equal(error.details.length, 2);
});

t.test('arbitrary bytes are refused or read, and never end in anything but a DioramaError', async (t) => {
  const dir = t.testdir();
  mkdirSync(join(dir, 'in'));
  const { host } = testHost(dir);
  const line = fc.constantFrom('From a@b Thu Jan  1 00:00:00 1970', 'Subject: [PATCH 1/2] x', 'From: a', '', ...bare.split('\n'), '-', '+', 'Content-Transfer-Encoding: base64', '=?utf-8?q?');
  const lines = fc.array(line, { maxLength: 20 }).map((all) => Buffer.from(all.join('\n')));
  const bytes = fc.oneof(lines, fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)));
  const property = fc.asyncProperty(bytes, async (content) => {
    const path = write(dir, 'in/x', content);
    try {
      await readSeries(host, [path], debian);
    } catch (error) {
      if (!(error instanceof DioramaError) || error.code !== 'bad-series') throw error;
    }
  });
  await t.resolves(fc.assert(property, { numRuns: 60 }));
  t.same(leftIn(join(host.cache, 'tmp')), []);
});

const shared = resolve(import.meta.dirname, '../../../../shared/data/mbox');

t.test('mails as lists deliver them', { skip: existsSync(shared) ? false : `skip: ${shared} is not here` }, async (t) => {
  const { host, notes } = testHost(t.testdir());
  const expected: Readonly<Record<string, readonly string[] | RegExp>> = {
    '0007-cvs-format-diff.mbox': /a CVS diff/,
    '0013-with-utf8-body.mbox': ['MAINTAINERS: Update entry for BCM5301X ARM'],
    '0015-with-invalid-utf8-headers.mbox': ['MAINTAINERS: Update entry for BCM5301X ARM'],
    '0016-no-subject.mbox': ['0016-no-subject.mbox'],
    '0019-multipart-patch.mbox': ['parsemail: ignore html part of multi-part comments'],
    '0025-git-add-binary-file.mbox': ['Add a single pixel bitmap image'],
    'base-cover-letter.mbox': ['test: Add some lorem ipsum', 'test: Convert to Markdown'],
    'base-deep-threaded.mbox': ['test: Add some lorem ipsum', 'test: Convert to Markdown'],
    'base-no-cover-letter.mbox': ['test: Add some lorem ipsum', 'test: Convert to Markdown'],
    'base-out-of-order.mbox': ['test: Add some lorem ipsum', 'test: Convert to Markdown'],
    'base-single-patch.mbox': ['test: Add some lorem ipsum'],
    'base-different-versions.mbox': [
      'net: dsa: Remove master_netdev and use dst->cpu_dp->netdev',
      'net: dsa: Relocate master ethtool operations',
      'net: dsa: Associate slave network device with CPU port',
      'net: dsa: Introduce dsa_get_cpu_port()',
    ],
  };
  for (const name of readdirSync(shared)) {
    const wanted = expected[name];
    const path = join(shared, name);
    if (wanted instanceof RegExp) t.match(await errorOf(readSeries(host, [path], debian)), { code: 'bad-series', message: wanted }, name);
    else if (wanted) t.same(subjects(await readSeries(host, [path], debian)), wanted, name);
    else await readSeries(host, [path], debian).catch((error: unknown) => t.type(error, DioramaError, name));
  }
  t.same(notes, []);
});
