import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { compileScenario } from '../../../harness/scenario/compile-scenario.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import { parseInGuest } from './guest-parser.ts';

const root = join(import.meta.dirname, '../../..');
const scenes = readdirSync(join(root, 'tests/scenarios')).filter((file) => file.endsWith('.yaml')).map((file) => {
  const path = join(root, 'tests/scenarios', file);
  return readScenario(readFileSync(path, 'utf8'), path);
});

const good = compileScenario(readScenario(`protects: a sentence of words
source: here
server: {init: [DIRECT_IO_ALLOW_MMAP, ASYNC_DIO], max_write: 64K}
files:
  f: {size: 100, fill: z, open: [DIRECT_IO, 0x80]}
  g: {}
actors: {w1: , w2: {process: w1}, m: }
steps:
  - w1: {open: f, flags: [RDWR, APPEND, DIRECT]}
  - m: {open: g, as: other}
  - hold: WRITE
  - hold: {opcode: READ, by: m, file: g, at: 4K, bytes: 512}
  - w2: {pwrite: f, at: 1K, bytes: 4K, fill: A}
    expect: held
  - release: {by: w2, count: 1, fail: EIO}
    then: {w2: {fails: EIO}}
  - unhold: WRITE
  - open-flags: {file: f, flags: []}
  - m: {mmap: other, as: map, bytes: 8K, prot: [READ], share: private}
  - m: {load: map, at: 4K, bytes: 1}
  - m: {store: map, at: 0, bytes: 1, fill: S}
    expect: {fails: EFAULT}
  - m: {msync: map}
  - m: {munmap: map}
  - w1: {ftruncate: f, bytes: 4M}
  - w1: {fsync: f}
  - w1: {fstat: f}
  - w1: {pread: f, bytes: 1M}
  - w1: {close: f}
`, 'every.yaml'));

t.test('there are the ten scenes that were asked for', async (t) => {
  t.ok(scenes.length >= 10);
});

t.test("every scene of the project compiles to a program that the guest's own parser accepts whole", async (t) => {
  const answers = parseInGuest(scenes.map(compileScenario));
  for (const [index, scene] of scenes.entries()) {
    const processes = new Set(scene.actors.map((actor) => actor.process)).size;
    t.equal(answers[index], `ok files=${scene.files.length} actors=${scene.actors.length} processes=${processes} steps=${scene.steps.length}`, basename(scene.file));
  }
});

t.test('a scene with every old call and every old action is a program that the guest accepts', async (t) => {
  t.matchOnly(good.split('\n'), [
    'program 1',
    'init flags=0x1000008000 max_write=65536 max_pages=16',
    'file ino=2 name=f size=100 fill=122 open=0x81',
    'file ino=3 name=g size=65536 fill=97 open=0x0',
    'actor id=0 name=w1 process=0',
    'actor id=1 name=w2 process=0',
    'actor id=2 name=m process=1',
    'step n=1 do=order actor=0 call=open ino=2 flags=0x4402 handle=0',
    'step n=2 do=order actor=2 call=open ino=3 flags=0x2 handle=0',
    'step n=3 do=hold op=16',
    'step n=4 do=hold op=15 by=2 ino=3 off=4096 len=512',
    'step n=5 do=order actor=1 call=pwrite handle=0 off=1024 len=4096 fill=65',
    'step n=6 do=release by=1 count=1 errno=5',
    'step n=7 do=unhold op=16',
    'step n=8 do=open-flags ino=2 open=0x0',
    'step n=9 do=order actor=2 call=mmap handle=0 mapping=0 len=8192 prot=1 flags=2',
    'step n=10 do=order actor=2 call=load handle=0 off=4096 len=1',
    'step n=11 do=order actor=2 call=store handle=0 off=0 len=1 fill=83',
    'step n=12 do=order actor=2 call=msync handle=0',
    'step n=13 do=order actor=2 call=munmap handle=0',
    'step n=14 do=order actor=0 call=ftruncate handle=0 len=4194304',
    'step n=15 do=order actor=0 call=fsync handle=0',
    'step n=16 do=order actor=0 call=fstat handle=0',
    'step n=17 do=order actor=0 call=pread handle=0 off=0 len=1048576',
    'step n=18 do=order actor=0 call=close handle=0',
    'end',
    '',
  ]);
  t.strictSame(parseInGuest([good]), ['ok files=2 actors=3 processes=2 steps=18']);
});

t.test('the guest refuses a program that is not whole or not known, and says which line', async (t) => {
  const wrong: readonly (readonly [string, string])[] = [
    ['program 2\nend\n', 'line 1: not a program of version 1'],
    ['program 1\n', 'line 2: its end is missing'],
    ['program 1\nstage a=1\nend\n', 'line 2: an item that this stage does not know'],
    ['program 1\ninit flags\nend\n', 'line 2: a word that is not key=value, or too many words'],
    ['program 1\ninit flags=0x1z\nend\n', 'line 2: a value that is not a number'],
    ['program 1\ninit flags=1 colour=2\nend\n', 'line 2: a key that this item does not take'],
    ['program 1\ninit max_write=1048577\nend\n', 'line 2: a number out of its bounds'],
    [`program 1\nfile ino=2 name=${'x'.repeat(32)} size=1\nend\n`, 'line 2: a name that is missing or too long'],
    ['program 1\nactor id=1 name=w\nend\n', 'line 2: too many actors, or an id out of order'],
    ['program 1\nstep n=1 do=order actor=0 call=open\nend\n', 'line 2: a number out of its bounds'],
    ['program 1\nactor id=0 name=w\nstep n=1 do=order actor=0 call=dance\nend\n', 'line 3: a call that this stage does not know'],
    ['program 1\nactor id=0 name=w\nstep n=1 do=order actor=0 call=pread len=1048577\nend\n', "line 3: more bytes than an actor's buffer, or a file, has"],
    ['program 1\nstep n=1 do=dance\nend\n', 'line 2: a step that this stage does not know'],
    [`program 1\n${'step n=1 do=hold\n'.repeat(4097)}end\n`, 'line 4098: too many steps'],
    [`program 1\n${'file ino=2 name=f\n'.repeat(257)}end\n`, 'line 258: too many files'],
  ];
  t.strictSame(parseInGuest(wrong.map(([program]) => program)), wrong.map(([, answer]) => answer));
});

t.test('whatever its program, the guest reads it or refuses it, and touches no byte that is not its own', async (t) => {
  const piece = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('=', ' ', '\n', '==', '-1', '0xffffffffffffffffff', '18446744073709551615', 'name=', 'end', '\n'.repeat(3), ' a=1'.repeat(30), 'x'.repeat(5000)));
  const program = fc.tuple(fc.nat(good.length), fc.nat(20), piece).map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length));
  const programs = fc.sample(program, 1500).map((text) => text.replaceAll('\0', ' ')).filter((text) => text !== '');
  const answers = parseInGuest(programs);
  t.equal(answers.length, programs.length);
  for (const answer of answers) if (!/^(ok files=|line \d+: )/.test(answer)) t.fail(answer);
});
