import t from 'tap';
import { generationOf, judgeScene } from '../../../harness/judge/judge-scene.ts';
import { parseTrace } from '../../../harness/judge/parse-trace.ts';
import { evidenceOf, judge, renumbered, sceneOf, traceOf } from './played.ts';

const name = 'parallel-writes-meet';
const lines = traceOf(name).trimEnd().split('\n');
const strike = lines.findIndex((line) => line.includes('"e":"strike"'));
const cut = lines.slice(0, strike).map((line) => `${line}\n`).join('');
const bug = 'BUG: kernel NULL pointer dereference, address: 0000000000000018\n';

/** The trace with `line` before the first line that says `where`, all of it numbered again. */
function withLine(line: string, where: string, from: string = name): string {
  const all = traceOf(from).trimEnd().split('\n');
  const at = all.findIndex((text) => text.includes(where));
  return renumbered([...all.slice(0, at), `{"n":0,"t":1,${line}}`, ...all.slice(at)]);
}

t.test('each real trace of a good kernel passes, be it 6.12 or 7.3, which says who sent a RELEASE', async (t) => {
  for (const scene of [name, 'plain-direct-writes-never-meet', 'write-does-not-overtake-mmap', 'mapping-and-direct-io-agree', 'shared-mmap-needs-allow-mmap', 'growing-writes-never-meet', 'last-cached-release-makes-parallel']) {
    t.strictSame(judge(scene), { kind: 'pass', reason: '' }, scene);
  }
});

t.test('a guest that reaches a bound is a hang that names the bound, the place and what the kernel said', async (t) => {
  t.strictSame(judge(name, { ended: 'limit', trace: '', exitCode: undefined }), { kind: 'hang', reason: 'the guest never said hello within 20 s (limit: clone)' });
  t.strictSame(judge(name, { ended: 'limit', trace: cut, exitCode: undefined }), { kind: 'hang', reason: 'the guest did not end within 80 s and hung in step 8 (limit: scene)', step: 8 });
  t.match(judge(name, { ended: 'limit', trace: lines.slice(0, 3).map((line) => `${line}\n`).join('') }).reason, 'hung before its first step');
  t.match(judge(name, { ended: 'limit', trace: cut, console: `${bug}Kernel panic - not syncing: NMI\n` }), { kind: 'hang', reason: /; the kernel said: BUG: kernel NULL pointer/ });
  t.equal(judge(name, { ended: 'limit', console: bug }).kind, 'hang', 'even with a whole trace');
});

t.test('a flood is a crash that names its bound', async (t) => {
  t.match(judge(name, { ended: 'flood', trace: cut }), { kind: 'crash', reason: /more than 8388608 bytes in step 8 \(limit: console\)/, step: 8 });
  t.equal(judge(name, { ended: 'flood' }).kind, 'crash');
});

t.test('an interruption is nobody\'s verdict', async (t) => {
  t.equal(judge(name, { ended: 'abort' }).kind, 'error');
});

t.test('a QEMU that did not run is an error with its own words', async (t) => {
  t.match(judge(name, { trace: '', console: '', exitCode: 1, stderr: 'qemu: cannot \u001b[31mset up\n' }), { kind: 'error', reason: 'QEMU did not run: qemu: cannot set up' });
});

t.test('a trace without its end is a crash, with the splat when there is one', async (t) => {
  t.match(judge(name, { trace: cut, exitCode: 0 }), { kind: 'crash', reason: 'the guest ended in step 8 without a word (QEMU exit 0)' });
  t.match(judge(name, { trace: cut, exitCode: 0, console: bug }), { kind: 'crash', reason: /the kernel said: BUG: kernel NULL/, step: 8 });
  t.match(judge(name, { trace: '', exitCode: 1 }), { kind: 'crash', reason: 'the guest ended before its first step without a word (QEMU exit 1)' });
});

t.test('a damaged trace is a crash', async (t) => {
  t.match(judge(name, { trace: `${cut}garbage\u0000\u001b]0;x\u0007\n` }), { kind: 'crash', reason: /^its trace is damaged: line \d+ is no event: garbage$/ });
  t.match(judge(name, { trace: traceOf(name).slice(0, -2) }), { kind: 'crash', reason: /ends in the middle/ });
});

t.test('a whole trace of a machine that did not end in order is an error', async (t) => {
  for (const exitCode of [0, 3, 139, undefined]) t.equal(judge(name, { exitCode }).kind, 'error');
});

t.test('a console that is lost is an error: nobody scanned it', async (t) => {
  t.match(judge(name, { console: '' }), { kind: 'error', reason: /its console is empty/ });
});

t.test('a stage that gives up is an error with what it had no use of', async (t) => {
  const trace = '{"n":2,"t":1,"e":"hello","release":"6.12.107"}\n{"n":3,"t":2,"e":"trouble","what":"insmod fuse.ko","error":"Exec format error"}\n';
  t.match(judge(name, { trace, exitCode: 3 }), { kind: 'error', reason: 'the stage has no use of insmod fuse.ko: Exec format error' });
});

t.test('trouble in the middle of a scene that passed all the same is an error', async (t) => {
  t.match(judge(name, { trace: withLine('"e":"trouble","what":"memory for a request","error":"Cannot allocate memory"', '"step":7}') }),
    { kind: 'error', reason: 'the stage had trouble with memory for a request: Cannot allocate memory' });
});

t.test('a difference that came after trouble is blamed on the trouble, one that came before it on the kernel', async (t) => {
  const trouble = '"e":"trouble","what":"an actor that is free","error":""';
  t.match(judge('write-does-not-overtake-mmap', { trace: withLine(trouble, '"e":"step","step":3', 'overtaking-write') }).kind, 'error');
  t.match(judge('write-does-not-overtake-mmap', { trace: withLine(trouble, '"e":"step","step":8', 'overtaking-write') }), { kind: 'fail', step: 7 });
});

t.test('a reference that is left over after the last step fails the scene', async (t) => {
  t.match(judge(name, { trace: withLine('"e":"leftover","what":"rmmod fuse","error":"EWOULDBLOCK"', '"e":"end"') }),
    { kind: 'fail', reason: 'after the last step rmmod fuse failed with EWOULDBLOCK: the kernel kept a reference' });
});

t.test('an actor that stays stuck is a hang, also when only its process did not end', async (t) => {
  const stuck = withLine('"e":"stuck","step":5,"who":"w2","state":"D","in":"fuse_file_cached_io_open","stack":""', '"e":"end"').replace('"stuck":0', '"stuck":1');
  t.match(judge(name, { trace: stuck }), { kind: 'hang', reason: 'w2 still sleeps in fuse_file_cached_io_open after every request was answered', step: 5 });
  t.match(judge(name, { console: '[    2.5] sysrq: Show Blocked State\n' }), { kind: 'hang', reason: /a process of the stage did not end/ });
});

t.test('an answer that the kernel refused fails the scene', async (t) => {
  const trace = renumbered(lines.flatMap((line) => (line.includes('"e":"reply","req":12}') ? [line, '{"n":0,"t":1,"e":"unanswered","req":12,"error":"ENOENT"}'] : [line])));
  t.match(judge(name, { trace }), { kind: 'fail', reason: /^the kernel refused the answer to \w+'s [A-Z]+ with ENOENT$/ });
});

t.test('a kernel without what a scene needs is a skip that names it', async (t) => {
  t.strictSame(judge(name, { trace: traceOf('kernel-6.1') }), { kind: 'skip', reason: 'needs inode io modes (FUSE 7.40, Linux 6.9); this kernel speaks FUSE 7.38' });
  const offered = traceOf('write-does-not-overtake-mmap').replace('"offered":"0x1fd73fffffb"', '"offered":"0xfd73fffffb"');
  const missing = offered.replace('0xfd73fffffb', '0x73fffffb');
  t.match(judge('write-does-not-overtake-mmap', { trace: missing }), { kind: 'skip', reason: 'needs FUSE_DIRECT_IO_ALLOW_MMAP; this kernel does not offer it' });
});

t.test('a splat or a crash of a kernel that would be skipped is no skip', async (t) => {
  t.equal(judge(name, { trace: traceOf('kernel-6.1'), console: bug }).kind, 'splat');
  t.equal(judge(name, { trace: traceOf('kernel-6.1').slice(0, -2) }).kind, 'crash');
});

t.test('a trace without INIT is an error', async (t) => {
  const trace = renumbered(lines.filter((line) => !line.includes('"op":"INIT"')));
  t.match(judge(name, { trace }), { kind: 'error', reason: /has no INIT/ });
});

t.test('the overtaking write is named, with whom it overtook', async (t) => {
  t.strictSame(judge('write-does-not-overtake-mmap', { trace: traceOf('overtaking-write') }), {
    kind: 'fail', step: 7,
    reason: "step 7: w2's pwrite of 4K at 4K reached the server (WRITE), where it must wait for the inode lock: it overtook m's mmap, which waits for caching mode (fuse_file_cached_io_open) since step 6",
  });
});

t.test('a splat says which step parted as well', async (t) => {
  t.match(judge('write-does-not-overtake-mmap', { trace: traceOf('overtaking-write'), console: bug }),
    { kind: 'splat', step: 7, reason: /^the kernel said: BUG: kernel NULL pointer.*; and step 7: w2's pwrite/ });
});

const plain = 'plain-direct-writes-never-meet';
const against = (scene: string, from: string, to: string): ReturnType<typeof judgeScene> => judgeScene(sceneOf(scene, from, to), evidenceOf(scene));

t.test('lost parallelism names behind whom a write is serialised', async (t) => {
  t.match(against(plain, 'expect: {waits: inode-lock}', 'expect: held'), {
    kind: 'fail', step: 5,
    reason: "step 5: w2's pwrite of 4K at 4K waits for the inode lock, where it must reach the server: it was serialised behind w1's pwrite of 4K at 0, which the server holds",
  });
});

t.test('an actor that moves in a step that does not name it fails the scene', async (t) => {
  t.match(against(plain, ', w2: held}', '}'), { kind: 'fail', step: 6, reason: "step 6: w2's pwrite of 4K at 4K reached the server (WRITE), where it waited (waits for the inode lock) and nothing should have moved it" });
  t.match(against('write-does-not-overtake-mmap', 'm: returns, w2: held', 'w2: held'), { kind: 'fail', step: 8, reason: /m's mmap returned 0, where it waited/ });
});

t.test('wrong bytes, wrong counts, wrong errors and wrong places are told', async (t) => {
  t.match(against(name, 'A*4096 B*4096}', 'A*4096 a*4096}'), { kind: 'fail', reason: "step 8: w1's pread of 8K at 0 returned 8192 and saw A*4096 B*4096, where it must return 8192 and see A*4096 a*4096" });
  t.match(against(plain, 'w1: {returns: 4K}', 'w1: {returns: 2K}'), { kind: 'fail', step: 6, reason: /returned 4096, where it must return 2048/ });
  t.match(against(plain, 'w1: {returns: 4K}', 'w1: {fails: EIO}'), { kind: 'fail', step: 6, reason: /returned 4096, where it must fail with EIO/ });
  t.match(against('shared-mmap-needs-allow-mmap', 'fails: ENODEV', 'fails: EACCES'), { kind: 'fail', step: 2, reason: "step 2: m's mmap failed with ENODEV, where it must fail with EACCES" });
  t.match(against(plain, 'waits: inode-lock', 'waits: io-mode'), { kind: 'fail', step: 5, reason: /waits for the inode lock, where it must wait for caching mode/ });
});

t.test('a release that found nothing, or less than it was to release, fails the scene', async (t) => {
  const none = traceOf(plain).replace('"e":"released","step":6,"count":1', '"e":"released","step":6,"count":0');
  t.match(judge(plain, { trace: none }), { kind: 'fail', reason: 'step 6: the server held nothing that this step could release' });
  t.match(against(plain, '- release: w1', '- release: {by: w1, count: 2}'), { kind: 'fail', reason: 'step 6: the server held 1 of the 2 requests that this step releases' });
});

t.test('what never came to rest fails the scene', async (t) => {
  t.match(judge(plain, { trace: traceOf(plain).replace('"e":"rest","step":5', '"e":"restless","step":5') }), { kind: 'fail', step: 5, reason: /something still ran/ });
});

t.test('a reason is one line without control characters, whatever trace and console say', async (t) => {
  const hostile = 'WARNING: \u001b[2J\u001b]0;owned\u0007\u009b31m at \u0000fuse\r\n';
  for (const given of [{ console: hostile }, { console: hostile, ended: 'limit' as const }, { trace: `${cut}\u001b[31mx\u0000\n` }, { console: `WARNING: ${'y'.repeat(10_000_000)}` }]) {
    const { reason } = judge(name, given);
    t.notMatch(reason, /\p{Cc}/u);
    t.ok(reason.length <= 600);
  }
});

/** A scene that says it protects these rules. */
const covering = (scene: string, ...rules: string[]): ReturnType<typeof sceneOf> => sceneOf(scene, '\nsource:', `\ncovers: [${rules.join(', ')}]\nsource:`);
const unseen = 'no witness: it says that it protects wait.mmap, and nobody ever waited for caching mode';

t.test('a scene that came to all it must, and never showed the witness of its rule, is an error', async (t) => {
  t.strictSame(judgeScene(covering(name, 'write.parallel'), evidenceOf(name)), { kind: 'pass', reason: '' });
  t.strictSame(judgeScene(covering(name, 'write.parallel', 'wait.mmap'), evidenceOf(name)), { kind: 'error', reason: unseen });
  t.equal(judgeScene(covering(plain, 'write.parallel'), evidenceOf(plain)).kind, 'error', 'two writes that never meet');
});

t.test('a witness that is missing does not hide what is worse', async (t) => {
  const without = { ...sceneOf(plain, 'expect: {waits: inode-lock}', 'expect: held'), covers: ['wait.mmap'] };
  t.match(judgeScene(without, evidenceOf(plain)), { kind: 'fail', step: 5 });
  t.equal(judgeScene(covering(name, 'wait.mmap'), evidenceOf(name, { console: bug })).kind, 'splat');
  t.equal(judgeScene(covering(name, 'wait.mmap'), evidenceOf(name, { trace: traceOf('kernel-6.1') })).kind, 'skip');
});

t.test('a kernel without io modes, and one of another generation that does the same, need the witness too', async (t) => {
  const old = traceOf(plain).replace('"minor":41', '"minor":38');
  const scene = { ...covering(plain, 'wait.mmap'), needs: [] };
  t.equal(generationOf(parseTrace(old), { version: '6.1.192' }), undefined);
  t.strictSame(judgeScene(scene, evidenceOf(plain, { trace: old })), { kind: 'error', reason: unseen });
  t.strictSame(judgeScene(covering(name, 'wait.mmap'), evidenceOf(name, { version: '7.3.4' })), { kind: 'error', reason: unseen });
  t.equal(judgeScene(covering(name, 'wait.mmap'), evidenceOf(name, { model: 'v2' })).kind, 'pass', 'v2 waits otherwise than the rules say');
});

t.test('the version and what INIT offers choose who judges, unless somebody names the model', async (t) => {
  const chosen = (trace: string, given: { version: string; model?: string }): string | undefined => generationOf(parseTrace(trace), given)?.name;
  t.equal(chosen(traceOf(name), { version: '6.12.107' }), '6.12.64');
  t.equal(chosen(traceOf(name), { version: '7.3.0-rc2' }), '7.3');
  t.equal(chosen(traceOf(name).replace('"minor":41', '"minor":39').replace('0x1fd73fffffb', '0x0'), { version: '6.8.0' }), 'v2');
  t.equal(chosen(traceOf('kernel-6.1'), { version: '6.1.192' }), undefined);
  t.equal(chosen(traceOf(name), { version: '6.12.107', model: 'v2' }), 'v2');
  t.equal(chosen('', { version: '6.12.107' }), undefined, 'nobody knows what it offered');
});

t.test('close waits for writers on 6.12 and not on 7.3, and each is right where it is', async (t) => {
  const scene = 'close-waits-for-writers';
  const newer = traceOf(`${scene}-7.3`);
  t.strictSame(judge(scene), { kind: 'pass', reason: '' });
  t.strictSame(judge(scene, { trace: newer, version: '7.3.4' }), { kind: 'pass', reason: '' }, 'nobody waits for the lock there, so nobody asks for that witness');
  t.match(judge(scene, { trace: newer }), { kind: 'fail', step: 10, reason: /x's close returned 0, where it must wait for the inode lock/ });
  t.match(judge(scene, { version: '7.3.4' }), { kind: 'fail', step: 10, reason: /x's close waits for the inode lock, where it must return/ });
  t.strictSame(judge(scene, { trace: newer, model: '7.3' }), { kind: 'pass', reason: '' }, 'the model that is asked for goes before the version');
});

t.test('what a scene leaves open is open under the model of another generation too', async (t) => {
  const scene = 'size-is-asked-again-under-the-lock';
  t.match(traceOf(`${scene}-7.3`), '7.3.4');
  t.strictSame(judge(scene, { trace: traceOf(`${scene}-7.3`), version: '7.3.4' }), { kind: 'pass', reason: '' });
});
