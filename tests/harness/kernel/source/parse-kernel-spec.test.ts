import fc from 'fast-check';
import { resolve } from 'node:path';
import t from 'tap';
import { DioramaError } from '../../../../harness/errors.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';

t.test('each of the four forms is read', async (t) => {
  t.same(parseKernelSpec('debian:6.12'), { kind: 'debian', series: '6.12' });
  t.same(parseKernelSpec('dir:/srv/linux'), { kind: 'dir', path: '/srv/linux' });
  t.same(parseKernelSpec('dir:linux tree'), { kind: 'dir', path: resolve('linux tree') });
  t.same(parseKernelSpec('git:/srv/linux@v6.12'), { kind: 'git', path: '/srv/linux', rev: 'v6.12' });
  t.same(parseKernelSpec('tar:linux.tar.xz'), { kind: 'tar', location: resolve('linux.tar.xz') });
  t.same(parseKernelSpec('tar:https://localhost/a@b/linux.tar.xz'), { kind: 'tar', location: 'https://localhost/a@b/linux.tar.xz' });
});

t.test('the revision comes after the last @ that is not part of a revision itself', async (t) => {
  const rev = (text: string): string => {
    const spec = parseKernelSpec(`git:/srv/${text}`);
    return spec.kind === 'git' ? `${spec.path} ${spec.rev ?? 'as it is'}` : '';
  };
  t.equal(rev('linux'), '/srv/linux as it is');
  t.equal(rev('a@b/linux@v6.12'), '/srv/a@b/linux v6.12');
  t.equal(rev('linux@HEAD@{1}'), '/srv/linux HEAD@{1}');
  t.equal(rev('linux@@{upstream}'), '/srv/linux @{upstream}');
  t.equal(rev('linux@fuse/for-next~3'), '/srv/linux fuse/for-next~3');
});

t.test('a kernel that is built already is one of three', async (t) => {
  t.same(parseKernelSpec('image:host'), { kind: 'image', from: 'host' });
  t.same(parseKernelSpec('image:debian:7.2'), { kind: 'image', from: 'debian', series: '7.2' });
  t.same(parseKernelSpec('image:boot/vmlinuz-6.12'), { kind: 'image', from: 'file', path: resolve('boot/vmlinuz-6.12') });
  t.same(parseKernelSpec('image:./host'), { kind: 'image', from: 'file', path: resolve('host') }, 'a file of that name');
});

t.test('anything else is refused in one line that teaches all kinds', async (t) => {
  for (const text of ['', '6.12', 'debian:', 'debian:trixie', 'debian:6', 'debian:6.12.1', 'git:', 'git:@v6.12', 'git:x@', 'git:x@-n', 'http://a', 'tar:', 'image:', 'image:debian:', 'image:debian:7', 'image:debian:7.2.1']) {
    const error = t.throws(() => parseKernelSpec(text), DioramaError, text) as DioramaError;
    t.match(error, { blame: 'usage', code: 'bad-kernel-spec' });
    t.notMatch(error.message, /\n/);
    for (const form of ['debian:', 'dir:', 'git:', 'tar:', 'image:host', 'image:debian:', 'image:FILE']) t.match(error.next, form);
  }
});

t.test('no text makes it fail in another way', async (t) => {
  const piece = fc.constantFrom('debian', 'git', 'dir', 'tar', 'image', 'host', ':', '@', '{', '}', '6.12', '/', '\n', ' ', '\0', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      try {
        parseKernelSpec(pieces.join(''));
      } catch (error) {
        if (!(error instanceof DioramaError)) throw error;
      }
    }),
  );
  t.pass();
});
