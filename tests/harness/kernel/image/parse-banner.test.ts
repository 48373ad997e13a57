import fc from 'fast-check';
import t from 'tap';
import { bannerIn, parseBanner } from '../../../../harness/kernel/image/parse-banner.ts';
import { fakeVmlinux } from './fake-kernel.ts';

const compiled = '(debian-kernel@lists.debian.org) (x86_64-linux-gnu-gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40)';

t.test('the version is the one that the kernel really is, not what its release hides', async (t) => {
  const rows: readonly (readonly [banner: string, release: string, version: string])[] = [
    [`Linux version 6.1.0-56-amd64 ${compiled} #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-02)`, '6.1.0-56-amd64', '6.1.192'],
    ['6.12.107+deb13-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)', '6.12.107+deb13-amd64', '6.12.107'],
    ['7.3-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC Debian 7.3~rc7-1~exp1 (2026-10-20)', '7.3-amd64', '7.3-rc7'],
    ['Linux version 6.8.0-45-generic (buildd@lcy02-amd64-115) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.2.0-23ubuntu4) 13.2.0, GNU ld (GNU Binutils for Ubuntu) 2.42) #45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024 (Ubuntu 6.8.0-45.45-generic 6.8.12)', '6.8.0-45-generic', '6.8.12'],
    ['6.12.5-200.fc41.x86_64 (mockbuild@x) #1 SMP PREEMPT_DYNAMIC Sun Dec 15 16:48:23 UTC 2024', '6.12.5-200.fc41.x86_64', '6.12.5'],
    ['6.12.4-arch1-1 (linux@archlinux) #1 SMP PREEMPT_DYNAMIC Mon, 09 Dec 2024 14:31:57 +0000', '6.12.4-arch1-1', '6.12.4'],
    ['7.3.0-rc2-00012-gdeadbeef (me@box) #7 SMP Mon Nov 23 00:00:00 UTC 2026', '7.3.0-rc2-00012-gdeadbeef', '7.3.0-rc2'],
  ];
  for (const [banner, release, version] of rows) t.match(parseBanner(banner), { release, version }, banner);
});

t.test('the compiler is told where the banner has it', async (t) => {
  t.equal(parseBanner(`Linux version 6.1.0-56-amd64 ${compiled} #1 SMP Debian 6.1.192-2`)?.compiler, 'x86_64-linux-gnu-gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0');
  t.equal(parseBanner('6.1.0-56-amd64 (a@b) #1 SMP Debian 6.1.192-2')?.compiler, undefined);
});

t.test("a compiler's package is no kernel's", async (t) => {
  t.equal(parseBanner('Linux version 6.12.7 (a@b) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP Mon Nov 23')?.version, '6.12.7');
});

t.test('what is no banner is none, and no text makes it fail', async (t) => {
  for (const text of ['', 'Linux version %s (%s)', 'hello', '6', '\u001b[31m6.12', `6.12.${'1'.repeat(70)}`]) {
    const release = parseBanner(text)?.release ?? '';
    t.ok(release.length <= 64 && !release.includes('\u001b'), JSON.stringify(text));
  }
  t.equal(parseBanner('Linux version %s (%s)'), undefined);
  fc.assert(fc.property(fc.string(), (text) => {
    const found = parseBanner(text);
    return found === undefined || /^\d+\.\d+[\w.+~-]*$/.test(found.release);
  }));
});

t.test('the banner of an ELF is the one with a number, not the format of it', async (t) => {
  t.match(bannerIn(fakeVmlinux({ release: '6.12.9' })), /^Linux version 6\.12\.9 .*#1 SMP/);
  t.equal(bannerIn(Buffer.from('Linux version %s (%s)\0Linux version 6.12.9 without an end')), undefined);
});
