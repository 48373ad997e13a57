import t from 'tap';
import { arrive, back, call, opening, reply, rest, step, verdictOn, write } from './synthetic.ts';

const pass = { kind: 'pass', reason: '' };

t.test('steps that join come to rest together, and what returned in the first is looked at then', async (t) => {
  const steps = '  - parallel:\n    - w1: {open: f}\n    - w2: {open: f}\n';
  const both = (req: number, who: string, number: number): string[] => opening(number, who, req).slice(1, -1);
  const good = [step(1), ...both(1, 'w1', 1), step(2), ...both(2, 'w2', 2), rest(2)];
  t.strictSame(verdictOn(steps, good), pass);
  const late = [step(1), step(2), ...both(1, 'w1', 1), ...both(2, 'w2', 2), rest(2)];
  t.strictSame(verdictOn(steps, late), pass, 'also when the first is late');
  t.match(verdictOn(steps, [step(1), ...both(1, 'w1', 1), rest(1), step(2), ...both(2, 'w2', 2), rest(2)]), { kind: /error|fail/ });
  t.match(verdictOn(steps, [step(1), step(2), ...both(2, 'w2', 2), rest(2)]), { kind: 'error', reason: /w1 never began its open of step 1/ });
});

t.test('arrivals are counted from rest to rest', async (t) => {
  const steps = '  - w1: {open: f}\n    arrives: {OPEN: 1, WRITE: 0}\n  - w1: {pwrite: f, bytes: 4K, fill: A}\n    arrives: {WRITE: 1, OPEN: 0}\n';
  const writing = (...writes: string[]): string[] => [...opening(1, 'w1', 1), step(2), call(2, 'w1', 'pwrite 0 4096'), ...writes, back(2, 'w1', 'pwrite 4096'), rest(2)];
  t.strictSame(verdictOn(steps, writing(write(12, 'w1', {}), reply(12))), pass);
  t.match(verdictOn(steps, writing()), { kind: 'fail', step: 2, reason: 'step 2: 0 WRITE came to the server, where 1 must have come' });
});

t.test('an outcome may be one of several', async (t) => {
  const steps = '  - w1: {open: f}\n    expect: [held, {fails: EIO}]\n';
  t.strictSame(verdictOn(steps, [step(1), call(1, 'w1', 'open'), back(1, 'w1', 'open -1', ',"errno":"EIO"'), rest(1)]), pass);
  t.match(verdictOn(steps, [step(1), call(1, 'w1', 'open'), back(1, 'w1', 'open -1', ',"errno":"EPERM"'), rest(1)]), { kind: 'fail', reason: "step 1: w1's open failed with EPERM, where it must reach the server, or it must fail with EIO" });
});

t.test('a signal that is raised is no error that is returned', async (t) => {
  const steps = (signal: string): string => `  - w1: {open: f}\n  - w1: {mmap: f, bytes: 4K}\n  - w1: {load: f, bytes: 1}\n    expect: {raises: ${signal}}\n`;
  const events = [...opening(1, 'w1', 1), step(2), call(2, 'w1', 'mmap 0 4096'), back(2, 'w1', 'mmap'), rest(2), step(3), call(3, 'w1', 'load 0 1'), back(3, 'w1', 'load -1', ',"errno":"EFAULT","signal":"BUS"'), rest(3)];
  t.strictSame(verdictOn(steps('BUS'), events), pass);
  t.match(verdictOn(steps('SEGV'), events), { kind: 'fail', reason: /raised SIGBUS, where it must raise SIGSEGV/ });
});

t.test('an exit ends the whole process, and nobody of it may live on', async (t) => {
  const steps = '  - w2: exit\n';
  const gone = (...who: string[]): string[] => [step(1), call(1, 'w2', 'exit'), ...who.map((name) => `"e":"gone","step":1,"who":"${name}"`), rest(1)];
  t.strictSame(verdictOn(steps, gone('w2', 't2')), pass);
  t.match(verdictOn(steps, gone('w2')), { kind: 'fail', reason: 'step 1: t2 did nothing, where its process was ended in step 1' });
  t.match(verdictOn(steps, gone('w2', 't2', 'w1')), { kind: 'fail', reason: /w1 ended, where it was idle and nothing should have moved it/ });
  t.match(verdictOn(steps, [step(1), call(1, 'w2', 'exit'), back(1, 'w2', 'exit'), rest(1)]).kind, 'fail');
  t.match(verdictOn(steps, gone('w2', 't2').filter((event) => !event.includes('call'))), { kind: 'error', reason: /w2 never began its exit of step 1/ });
});

t.test('who was in a call when its process was killed is named, and may be stuck with its request', async (t) => {
  const steps = (then: string): string => `  - w2: {open: f}\n  - hold: WRITE\n  - w2: {pwrite: f, bytes: 4K, fill: A}\n    expect: held\n  - kill: t2\n    then: {w2: ${then}}\n  - release: w2\n    then: {w2: ends}\n`;
  const before = [...opening(1, 'w2', 1), step(2), rest(2), step(3), call(3, 'w2', 'pwrite 0 4096'), write(12, 'w2', {}), rest(3), step(4), '"e":"killed","step":4,"who":"t2","signal":"KILL"'];
  const after = [rest(4), step(5), reply(12), '"e":"released","step":5,"count":1', '"e":"gone","step":5,"who":"w2"', '"e":"gone","step":5,"who":"t2"', arrive(13, 'FLUSH', ',"by":"w2"'), reply(13), rest(5)];
  t.strictSame(verdictOn(steps('held'), [...before, ...after]), pass);
  t.match(verdictOn(steps('ends').replace(/  - release.*\n.*\n$/, ''), [...before, '"e":"gone","step":4,"who":"w2"', '"e":"gone","step":4,"who":"t2"', rest(4)], [reply(12)]), pass);
  const unnamed = steps('held').replace('    then: {w2: held}\n', '');
  t.match(verdictOn(unnamed, [...before, '"e":"gone","step":4,"who":"w2"', '"e":"gone","step":4,"who":"t2"', rest(4), ...after.slice(1)]).kind, /fail|error/);
  t.match(verdictOn(steps('held'), [...before.slice(0, -1), ...after]), { kind: 'error', reason: /nobody said what came of step 4 \(kill\)/ });
});

t.test('a child is born of a fork, and writes through what it has inherited', async (t) => {
  const steps = '  - w1: {open: f}\n  - w1: {fork: child}\n  - child: {pwrite: f, bytes: 4K, fill: A}\n';
  const events = (fh: number, born: readonly string[]): string[] => [
    ...opening(1, 'w1', 7), step(2), call(2, 'w1', 'fork'), ...born, back(2, 'w1', 'fork'), rest(2),
    step(3), call(3, 'child', 'pwrite 0 4096'), write(12, 'child', { fh }), reply(12), back(3, 'child', 'pwrite 4096'), rest(3),
  ];
  const born = ['"e":"born","step":2,"who":"child"'];
  t.strictSame(verdictOn(steps, events(7, born)), pass);
  t.match(verdictOn(steps, events(8, born)), { kind: 'fail', step: 3, reason: "step 3: child's pwrite reached the server through open file 8, where it writes through 7" });
  t.match(verdictOn(steps, events(7, [])), { kind: 'error', reason: /child does not live/ });
  t.match(verdictOn(steps, [...born, ...events(7, [])]), { kind: 'error', reason: /nobody forks it/ });
});

t.test('a write goes through the open file that its name is, also after a dup and a close', async (t) => {
  const steps = '  - w1: {open: f}\n  - w1: {dup: f, as: g}\n  - w1: {close: f}\n  - w1: {pwrite: g, bytes: 4K, fill: A}\n';
  const events = (fh: number): string[] => [
    ...opening(1, 'w1', 3), step(2), call(2, 'w1', 'dup'), back(2, 'w1', 'dup'), rest(2), step(3), call(3, 'w1', 'close'), back(3, 'w1', 'close'), rest(3),
    step(4), call(4, 'w1', 'pwrite 0 4096'), write(12, 'w1', { fh }), reply(12), back(4, 'w1', 'pwrite 4096'), rest(4),
  ];
  t.strictSame(verdictOn(steps, events(3)), pass);
  t.match(verdictOn(steps, events(4)), { kind: 'fail', reason: /through open file 4, where it writes through 3/ });
});

t.test('what a write writes is its fill, zeroes of fresh memory, or what nobody knows', async (t) => {
  const steps = (more: string): string => `  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 4K, ${more}}\n`;
  const events = (given: Parameters<typeof write>[2]): string[] => [...opening(1, 'w1', 1), step(2), call(2, 'w1', 'pwrite 0 4096'), write(12, 'w1', given), reply(12), back(2, 'w1', 'pwrite 4096'), rest(2)];
  t.strictSame(verdictOn(steps('fresh: true'), events({ data: '0x00*4096' })), pass);
  t.match(verdictOn(steps('fresh: true'), events({ data: 'A*4096' })), { kind: 'fail', reason: /where it writes 0x00\*4096/ });
  t.strictSame(verdictOn(steps('fill: A, rwf: [APPEND]'), events({ off: 65536 })), pass);
  t.match(verdictOn(steps('fill: A'), events({ off: 65536 })), { kind: 'fail', reason: /for 4096 bytes at 65536/ });
});

t.test('a submitted request comes at any time, and a reap waits for it', async (t) => {
  const steps = '  - w1: {open: f}\n  - hold: WRITE\n  - w1: {uring-write: f, bytes: 4K, fill: A}\n    arrives: {WRITE: 0}\n  - w1: {fsync: f}\n    arrives: {WRITE: 1}\n  - w1: reap\n    expect: {waits: aio}\n  - release: {opcode: WRITE}\n    then: {w1: returns}\n';
  const events = (bytes: number): string[] => [
    ...opening(1, 'w1', 1), step(2), rest(2), step(3), call(3, 'w1', 'submit 0 4096'), back(3, 'w1', 'submit 1'), rest(3),
    step(4), call(4, 'w1', 'fsync'), back(4, 'w1', 'fsync'), write(12, 'w1', {}), rest(4),
    step(5), call(5, 'w1', 'reap'), '"e":"sleep","step":5,"who":"w1","state":"S","in":"io_cqring_wait","stack":"io_cqring_wait"', rest(5),
    step(6), reply(12), '"e":"released","step":6,"count":1', back(5, 'w1', `reap ${bytes}`), rest(6),
  ];
  t.strictSame(verdictOn(steps, events(4096)), pass);
  t.match(verdictOn(steps, events(100)), { kind: 'fail', step: 6, reason: /w1's reap returned 100, where it must return/ });
});

t.test('what the server has is looked at', async (t) => {
  const steps = '  - content: {file: f, bytes: 4K}\n    expect: {sees: A}\n';
  t.strictSame(verdictOn(steps, [step(1), '"e":"content","step":1,"data":"A*4096"', rest(1)]), pass);
  t.match(verdictOn(steps, [step(1), '"e":"content","step":1,"data":"b*4096"', rest(1)]), { kind: 'fail', reason: 'step 1: the server has b*4096 at 0 of f, where it must have A*4096' });
  t.match(verdictOn(steps, [step(1), '"e":"content","step":1,"data":"A*100"', rest(1)]), { kind: 'fail', reason: /has A\*100 at 0 of f/ });
  t.match(verdictOn(steps, [step(1), '"e":"content","step":1', rest(1)]), { kind: 'fail', reason: /has nothing at 0 of f/ });
  t.match(verdictOn(steps, [step(1), rest(1)]).kind, /fail|error/);
  t.strictSame(verdictOn(steps.replace('sees: A', 'returns: 0'), [step(1), '"e":"content","step":1', rest(1)]), pass);
});

t.test('a backing file and an invalidation come to what they must', async (t) => {
  const backing = (expect: string): string => `  - backing: {name: b, bytes: 4K, fill: b}\n    expect: ${expect}\n`;
  const refused = [step(1), '"e":"backing","step":1,"ret":-1,"errno":"EPERM"', rest(1)];
  t.strictSame(verdictOn(backing('{fails: EPERM}'), refused), pass);
  t.match(verdictOn(backing('returns'), refused), { kind: 'fail', reason: 'step 1: registering the backing file b failed with EPERM, where it must return' });
  const invalidate = '  - invalidate: {file: f}\n  - hold: WRITE\n';
  const done = '"e":"invalidated","step":1,"ret":0';
  t.strictSame(verdictOn(invalidate, [step(1), done, rest(1), step(2), rest(2)]), pass);
  t.match(verdictOn(invalidate, [step(1), rest(1), step(2), done, rest(2)]), { kind: 'fail', step: 1, reason: /the invalidation of f did not return/ });
  t.strictSame(verdictOn(invalidate.replace('\n', '\n    expect: waits\n'), [step(1), rest(1), step(2), done, rest(2)]), pass);
});

t.test('after an abort or a death nobody is blamed for what is not answered', async (t) => {
  const steps = '  - w1: {open: f}\n  - hold: WRITE\n  - w1: {pwrite: f, bytes: 4K, fill: A}\n    expect: held\n  - abort:\n    then: {w1: {fails: ECONNABORTED}}\n';
  const events = (word: string): string[] => [
    ...opening(1, 'w1', 1), step(2), rest(2), step(3), call(3, 'w1', 'pwrite 0 4096'), write(12, 'w1', {}), rest(3),
    step(4), `"e":"${word}","step":4`, back(3, 'w1', 'pwrite -1', ',"errno":"ECONNABORTED"'), rest(4),
  ];
  t.strictSame(verdictOn(steps, events('aborted')), pass);
  t.strictSame(verdictOn(steps, events('aborted'), [reply(12), '"e":"unanswered","req":12,"error":"ENODEV"']), pass);
  t.strictSame(verdictOn(steps.replace('abort:', 'die:'), events('dead')), pass);
  t.match(verdictOn(steps, events('dead')), { kind: 'error' });
  t.match(verdictOn('  - drop-caches:\n', [step(1), rest(1)]), { kind: 'error', reason: /drop-caches/ });
  t.strictSame(verdictOn('  - drop-caches:\n', [step(1), '"e":"dropped","step":1', rest(1)]), pass);
});

t.test('a file is created and opened with the flags of the scene', async (t) => {
  const steps = '  - w1: {open: n, flags: [RDWR, CREAT]}\n    arrives: {CREATE: 1}\n';
  const events = (flags: number): string[] => [
    step(1), call(1, 'w1', 'open'), '"e":"arrive","req":12,"op":"CREATE","by":"w1","ino":1,"pflags":66', `"e":"opened","req":12,"by":"w1","ino":3,"fh":1,"flags":${flags}`, reply(12), back(1, 'w1', 'open'), rest(1),
  ];
  t.strictSame(verdictOn(steps, events(0)), pass);
  t.match(verdictOn(steps, events(1)), { kind: 'error', reason: /not those of the scene/ });
});
