import fc from 'fast-check';
import t from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';

const head = `protects: a sentence of words
source: s
files:
  f: {size: 64K, fill: a, open: [DIRECT_IO]}
actors: {w1: , w2: }
steps:
`;

/** Every line of what is said about `text`, without the file's name and its colon. */
function mistakesIn(text: string): string[] {
  try {
    readScenario(text, 'own.yaml');
    return ['none'];
  } catch (error) {
    if (!(error instanceof DioramaError)) throw error;
    return [error.message, ...error.details].map((line) => line.replace(/^own\.yaml:/, ''));
  }
}

const opcodes = 'LOOKUP, GETATTR, SETATTR, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH';
const calls = 'open, close, fsync, fstat, ftruncate, pread, pwrite, mmap, munmap, msync, load, store';
const sizes = 'expected a size: bytes, or a number with K, M or G, such as 4K';
const outcomes = 'expected an outcome: returns, held, waits, {returns: 4096}, {sees: A}, {fails: ENODEV} or {waits: inode-lock}';
const matches = `expected an opcode (${opcodes}) or a map of opcode, by, file, handle, at and bytes`;

/** Steps below the head, from line 7 on. */
const steps: readonly (readonly [string, string, ...string[]])[] = [
  ['a call that there is not', '  - w1: {opn: f}', `7:9: expected a call: ${calls}`],
  ['a call that every object has', '  - w1: {constructor: f}', `7:9: expected a call: ${calls}`],
  ['an actor that every object has', '  - constructor: {open: f}', "7:5: 'constructor' is no actor of this scene (w1, w2)"],
  ['an outcome of an actor that every object has', '  - w1: {open: f}\n    then: {constructor: held}', "8:12: 'constructor' is no actor of this scene (w1, w2)"],
  ['a file that there is not', '  - w1: {open: g}', "7:16: 'g' is no file of this scene (f)"],
  ['a key that the call does not take', '  - w1: {open: f, mode: 3}', "7:19: unknown key 'mode'"],
  ['a key that the step does not take', '  - w1: {open: f}\n    expects: held', '8:5: expected one of hold, unhold, release, open-flags, size or one actor, beside expect, then and note; found w1, expects'],
  ['a text where a call stands', '  - w1: f', "7:9: expected a map, found the text 'f'"],
  ['nothing where a call stands', '  - w1: ', '7:9: expected a map, found nothing'],
  ['a number where a step stands', '  - 3', '7:5: expected a map, found the number 3'],
  ['no step', '  []', '7:3: expected at least 1, found an empty list'],
  ['two subjects', '  - w1: {open: f}\n    w2: {open: f}', '8:5: expected one of hold, unhold, release, open-flags, size or one actor, beside expect, then and note; found w1, w2'],
  ['no subject', '  - note: hello', '7:5: expected one of hold, unhold, release, open-flags, size or one actor, beside expect, then and note; found none'],
  ['an unknown opcode', '  - hold: WRIT', `7:11: ${matches}`],
  ['an opcode that every object has', '  - hold: constructor', `7:11: ${matches}`],
  ['an unknown key of a match', '  - hold: {op: WRITE}', "7:12: unknown key 'op'"],
  ['an unknown opcode in a match', '  - hold: {opcode: WRIT}', `7:20: expected an opcode: ${opcodes}`],
  ['an unknown actor to release', '  - release: w9', "7:14: 'w9' is no actor of this scene (w1, w2)"],
  ['a count of none', '  - release: {count: 0}', '7:22: expected at least 1'],
  ['a list to release', '  - release: [w1]', '7:14: expected an actor, or a map of opcode, by, file, handle, at, bytes, count, fail and short'],
  ['an unknown errno', '  - w1: {open: f}\n    expect: {fails: EFOO}', '8:21: expected the name of an errno, such as ENODEV'],
  ['an errno that every object has', '  - w1: {open: f}\n    expect: {fails: toString}', '8:21: expected the name of an errno, such as ENODEV'],
  ['an unknown outcome', '  - w1: {open: f}\n    expect: returned', `8:13: ${outcomes}`],
  ['an outcome of two kinds', '  - w1: {open: f}\n    expect: {fails: EIO, waits: server}', `8:13: ${outcomes}`],
  ['a misspelt place', '  - w1: {open: f}\n    expect: {waits: inode-lok}', '8:21: expected a place: inode-lock, io-mode, mmap-lock, server, or a function of the kernel'],
  ['expect in a step of the server', '  - hold: WRITE\n    expect: held', "8:5: a step of the server has 'then', which names who it frees, and no 'expect'"],
  ['a bad size and a bad fill', '  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 4Q, fill: AB}', `8:28: ${sizes}`, '8:38: expected one letter, which fills the bytes'],
  ['a size that no number can hold', '  - w1: {pwrite: f, at: 99999999999999999999G, bytes: 1, fill: A}', `7:25: ${sizes}`],
  ['a negative size', '  - w1: {pread: f, at: -1, bytes: 1}', `7:24: ${sizes}`],
  ['a call that moves too much', '  - w1: {pread: f, bytes: 2M}', '7:27: expected at most 1M, which is what one call moves'],
  ['a mapping that is too large', '  - w1: {mmap: f, bytes: 8M}', '7:26: expected at most 4M, which is the largest file of a scene'],
  ['an unknown open flag', '  - w1: {open: f, flags: [RDWRR]}', '7:27: expected one of RDONLY, WRONLY, RDWR, APPEND, DIRECT, TRUNC, NONBLOCK, SYNC, DSYNC'],
  ['one flag without its list', '  - w1: {open: f, flags: RDWR}', "7:26: expected a list, found the text 'RDWR'"],
  ['a file used before it was opened', '  - w1: {close: f}', "7:17: 'f' was not opened by w1 in an earlier step"],
  ['a file that another process opened', '  - w1: {open: f}\n  - w2: {close: f}', "8:17: 'f' was not opened by w2 in an earlier step"],
  ['a mapping used before it was made', '  - w1: {open: f}\n  - w1: {load: f, bytes: 1}', "8:16: 'f' was not mapped by w1 in an earlier step"],
  ['an order to an actor in a call', '  - w1: {open: f}\n    expect: held\n  - w1: {open: f}', '9:5: w1 is still in its open of step 1, so it cannot be told to do this'],
  ['an outcome of an actor in no call', '  - hold: WRITE\n    then: {w1: returns}', '8:12: w1 is in no call, so nothing can come of it'],
  ['an outcome of the actor itself', '  - w1: {open: f}\n    then: {w1: returns}', "8:12: what comes of w1's own call stands in 'expect'", '8:12: w1 is in no call, so nothing can come of it'],
  ['bytes seen by a call that reads none', '  - w1: {open: f}\n    expect: {sees: A}', "8:13: w1's open sees no bytes; pread and load do"],
  ['bytes that are half runs', '  - w1: {open: f}\n  - w1: {pread: f, bytes: 4K}\n    expect: {sees: A B*5}', "9:20: expected bytes: one letter for all of them ('A'), or runs ('A*4096 B*4096')"],
];

for (const [what, text, ...wanted] of steps) {
  t.test(`${what} is told where it stands, with what was expected`, async (t) => {
    t.strictSame(mistakesIn(`${head}${text}\n`), wanted);
  });
}

const files: readonly (readonly [string, string, ...string[]])[] = [
  ['an empty file', '', '1:1: expected a map, found nothing'],
  ['a list', '- a', '1:1: expected a map, found a list'],
  ['a text', 'hello', "1:1: expected a map, found the text 'hello'"],
  ['a list that does not end', 'a: [', '1:5: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['a key that is there twice', `${head}  - w1: {open: f}\nsteps: []\n`, '8:1: Map keys must be unique'],
  ['a tag', 'a: !foo b', '1:4: Unresolved tag: !foo'],
  ['a second document', '---\na: 1\n---\nb: 2\n', '3:1: expected one document, found a second'],
  ['an alias without an anchor', 'a: *b\n', '1:1: its aliases (*name) are too many, or name no anchor'],
  ['an anchor bomb', `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcd'[index]}`).join(',')}]\n`).join('')}`, '1:1: its aliases (*name) are too many, or name no anchor'],
  ['an actor with a name of the step', `${head.replace('w1: ,', 'hold: ,')}  - hold: WRITE\n`, '5:10: an actor cannot be called hold, which means something else in a step'],
  ['an actor with a capital', `${head.replace('w1: ,', 'W1: ,')}  - hold: WRITE\n`, '5:10: expected a name: a small letter, then small letters, digits, - or _'],
  ['an actor that is a number', `${head.replace('w1: ,', 'w1: 3,')}  - hold: WRITE\n`, '5:14: expected a map, found the number 3'],
  ['an unknown FOPEN flag', `${head.replace('DIRECT_IO', 'DIRCT')}  - hold: WRITE\n`, '4:34: expected FOPEN flags: DIRECT_IO, KEEP_CACHE, NONSEEKABLE, CACHE_DIR, STREAM, NOFLUSH, PARALLEL_DIRECT_WRITES, PASSTHROUGH, or a bit mask such as 0x80'],
  ['a file that is too large', `${head.replace('64K', '5M')}  - hold: WRITE\n`, '4:13: expected at most 4M, which is the largest file of a scene'],
  ['a max_write that the stage cannot do', `server: {max_write: 2M}\n${head}  - hold: WRITE\n`, '1:21: expected 4K to 1M'],
  ['an unknown need', `needs: [io-mode]\n${head}  - hold: WRITE\n`, '1:9: expected a capability: parallel-direct-writes, io-modes'],
  ['too many actors', `${head.replace('{w1: , w2: }', `{${Array.from({ length: 25 }, (_, index) => `w${index}: `).join(', ')}}`)}  - hold: WRITE\n`, '5:9: expected at most 24 actors'],
  ['too many steps', `${head}${'  - hold: WRITE\n'.repeat(513)}`, '7:3: expected at most 512 of them'],
  ['too many open files of a process', `${head}${Array.from({ length: 33 }, (_, index) => `  - w1: {open: f, as: h${index}}\n`).join('')}`, '39:16: a process names at most 32 open files and 32 mappings'],
  ['several mistakes at once, in their order', 'protects: x\nsauce: s\nfiles: 3\nactors: []\nsteps: {}\n',
    "1:1: 'source' is missing: expected a text", '1:11: expected a sentence: what the kernel must do, and what goes wrong when it does not', "2:1: unknown key 'sauce'",
    '3:8: expected a map, found the number 3', '4:9: expected a map, found an empty list', '5:8: expected a list, found a map'],
];

for (const [what, text, ...wanted] of files) {
  t.test(`a file with ${what} is refused at its place`, async (t) => {
    t.strictSame(mistakesIn(text), wanted);
  });
}

t.test('a tab is told where it stands', async (t) => {
  t.match(mistakesIn(`${head}  - w1: {open: f}\n\t- x\n`)[0], '8:1: Tabs are not allowed as indentation');
});

t.test('a file nested a thousand times is refused in a moment', async (t) => {
  for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), `a:\n${'- '.repeat(5000)}x`]) {
    const began = performance.now();
    t.match(mistakesIn(text).join('\n'), /expected|nested|too deeply|Flow|missing/);
    t.ok(performance.now() - began < 3000);
  }
});

t.test('no more than twenty mistakes are told, and how many there are besides', async (t) => {
  const said = mistakesIn(`${head}${'  - 3\n'.repeat(30)}`);
  t.equal(said.length, 21);
  t.equal(said.at(-1), 'and 10 more');
});

t.test('a message has no escape sequence of the file in it', async (t) => {
  t.strictSame(mistakesIn(`${head}  - "w\\e[31m1": {open: f}\n`), ["7:5: 'w1' is no actor of this scene (w1, w2)"]);
});

t.test('whatever the file, it is read or refused, and never anything else', async (t) => {
  const good = `${head}  - w1: {open: f}\n  - hold: WRITE\n  - w1: {pwrite: f, at: 0, bytes: 4K, fill: A}\n    expect: held\n  - release: w1\n    then: {w1: {returns: 4K}}\n`;
  t.strictSame(mistakesIn(good), ['none']);
  const piece = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('constructor', '__proto__', '- ', ': ', '{', '}', '[', ']', '&a ', '*a', '\t', '!!', '? ', '|', '\n', 'null', '1e999'));
  t.doesNotThrow(() => fc.assert(fc.property(fc.nat(good.length), fc.nat(12), piece, (at, length, text) => {
    mistakesIn(good.slice(0, at) + text + good.slice(at + length));
  }), { numRuns: 300 }));
});
