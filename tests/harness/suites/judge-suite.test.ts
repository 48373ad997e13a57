import t from 'tap';
import { judgeSuite, type SuiteEvidence } from '../../../harness/suites/judge-suite.ts';

const quiet = '[    1.0] fuse: init (API version 7.41)\n';
const evidence = (changed: Partial<SuiteEvidence>): SuiteEvidence => ({ exitCode: 0, output: 'all is well\n', console: quiet, ...changed });
const warning = '[    5.0] WARNING: CPU: 1 PID: 37 at fs/fuse/iomode.c:137 fuse_inode_uncached_io_end+0x6e/0x90 [fuse]\n';

void t.test('a suite passes with its exit code and a console without complaints', async (t) => {
  t.same(judgeSuite(evidence({})), { kind: 'pass', reason: '' });
});

void t.test('its exit code fails it, with the line that says most', async (t) => {
  t.same(judgeSuite(evidence({ exitCode: 3, output: 'one\nverify: bad header at 4096\nfour of five done\n' })), { kind: 'fail', reason: 'exit code 3: verify: bad header at 4096' });
  t.same(judgeSuite(evidence({ exitCode: 1, output: 'one\ntwo\n\n' })), { kind: 'fail', reason: 'exit code 1: two' });
  t.same(judgeSuite(evidence({ exitCode: 1, output: '' })), { kind: 'fail', reason: 'exit code 1' });
  t.match(judgeSuite(evidence({ exitCode: 1, output: 'failed \u001b[31mred\u0007\n' })).reason, /^[\x20-\x7e]*$/, 'no controls of a guest');
});

void t.test('a complaint of the kernel comes before what the programs say', async (t) => {
  t.match(judgeSuite(evidence({ console: quiet + warning })), { kind: 'splat', reason: /^the kernel said: WARNING: .* \(console line 2\)$/ });
  t.match(judgeSuite(evidence({ console: quiet + warning, exitCode: 1 })), { kind: 'splat' });
});

void t.test('a server that never came up is an error, not a failure of the kernel', async (t) => {
  t.match(judgeSuite(evidence({ exitCode: 99, output: 'fuse: device not found\n' })), { kind: 'error', reason: /^its server did not come up: fuse: device not found$/ });
});

void t.test('what could not run here is a skip that says why, and no pass', async (t) => {
  t.same(judgeSuite(evidence({ exitCode: 77, output: 'FSTYP -- fuse\ngeneric/095 [not run] this test requires a valid $SCRATCH_DEV\nPassed all 0 tests\n' })), { kind: 'skip', reason: 'generic/095 [not run] this test requires a valid $SCRATCH_DEV' });
  t.match(judgeSuite(evidence({ exitCode: 77, console: quiet + warning })), { kind: 'splat' });
});

void t.test('a guest that hung or died is no pass, whatever was said before', async (t) => {
  const hung = judgeSuite(evidence({ exitCode: undefined, output: 'step 3\n', trouble: { hung: true, message: 'the guest was not done within 240 s' } }));
  t.same(hung, { kind: 'hang', reason: 'the guest was not done within 240 s; the last it said was: step 3' });
  const died = judgeSuite(evidence({ exitCode: undefined, console: quiet + warning, trouble: { hung: false, message: 'the guest went away before the command had ended' } }));
  t.match(died, { kind: 'crash', reason: /^the guest went away .*; the kernel said: WARNING/ });
});
