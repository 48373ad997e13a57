import fc from 'fast-check';
import t from 'tap';
import { judgeScene } from '../../../harness/judge/judge-scene.ts';
import type { VerdictKind } from '../../../harness/judge/verdict.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import { evidenceOf, judge, renumbered, sceneOf, sceneText, traceOf } from './played.ts';

const names = ['parallel-writes-meet', 'plain-direct-writes-never-meet', 'write-does-not-overtake-mmap', 'shared-mmap-needs-allow-mmap', 'growing-writes-never-meet'] as const;
const scenes = new Map(names.map((name) => [name, sceneOf(name)]));

function kindOf(name: (typeof names)[number], trace: string): VerdictKind {
  return judgeScene(scenes.get(name) ?? sceneOf(name), evidenceOf(name, { trace })).kind;
}

const linesOf = (name: string): string[] => traceOf(name).trimEnd().split('\n');
const eventOf = (line: string): string => /"e":"(\w+)"/.exec(line)?.[1] ?? '';

t.test('a passing trace without any one of its lines passes no more', async (t) => {
  for (const name of names) {
    const lines = linesOf(name);
    lines.forEach((line, index) => {
      const trace = lines.filter((_, other) => other !== index).map((text) => `${text}\n`).join('');
      if (kindOf(name, trace) === 'pass') t.fail(`${name} without ${line}`);
    });
  }
});

/** Where a held request is known, where its sender sleeps adds nothing. */
const harmlessWithout = (line: string): boolean => eventOf(line) === 'sleep' && line.includes('"in":"request_wait_answer"');

t.test('nor when the lines were numbered as if it had never been there', async (t) => {
  for (const name of names) {
    const lines = linesOf(name);
    lines.forEach((line, index) => {
      const passed = kindOf(name, renumbered(lines.filter((_, other) => other !== index))) === 'pass';
      if (passed !== harmlessWithout(line)) t.fail(`${name} without ${line}`);
    });
  }
});

t.test('nor when any line but a sleep is there twice', async (t) => {
  for (const name of names) {
    const lines = linesOf(name);
    lines.forEach((line, index) => {
      const passed = kindOf(name, renumbered([...lines.slice(0, index), line, ...lines.slice(index)])) === 'pass';
      if (passed !== (eventOf(line) === 'sleep')) t.fail(`${name} with twice ${line}`);
    });
  }
});

t.test('nor when it stops anywhere, or goes on', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
    const trace = traceOf(name);
    return kindOf(name, trace.slice(0, at % trace.length)) !== 'pass';
  })));
  for (const name of names) t.not(kindOf(name, `${traceOf(name)}{"n":${linesOf(name).length + 2},"t":1,"e":"begin"}\n`), 'pass');
});

/**
 * What a byte of a line may change and the scene still be the same: the time; the kernel's release; offered INIT bits that the scene
 * does not need, and those that the stage always asks for; the inode, handle and opcode of a request that the scene does not judge,
 * and the file's handle of an OPEN.
 */
const free = /"t":\d+|"release":"[^"]*"|"offered":"[^"]*"|"minor":\d+|"flags":"[^"]*"|"fh":\d+|"ino":\d+|"op":"[^"]*"|"cached":\d/g;
const structural = new Set(['hello', 'begin', 'step', 'call', 'return', 'opened', 'arrive', 'reply', 'released', 'rest', 'strike', 'end']);

t.test('nor when one byte of what counts in a structural line is another', async (t) => {
  for (const name of names) {
    const lines = linesOf(name);
    lines.forEach((line, index) => {
      if (!structural.has(eventOf(line))) return;
      const skip = new Set([...line.matchAll(free)].flatMap((found) => Array.from({ length: found[0].length }, (_, offset) => found.index + offset)));
      // Where a read, or a write that appends, reaches the server is not judged; what the actors saw is.
      if (/"op":"READ"|"by":"appender"/.test(line)) return;
      for (let at = 0; at < line.length; at += 1) {
        if (skip.has(at)) continue;
        const byte = line[at] ?? '';
        const other = /\d/.test(byte) ? String((Number(byte) + 1) % 10) : byte === 'x' ? 'y' : 'x';
        const trace = [...lines.slice(0, index), line.slice(0, at) + other + line.slice(at + 1), ...lines.slice(index + 1)].map((text) => `${text}\n`).join('');
        if (kindOf(name, trace) === 'pass') t.fail(`${name}: byte ${at} of ${line}`);
      }
    });
  }
});

const name = 'plain-direct-writes-never-meet';
const lines = linesOf(name);
const edited = (edit: (line: string) => string | string[]): string => renumbered(lines.flatMap(edit));

t.test('a call that returns while the server holds its request does not leave the next one held', async (t) => {
  const steps = 'steps:\n  - w1: {open: f}\n  - hold: WRITE\n  - w1: {pwrite: f, at: 0, bytes: 4K, fill: A}\n    expect: {fails: EINTR}\n  - w1: {pwrite: f, at: 0, bytes: 4K, fill: A}\n    expect: held\n';
  const scene = readScenario(`${sceneText(name).slice(0, sceneText(name).indexOf('steps:'))}${steps}`, `${name}.yaml`);
  const call = (step: number): string => `"e":"call","step":${step},"who":"w1","call":"pwrite","off":0,"len":4096`;
  const events = [
    '"e":"hello","release":"6.12.107"', '"e":"arrive","req":2,"op":"INIT","ino":0,"minor":41,"offered":"0x1fd73fffffb"', '"e":"reply","req":2,"flags":"0x1040400020"', '"e":"begin"',
    '"e":"step","step":1', '"e":"call","step":1,"who":"w1","call":"open","off":0,"len":0', '"e":"return","step":1,"who":"w1","call":"open","ret":0', '"e":"rest","step":1',
    '"e":"step","step":2', '"e":"rest","step":2',
    '"e":"step","step":3', call(3), '"e":"arrive","req":12,"op":"WRITE","by":"w1","ino":2,"fh":1,"off":0,"len":4096,"cached":0,"data":"A*4096"',
    '"e":"return","step":3,"who":"w1","call":"pwrite","ret":-1,"errno":"EINTR"', '"e":"rest","step":3',
    '"e":"step","step":4', call(4), '"e":"sleep","step":4,"who":"w1","state":"D","in":"fuse_file_write_iter","stack":"fuse_file_write_iter"', '"e":"rest","step":4',
    '"e":"strike"', '"e":"reply","req":12', '"e":"return","step":4,"who":"w1","call":"pwrite","ret":4096', '"e":"end","stuck":0',
  ];
  const trace = renumbered(events.map((event) => `{"n":0,"t":1,${event}}`));
  t.match(judgeScene(scene, evidenceOf(name, { trace })), { kind: 'fail', step: 4, reason: /waits for the inode lock, where it must reach the server/ });
});

t.test('who waits for an answer of the server does not wait as a scene means it', async (t) => {
  const scene = sceneOf(name, 'expect: {waits: inode-lock}', 'expect: waits');
  t.equal(judgeScene(scene, evidenceOf(name)).kind, 'pass');
  const trace = traceOf(name).replaceAll('"state":"D","in":"fuse_file_write_iter","stack":"fuse_file_write_iter', '"state":"S","in":"request_wait_answer","stack":"request_wait_answer');
  t.equal(judgeScene(scene, evidenceOf(name, { trace })).kind, 'fail');
});

t.test('an actor that runs does not wait', async (t) => {
  const scene = sceneOf(name, 'expect: {waits: inode-lock}', 'expect: waits');
  const trace = traceOf(name).replace(/"state":"D","in":"[^"]*","stack":"[^"]*"/, '"state":"R","in":"","stack":""');
  t.match(judgeScene(scene, evidenceOf(name, { trace })), { kind: 'fail', step: 5, reason: /never came to rest/ });
});

t.test('an actor that died fails the scene, also where nothing was expected of it', async (t) => {
  const died = '{"n":0,"t":1,"e":"died","step":5,"who":"w2","in":"","stack":""}';
  const trace = edited((line) => (line.includes('"e":"rest","step":5}') ? [died, line] : line));
  t.match(judge(name, { trace }), { kind: 'fail', step: 5, reason: /w2's pwrite of 4K at 4K was ended by the kernel/ });
});

t.test('a write that reaches the server with other bytes, or for another range, fails the scene', async (t) => {
  t.match(judge(name, { trace: traceOf(name).replace('"data":"B*4096"', '"data":"B*4095 A*1"') }), { kind: 'fail', step: 6, reason: "step 6: w2's pwrite reached the server with B*4095 A*1, where it writes B*4096" });
  t.match(judge(name, { trace: traceOf(name).replace(/"off":4096,"len":4096,"cached":0/, '"off":8192,"len":4096,"cached":0') }), { kind: 'fail', step: 6, reason: /for 4096 bytes at 8192, where it writes 4096 at 4096/ });
});

t.test('a trace of another scene is an error', async (t) => {
  t.match(judge(name, { trace: traceOf('parallel-writes-meet') }), { kind: 'error', reason: /^its trace is not one of this scene: line \d+: inode 2 was opened with flags 65, not those of the scene$/ });
  t.match(judge(name, { trace: traceOf('shared-mmap-needs-allow-mmap') }), { kind: 'error', reason: /its trace is not one of this scene: line \d+: 'm' is no actor/ });
});

t.test('a flag that was never negotiated is an error', async (t) => {
  const trace = traceOf('write-does-not-overtake-mmap').replace('"flags":"0x1040400020"', '"flags":"0x40400020"');
  t.match(judge('write-does-not-overtake-mmap', { trace }), { kind: 'error', reason: /FUSE_DIRECT_IO_ALLOW_MMAP was never negotiated/ });
});

t.test('an actor that never comes home is an error even when nobody saw it stuck', async (t) => {
  const last = lines.findLastIndex((line) => eventOf(line) === 'return');
  const trace = renumbered(lines.filter((_, index) => index !== last));
  t.not(judge(name, { trace }).kind, 'pass');
});

t.test('a RELEASE that the server holds does not hold the call that its sender has come to', async (t) => {
  const release = '{"n":0,"t":1,"e":"arrive","req":99,"op":"RELEASE","by":"w2","ino":2,"fh":9}';
  const trace = edited((line) => (line.includes('"step":5,"who":"w2","state":"D"') ? [release, line] : line.includes('"e":"strike"') ? ['{"n":0,"t":1,"e":"reply","req":99}', line] : line));
  t.equal(judge(name, { trace }).kind, 'pass', 'w2 waits for the inode lock, as it must');
});
