import fc from 'fast-check';
import t from 'tap';
import { actionWords } from '../../../harness/scenario/action-schema.ts';
import { callWords } from '../../../harness/scenario/call-schema.ts';
import { compileScenario } from '../../../harness/scenario/compile-scenario.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import { parseInGuest } from './guest-parser.ts';
import { strangeIn } from './program-words.ts';

const every = readScenario(`protects: a sentence of words
source: here
covers: [mmap.allow, io-mode]
server: {init: [DIRECT_IO_ALLOW_MMAP, PASSTHROUGH]}
files: {f: {size: 100, fill: z, open: [DIRECT_IO]}, d: {directory: true}, n: {absent: true}}
actors: {w1: , w2: {process: w1}, child: {forked: true}, m: }
steps:
  - w1: {open: f}
  - w1: {open: n, flags: [RDWR, CREAT, EXCL]}
  - w1: {open: d, flags: [RDONLY, DIRECTORY]}
  - w2: {dup: f, as: g}
  - w2: {setfl: g, flags: [APPEND, DIRECT]}
  - w1: {mmap: f, at: 4K, bytes: 8K, prot: []}
  - w1: {fork: child}
  - child: {open: f, as: mine}
  - child: {pwrite: g, bytes: 1, fill: A}
  - w1: {open: f, as: other}
  - m: {truncate: f, bytes: 5}
  - w1: {fallocate: f, at: 4K, bytes: 1, mode: [KEEP_SIZE, PUNCH_HOLE]}
  - w1: {lseek: f, at: 1, whence: HOLE}
  - w1: {pread: f, bytes: 1, rwf: [NOWAIT], to: f}
  - w1: {pwrite: f, at: 9007199254740991, bytes: 1, from: f, rwf: [APPEND, DSYNC]}
  - w1: {pwrite: f, bytes: 1, fresh: true}
  - w1: {pwrite: f, bytes: 0}
  - w1: {read: f, bytes: 1}
  - w1: {write: f, bytes: 1, fill: B}
  - w1: {aio-write: f, at: 1, bytes: 2, fill: C}
  - w1: reap
  - w1: {uring-read: f, bytes: 2}
  - w1: {reap: }
    expect: {sees: C}
  - w1: {copy: f, to: g, at: 1, to_at: 2, bytes: 3}
  - w1: {sendfile: f, bytes: 3}
  - w1: {splice: f, bytes: 3}
  - w1: {splice-write: f, bytes: 3, fill: D}
  - w1: {munmap: f, at: 4K, bytes: 4K}
  - w1: {msync: f, flags: [ASYNC, INVALIDATE]}
  - w1: {mremap: f, bytes: 16K}
  - w1: {mprotect: f, prot: []}
  - w1: {madvise: f, advice: POPULATE_WRITE}
  - w1: {fdatasync: f}
  - backing: {name: b, bytes: 4K, fill: b}
    expect: {fails: EPERM}
  - open-flags: {file: f, flags: [PASSTHROUGH], backing: b}
  - open-flags: {file: f, flags: [PASSTHROUGH], backing: -1}
  - backing-close: b
  - change: {file: f, at: 1, bytes: 2, fill: E}
  - invalidate: {file: f}
  - content: {backing: b, bytes: 4K}
    expect: {sees: b}
  - drop-caches:
  - parallel:
      - w1: {load: f, bytes: 1}
        expect: [returns, {raises: BUS}]
      - m: {open: f}
      - content: {file: f, bytes: 2}
        expect: {sees: E}
    arrives: {OPEN: 1, FORGET: 0}
  - kill: {actor: m, signal: USR1}
  - kill: m
  - w1: exit
  - abort:
  - die:
`, 'every.yaml');

t.test('a scene with everything compiles to the words of the program', async (t) => {
  t.strictSame(compileScenario(every).split('\n').slice(1), [
    'init flags=0x3000000000 max_write=1048576 max_pages=256',
    'file ino=2 name=f size=100 fill=122 open=0x1',
    'file ino=3 name=d size=0 fill=97 open=0x0 dir=1',
    'file ino=4 name=n size=0 fill=97 open=0x0 absent=1',
    'actor id=0 name=w1 process=0', 'actor id=1 name=w2 process=0', 'actor id=2 name=child process=1 forked=1', 'actor id=3 name=m process=2',
    'step n=1 do=order actor=0 call=open ino=2 flags=0x2 handle=0',
    'step n=2 do=order actor=0 call=open ino=4 flags=0xc2 handle=1',
    'step n=3 do=order actor=0 call=open ino=3 flags=0x10000 handle=2',
    'step n=4 do=order actor=1 call=dup handle=0 copy=3',
    'step n=5 do=order actor=1 call=setfl handle=3 flags=0x4400',
    'step n=6 do=order actor=0 call=mmap handle=0 mapping=0 off=4096 len=8192 prot=0 flags=1',
    'step n=7 do=order actor=0 call=fork child=2',
    'step n=8 do=order actor=2 call=open ino=2 flags=0x2 handle=4',
    'step n=9 do=order actor=2 call=pwrite handle=3 off=0 len=1 fill=65',
    'step n=10 do=order actor=0 call=open ino=2 flags=0x2 handle=4',
    'step n=11 do=order actor=3 call=truncate ino=2 len=5',
    'step n=12 do=order actor=0 call=fallocate handle=0 off=4096 len=1 mode=3',
    'step n=13 do=order actor=0 call=lseek handle=0 off=1 whence=4',
    'step n=14 do=order actor=0 call=pread handle=0 off=0 len=1 rwf=8 to=0',
    'step n=15 do=order actor=0 call=pwrite handle=0 off=9007199254740991 len=1 from=0 rwf=18',
    'step n=16 do=order actor=0 call=pwrite handle=0 off=0 len=1 fresh=1',
    'step n=17 do=order actor=0 call=pwrite handle=0 off=0 len=0',
    'step n=18 do=order actor=0 call=read handle=0 len=1',
    'step n=19 do=order actor=0 call=write handle=0 len=1 fill=66',
    'step n=20 do=order actor=0 call=submit handle=0 through=1 io=2 off=1 len=2 fill=67',
    'step n=21 do=order actor=0 call=reap',
    'step n=22 do=order actor=0 call=submit handle=0 through=2 io=1 off=0 len=2',
    'step n=23 do=order actor=0 call=reap',
    'step n=24 do=order actor=0 call=copy handle=0 to=3 off=1 to_off=2 len=3',
    'step n=25 do=order actor=0 call=sendfile handle=0 off=0 len=3',
    'step n=26 do=order actor=0 call=splice handle=0 off=0 len=3',
    'step n=27 do=order actor=0 call=splice-write handle=0 off=0 len=3 fill=68',
    'step n=28 do=order actor=0 call=munmap handle=0 off=4096 len=4096',
    'step n=29 do=order actor=0 call=msync handle=0 flags=3',
    'step n=30 do=order actor=0 call=mremap handle=0 len=16384',
    'step n=31 do=order actor=0 call=mprotect handle=0 prot=0',
    'step n=32 do=order actor=0 call=madvise handle=0 flags=23',
    'step n=33 do=order actor=0 call=fdatasync handle=0',
    'step n=34 do=backing slot=0 size=4096 fill=98',
    'step n=35 do=open-flags ino=2 open=0x80 backing=0',
    'step n=36 do=open-flags ino=2 open=0x80 backing_id=-1',
    'step n=37 do=backing-close slot=0',
    'step n=38 do=change ino=2 off=1 len=2 fill=69',
    'step n=39 do=invalidate ino=2 off=0 len=0',
    'step n=40 do=content slot=0 off=0 len=4096',
    'step n=41 do=drop-caches',
    'step n=42 do=order actor=0 call=load handle=0 off=0 len=1',
    'step n=43 join=1 do=order actor=3 call=open ino=2 flags=0x2 handle=0',
    'step n=44 join=1 do=content ino=2 off=0 len=2',
    'step n=45 do=kill actor=3 signal=10',
    'step n=46 do=kill actor=3 signal=9',
    'step n=47 do=order actor=0 call=exit',
    'step n=48 do=abort',
    'step n=49 do=die',
    'end', '',
  ]);
});

t.test("the guest's own parser accepts the program with everything whole", async (t) => {
  t.strictSame(parseInGuest([compileScenario(every)]), ['ok files=3 actors=4 processes=3 steps=49']);
});

t.test('it refuses that program where any word of a step is misspelt, and says which line', async (t) => {
  const lines = compileScenario(every).split('\n');
  const misspelt = lines.flatMap((line, at) => (line.startsWith('step ') ? [...line.matchAll(/ (\w+)=/g)].map((found) => ({ at, line: line.replace(`${found[0]}`, ` ${found[1] ?? ''}x=`) })) : []));
  const answers = parseInGuest(misspelt.map(({ at, line }) => lines.with(at, line).join('\n')));
  t.ok(misspelt.length > 200, `${misspelt.length} words`);
  misspelt.forEach(({ at, line }, index) => t.match(answers[index], `line ${at + 1}: `, line));
});

t.test('the scene with everything says what its steps must come to, a block at its last step', async (t) => {
  t.strictSame(every.covers, ['mmap.allow', 'io-mode']);
  t.strictSame([...(every.steps[41]?.expect ?? [])], []);
  t.strictSame([...(every.steps[43]?.expect ?? [])], [['w1', { kind: 'any', of: [{ kind: 'returns' }, { kind: 'raises', signal: 'BUS' }] }], ['m', { kind: 'returns' }]]);
  t.strictSame([...(every.steps[43]?.arrives ?? [])], [['OPEN', 1], ['FORGET', 0]]);
  t.match(every.steps[33], { result: { kind: 'fails', errno: 'EPERM' } });
  t.match(every.steps[38], { result: { kind: 'returns' } });
  t.strictSame([...(every.steps[46]?.expect ?? [])], [['w1', { kind: 'ends' }]]);
});

t.test('the scene with everything has every call, and every action but what old scenes have', async (t) => {
  const kinds = new Set(every.steps.map((step) => (step.kind === 'order' ? step.call.kind : step.action.kind)));
  const old = ['close', 'fsync', 'fstat', 'ftruncate', 'store', 'hold', 'unhold', 'release', 'size'];
  const words = [...Object.keys(callWords), ...Object.keys(actionWords)].map((word) => word.replace(/^(aio|uring)-(read|write)$/, 'submit'));
  t.strictSame(words.filter((word) => !kinds.has(word as never)).sort(), old.sort());
});

/** Steps of which most sequences are a scene. */
const size = fc.constantFrom('0', '1', '4K', '100', '64K', '1M', '9007199254740991');
const flags = (...words: string[]): fc.Arbitrary<string> => fc.subarray(words).map((list) => `[${list.join(', ')}]`);
const call = fc.oneof(
  fc.tuple(fc.constantFrom('close', 'fsync', 'fdatasync', 'fstat'), fc.constantFrom('f', 'g')).map(([word, name]) => `{${word}: ${name}}`),
  fc.tuple(flags('RDWR', 'CREAT', 'SYNC', 'DSYNC'), fc.constantFrom('f', 'g', 'h')).map(([list, name]) => `{open: f, as: ${name}, flags: ${list}}`),
  fc.tuple(size, size, flags('NOWAIT', 'HIPRI'), fc.constantFrom('', ', to: f')).map(([at, bytes, rwf, to]) => `{pread: f, at: ${at}, bytes: ${bytes}, rwf: ${rwf}${to}}`),
  fc.tuple(size, size, flags('APPEND', 'SYNC'), fc.constantFrom('fill: A', 'from: f', 'fresh: true')).map(([at, bytes, rwf, source]) => `{pwrite: f, at: ${at}, bytes: ${bytes}, rwf: ${rwf}, ${source}}`),
  fc.tuple(fc.constantFrom('aio-read', 'uring-read', 'sendfile', 'splice'), size, size).map(([word, at, bytes]) => `{${word}: f, at: ${at}, bytes: ${bytes}}`),
  fc.tuple(fc.constantFrom('aio-write', 'uring-write', 'splice-write'), size, size).map(([word, at, bytes]) => `{${word}: f, at: ${at}, bytes: ${bytes}, fill: B}`),
  fc.tuple(fc.constantFrom('load', 'store'), size).map(([word, bytes]) => `{${word}: f, bytes: ${bytes}${word === 'store' ? ', fill: C' : ''}}`),
  fc.tuple(flags('SYNC', 'ASYNC', 'INVALIDATE')).map(([list]) => `{msync: f, flags: ${list}}`),
  fc.tuple(size, size).map(([at, bytes]) => `{munmap: f, at: ${at}, bytes: ${bytes}}`),
  fc.constantFrom('reap', 'exit', '{fork: child}', '{dup: f, as: g}', '{setfl: f, flags: []}', '{mprotect: f, prot: [READ]}', '{madvise: f, advice: DONTNEED}', '{copy: f, to: f, bytes: 4K}', '{lseek: f}', '{truncate: f, bytes: 1}'),
);
const order = fc.tuple(fc.constantFrom('w1', 'w2', 'child'), call).map(([actor, text]) => `${actor}: ${text}`);
const action = fc.oneof(
  fc.tuple(size, size).map(([at, bytes]) => `change: {file: f, at: ${at}, bytes: ${bytes}, fill: Z}`),
  fc.tuple(size).map(([at]) => `invalidate: {file: f, at: ${at}}`),
  fc.constantFrom('hold: WRITE', 'release: {fail: EIO, count: 1}', 'unhold: {file: f, handle: 2}', 'drop-caches:', 'abort:', 'die:', 'kill: w1', 'kill: {actor: w2, signal: USR1}', 'backing: {name: b, bytes: 1, fill: b}', 'backing-close: b', 'open-flags: {file: f, flags: [0x80], backing: 77}'),
);
const entry = fc.oneof({ weight: 6, arbitrary: order }, { weight: 2, arbitrary: action }, fc.tuple(order, action).map(([one, two]) => `parallel: [{${one}}, {${two}}]`));

t.test('whatever scene the reader accepts compiles to lines of known words, which the guest accepts', async (t) => {
  const head = 'protects: a sentence of words\nsource: s\nfiles: {f: {}}\nactors: {w1: , w2: {process: w1}, child: {forked: true}}\nsteps:\n- w1: {open: f}\n- w1: {mmap: f, bytes: 64K}\n';
  const programs: string[] = [];
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
    const text = head + entries.map((line) => `- ${line}\n`).join('');
    let scene;
    try {
      scene = readScenario(text, 'any.yaml');
    } catch {
      return;
    }
    const program = compileScenario(scene);
    programs.push(program);
    const lines = program.split('\n');
    if (lines.filter((line) => line.startsWith('step ')).length !== scene.steps.length) throw new Error(text);
    for (const line of lines) if (strangeIn(line) !== undefined) throw new Error(`${strangeIn(line) ?? ''} in ${line}`);
  }), { numRuns: 600 }));
  t.ok(programs.length > 100, `${programs.length} of 600 were scenes`);
  parseInGuest(programs).forEach((answer, index) => {
    if (!answer.startsWith('ok ')) t.fail(`${answer}\n${programs[index] ?? ''}`);
  });
});
