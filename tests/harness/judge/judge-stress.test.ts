import { join } from 'node:path';
import t from 'tap';
import { findKnownIssues } from '../../../harness/engine/find-known-issues.ts';
import type { GuestEvidence } from '../../../harness/judge/guest-verdict.ts';
import { judgeStress } from '../../../harness/judge/judge-stress.ts';
import { applyKnown } from '../../../harness/judge/known-issues.ts';
import { readStressTrace } from '../../../harness/judge/read-stress-trace.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';

const root = join(import.meta.dirname, '../../..');
const tally = { seed: 7, max_write: 4096, judged: 1000, unjudged: 0, torn: 0, brought_back: 0, met: 3, exclusive: 4, waits: 2, evicted: 2, kills: 1, quiets: 2, mmap: 5, mmap_us: 900 };
const line = (fields: Record<string, unknown>, n = 1): string => `${JSON.stringify({ n, t: 1_000_000_000, ...fields })}\n`;
const begin = line({ e: 'hello', release: '6.12.107' }) + line({ e: 'begin' }) + line({ e: 'tally', ...tally });
const end = (changed: Partial<typeof tally> = {}): string => line({ e: 'end', ...tally, ...changed });
const evidence = (changed: Partial<GuestEvidence>): GuestEvidence => ({
  trace: begin + end(), console: '[    1.0] fuse: init (API version 7.41)\n', ended: 'exit', exitCode: 1, stderr: '', limits: { clone: 60_000, scene: 600_000, console: 8 << 20 }, ...changed,
});

void t.test('a whole stress that met everything passes', async (t) => {
  t.same(judgeStress(evidence({})), { kind: 'pass', reason: '' });
});

void t.test('one that never met what it is about is an error', async (t) => {
  for (const [key, words] of [['met', /never were at the server at once/], ['exclusive', /while a file was mapped/], ['waits', /waiting for caching mode/], ['judged', /could be judged/], ['quiets', /came to rest/], ['evicted', /evicted/], ['kills', /killed/]] as const) {
    t.match(judgeStress(evidence({ trace: begin + end({ [key]: 0 }) })), { kind: 'error', reason: words }, key);
  }
});

void t.test('a kernel without io modes is skipped', async (t) => {
  t.same(judgeStress(evidence({ trace: begin + line({ e: 'skip', missing: 'inode io modes (FUSE 7.40, Linux 6.9)' }) })), { kind: 'skip', reason: 'needs inode io modes (FUSE 7.40, Linux 6.9)' });
});

void t.test('what the guest found fails it, and what never returned is a hang', async (t) => {
  const failing = (reason: string): string => begin + line({ e: 'fail', reason }) + end();
  t.match(judgeStress(evidence({ trace: failing("reader0.1's pread saw what the file had at first") })), { kind: 'fail', reason: /^reader0\.1's pread saw/ });
  t.equal(judgeStress(evidence({ trace: failing("mapper0.1's mmap has not returned for 60 s") })).kind, 'hang');
  t.equal(judgeStress(evidence({ trace: failing("mapper0.1's mmap waits for 12 s now, in which 2000 direct writes to its file came and ended: they starve it") })).kind, 'hang');
});

void t.test('what a cached write had replaced and was seen again fails it, or is known', async (t) => {
  const reason = "mapper0.1's load saw write 3 of writer0.1 to f0's block 2 in word 0 of f0's block 2, which write 4 of opener0.1 to f0's block 2 had replaced (a pwrite through the page cache that met an open or mmap, from 17 to 20) before the read began at 22";
  const trace = begin + line({ e: 'brought-back', reason }) + end({ brought_back: 2 });
  const verdict = judgeStress(evidence({ trace }));
  t.same(verdict, { kind: 'fail', reason });
  const issues = await findKnownIssues(root);
  const played = (version: string): Verdict => applyKnown(verdict, { scene: 'stress', version, model: undefined }, issues);
  t.match(played('6.12.107'), { kind: 'known', issue: 'K8' });
  t.equal(played('5.10.1').kind, 'fail', 'of a kernel that should not have it');
  const strict = reason.replace(' that met an open or mmap', '');
  const failed = judgeStress(evidence({ trace: begin + line({ e: 'fail', reason: strict }) + end() }));
  t.equal(applyKnown(failed, { scene: 'stress', version: '6.12.107', model: undefined }, issues).kind, 'fail', 'a lost write is no part of it');
});

void t.test('a complaint of the kernel comes first, with what the guest found beside it', async (t) => {
  const console = '[    5.0] WARNING: CPU: 1 PID: 37 at fs/fuse/iomode.c:137 fuse_inode_uncached_io_end+0x6e/0x90 [fuse]\n';
  t.match(judgeStress(evidence({ console })), { kind: 'splat', reason: /^the kernel said: WARNING: .* \(console line 1\)$/ });
  t.match(judgeStress(evidence({ console, trace: begin + line({ e: 'fail', reason: 'x' }) + end() })), { kind: 'splat', reason: /; and x$/ });
  t.match(judgeStress(evidence({ console, trace: begin, exitCode: 0 })), { kind: 'crash' });
});

void t.test('without its last line it is a crash, whatever it said before', async (t) => {
  t.match(judgeStress(evidence({ trace: begin, exitCode: 0 })), { kind: 'crash', reason: /without a word \(QEMU exit 0\)/ });
  t.match(judgeStress(evidence({ trace: `${begin}{"n":9,"t"` })), { kind: 'crash', reason: /its trace is damaged: line 4 is no event/ });
  t.match(judgeStress(evidence({ trace: begin + line({ e: 'tally', judged: -1 }) + end() })), { kind: 'crash', reason: /damaged/ });
});

void t.test('what is not the kernel is told as what it is', async (t) => {
  t.match(judgeStress(evidence({ trace: begin, ended: 'limit', exitCode: undefined })), { kind: 'hang', reason: /did not end within 660 s \(limit: scene\)/ });
  t.match(judgeStress(evidence({ trace: '', ended: 'limit', exitCode: undefined })), { kind: 'hang', reason: /never said hello within 60 s/ });
  t.match(judgeStress(evidence({ ended: 'flood' })), { kind: 'crash', reason: /flooded/ });
  t.match(judgeStress(evidence({ trace: line({ e: 'trouble', what: 'the server', error: 'Connection timed out' }), exitCode: 3 })), { kind: 'error', reason: 'the guest has no use of the server: Connection timed out' });
  t.match(judgeStress(evidence({ trace: '', console: '', exitCode: 2, stderr: 'qemu: no such machine\n' })), { kind: 'error', reason: 'QEMU did not run: qemu: no such machine' });
  t.match(judgeStress(evidence({ console: '' })), { kind: 'error', reason: /console is empty/ });
});

void t.test('a trace keeps who did what last, and where who has not returned is', async (t) => {
  const trace = readStressTrace(begin + line({ e: 'fail', reason: 'x' }) +
    line({ e: 'last', who: 'mapper0.1', call: 'mmap', off: 0, len: 65536, at: 5 }) + line({ e: 'where', who: 'mapper0.1', call: 'mmap', state: 'D', in: 'fuse_file_cached_io_open', stack: 'a b' }) + end());
  t.match(trace, { failure: 'x', whole: true, events: [{ who: 'mapper0.1', took: undefined }], places: [{ in: 'fuse_file_cached_io_open' }], tally: { mmap_us: 900 } });
});

void t.test('a hostile trace is damaged, not believed', async (t) => {
  for (const text of ['null\n', '[]\n', '{"e":"fail"}\n', '{"e":"__proto__"}\n', '\u0000\n', `{"e":"end","t":1,"seed":"1"}\n`]) t.ok(readStressTrace(text).damage, text);
});
