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

const opcodes = 'LOOKUP, GETATTR, SETATTR, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH, OPENDIR, READDIR, RELEASEDIR, CREATE, FALLOCATE, LSEEK, COPY_FILE_RANGE';
const calls = 'open, close, dup, setfl, fsync, fdatasync, fstat, lseek, ftruncate, truncate, fallocate, fork, exit, pread, pwrite, read, write, aio-read, aio-write, uring-read, uring-write, reap, copy, sendfile, splice, splice-write, mmap, munmap, msync, mremap, mprotect, madvise, load, store';
const actions = 'hold, unhold, release, open-flags, size, change, invalidate, backing, backing-close, content, kill, drop-caches, abort, die';
const sizes = 'expected a size: bytes, or a number with K, M or G, such as 4K';
const outcomes = 'expected an outcome: returns, held, waits, ends, idle, {returns: 4096}, {sees: A}, {fails: ENODEV}, {raises: BUS}, {waits: inode-lock}, or a list of these';
const matches = `expected an opcode (${opcodes}) or a map of opcode, by, file, handle, at and bytes`;

/** Steps below the head, from line 7 on. */
const steps: readonly (readonly [string, string, ...string[]])[] = [
  ['a call that there is not', '  - w1: {opn: f}', `7:9: expected a call: ${calls}`],
  ['a call that every object has', '  - w1: {constructor: f}', `7:9: expected a call: ${calls}`],
  ['an actor that every object has', '  - constructor: {open: f}', "7:5: 'constructor' is no actor of this scene (w1, w2)"],
  ['an outcome of an actor that every object has', '  - w1: {open: f}\n    then: {constructor: held}', "8:12: 'constructor' is no actor of this scene (w1, w2)"],
  ['a file that there is not', '  - w1: {open: g}', "7:16: 'g' is no file of this scene (f)"],
  ['a key that the call does not take', '  - w1: {open: f, mode: 3}', "7:19: unknown key 'mode'"],
  ['a key that the step does not take', '  - w1: {open: f}\n    expects: held', `8:5: expected one of parallel, ${actions} or one actor, beside expect, then, arrives and note; found w1, expects`],
  ['a text where a call stands', '  - w1: f', "7:9: expected a map, found the text 'f'"],
  ['nothing where a call stands', '  - w1: ', '7:9: expected a map, found nothing'],
  ['a number where a step stands', '  - 3', '7:5: expected a map, found the number 3'],
  ['no step', '  []', '7:3: expected at least 1, found an empty list'],
  ['two subjects', '  - w1: {open: f}\n    w2: {open: f}', `8:5: expected one of parallel, ${actions} or one actor, beside expect, then, arrives and note; found w1, w2`],
  ['no subject', '  - note: hello', `7:5: expected one of parallel, ${actions} or one actor, beside expect, then, arrives and note; found none`],
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
  ['a misspelt place', '  - w1: {open: f}\n    expect: {waits: inode-lok}', '8:21: expected a place: inode-lock, io-mode, mmap-lock, page, aio, server, or a function of the kernel'],
  ['expect in a step of the server', '  - hold: WRITE\n    expect: held', "8:5: a step of the server has 'then', which names who it frees, and no 'expect'"],
  ['a bad size and a bad fill', '  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 4Q, fill: AB}', `8:28: ${sizes}`, '8:38: expected one letter, which fills the bytes'],
  ['a size that no number can hold', '  - w1: {pwrite: f, at: 99999999999999999999G, bytes: 1, fill: A}', `7:25: ${sizes}`],
  ['a negative size', '  - w1: {pread: f, at: -1, bytes: 1}', `7:24: ${sizes}`],
  ['a call that moves too much', '  - w1: {pread: f, bytes: 2M}', '7:27: expected at most 1M, which is what one call moves'],
  ['a mapping that is too large', '  - w1: {mmap: f, bytes: 8M}', '7:26: expected at most 4M, which is the largest file of a scene'],
  ['an unknown open flag', '  - w1: {open: f, flags: [RDWRR]}', '7:27: expected one of RDONLY, WRONLY, RDWR, APPEND, DIRECT, TRUNC, NONBLOCK, SYNC, DSYNC, CREAT, EXCL, DIRECTORY'],
  ['one flag without its list', '  - w1: {open: f, flags: RDWR}', "7:26: expected a list, found the text 'RDWR'"],
  ['a file used before it was opened', '  - w1: {close: f}', "7:17: 'f' was not opened by w1 in an earlier step"],
  ['a file that another process opened', '  - w1: {open: f}\n  - w2: {close: f}', "8:17: 'f' was not opened by w2 in an earlier step"],
  ['a mapping used before it was made', '  - w1: {open: f}\n  - w1: {load: f, bytes: 1}', "8:16: 'f' was not mapped by w1 in an earlier step"],
  ['an order to an actor in a call', '  - w1: {open: f}\n    expect: held\n  - w1: {open: f}', '9:5: w1 is still in its open of step 1, so it cannot be told to do this'],
  ['an outcome of an actor in no call', '  - hold: WRITE\n    then: {w1: returns}', '8:12: w1 is in no call, so nothing can come of it'],
  ['an outcome of the actor itself', '  - w1: {open: f}\n    then: {w1: returns}', "8:12: what comes of w1's own call stands in 'expect'", '8:12: w1 is in no call, so nothing can come of it'],
  ['bytes seen by a call that reads none', '  - w1: {open: f}\n    expect: {sees: A}', "8:13: w1's open sees no bytes; pread, read, load, sendfile, splice, reap do"],
  ['bytes that are half runs', '  - w1: {open: f}\n  - w1: {pread: f, bytes: 4K}\n    expect: {sees: A B*5}', "9:20: expected bytes: one letter for all of them ('A'), or runs ('A*4096 B*4096')"],
  ['a size that is missing', '  - w1: {open: f}\n  - w1: {pread: f}\n  - change: {file: f, fill: A}', `8:9: 'bytes' is missing: ${sizes}`, `9:13: 'bytes' is missing: ${sizes}`],
  ['a call without operand that has one', '  - w1: {reap: f}', '7:16: expected nothing after the colon'],
  ['a text that is no call without operand', '  - w1: abort', "7:9: expected a map, found the text 'abort'"],
  ['a dup of nothing', '  - w1: {dup: f, as: g}', "7:15: 'f' was not opened by w1 in an earlier step"],
  ['a dup without a name', '  - w1: {open: f}\n  - w1: {dup: f}', "8:9: 'as' is missing: expected a text"],
  ['a flag that F_SETFL does not set', '  - w1: {open: f}\n  - w1: {setfl: f, flags: [TRUNC]}', '8:28: expected one of APPEND, DIRECT, NONBLOCK'],
  ['a truncate of no file', '  - w1: {truncate: g, bytes: 1}', "7:20: 'g' is no file of this scene (f)"],
  ['an unknown mode of fallocate', '  - w1: {open: f}\n  - w1: {fallocate: f, bytes: 1, mode: [COLLAPSE]}', '8:41: expected one of KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE'],
  ['an unknown whence', '  - w1: {open: f}\n  - w1: {lseek: f, whence: LAST}', '8:28: expected one of SET, CUR, END, DATA, HOLE'],
  ['a write without bytes to write', '  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 1}', '8:9: expected one of fill, from and fresh, which says what is written'],
  ['a write with two sources', '  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 0, fill: A, fresh: true}', '8:9: expected one of fill, from and fresh, which says what is written'],
  ['a buffer that was never mapped', '  - w1: {open: f}\n  - w1: {pwrite: f, bytes: 1, from: m}\n  - w1: {pread: f, bytes: 1, to: m}', "8:37: 'm' was not mapped by w1 in an earlier step", "9:34: 'm' was not mapped by w1 in an earlier step"],
  ['an unknown RWF flag', '  - w1: {open: f}\n  - w1: {pread: f, bytes: 1, rwf: [FAST]}', '8:36: expected one of APPEND, DSYNC, SYNC, NOWAIT, HIPRI'],
  ['a copy to nowhere', '  - w1: {open: f}\n  - w1: {copy: f, to: g, bytes: 1}', "8:23: 'g' was not opened by w1 in an earlier step"],
  ['a submit through nothing', '  - w1: {uring-write: f, bytes: 1, fill: A}', "7:23: 'f' was not opened by w1 in an earlier step"],
  ['a mapping that begins in a page', '  - w1: {open: f}\n  - w1: {mmap: f, at: 1, bytes: 4K}', '8:23: expected whole pages, a multiple of 4K'],
  ['half a part of a mapping', '  - w1: {open: f}\n  - w1: {mmap: f, bytes: 8K}\n  - w1: {munmap: f, at: 4K}', '9:9: expected both at and bytes, which name a part, or neither'],
  ['unknown advice', '  - w1: {open: f}\n  - w1: {mmap: f, bytes: 8K}\n  - w1: {madvise: f, advice: FREE}', '9:30: expected one of DONTNEED, WILLNEED, POPULATE_READ, POPULATE_WRITE'],
  ['a fork of nobody', '  - w1: {fork: w9}', "7:16: 'w9' is no actor of this scene (w1, w2)"],
  ['a fork of who lives already', '  - w1: {fork: w2}', "7:16: w2 lives from the beginning; an actor that is to be forked is 'w2: {forked: true}'"],
  ['an order to who has left', '  - w1: exit\n  - w1: {open: f}', '8:5: w1 is gone since step 1'],
  ['an order to who was killed', '  - kill: w1\n  - w1: {open: f}', '8:5: w1 is gone since step 1'],
  ['a signal to who is gone', '  - kill: w1\n  - kill: w1', '8:11: w1 is gone since step 1'],
  ['a signal to nobody', '  - kill: w9', "7:11: 'w9' is no actor of this scene (w1, w2)"],
  ['an unknown signal', '  - kill: {actor: w1, signal: HUP}', '7:31: expected one of KILL, TERM, USR1'],
  ['an end that nothing brings', '  - w1: {open: f}\n    expect: ends', "8:13: nothing has ended w1's process; exit and kill do"],
  ['an unknown signal that is raised', '  - w1: {open: f}\n    expect: {raises: FPE}', '8:22: expected one of BUS, SEGV'],
  ['a choice of one', '  - w1: {open: f}\n    expect: [held]', '8:13: expected at least two outcomes, of which any is right'],
  ['a choice of what there is not', '  - w1: {open: f}\n    expect: [held, {fails: EFOO}]', '8:28: expected the name of an errno, such as ENODEV'],
  ['arrivals of no opcode', '  - w1: {open: f}\n    arrives: {WRIT: 1}', `8:15: expected an opcode: ${opcodes}, FORGET, BATCH_FORGET, INTERRUPT`],
  ['arrivals that are no number', '  - w1: {open: f}\n    arrives: {WRITE: -1}', '8:22: expected at least 0'],
  ['a look at bytes without what must be seen', '  - content: {file: f, bytes: 1}', "7:5: content looks at bytes, so it has an 'expect', such as {sees: A}"],
  ['a look at nothing', '  - content: {bytes: 1}\n    expect: {sees: A}', '7:14: expected one of file and backing, which says whose bytes'],
  ['a look that is to be held', '  - content: {file: f, bytes: 1}\n    expect: held', '8:13: expected what content comes to: {sees: A} or {returns: 0}'],
  ['an invalidation that sees bytes', '  - invalidate: {file: f}\n    expect: {sees: A}', '8:13: expected what invalidate comes to: returns, {fails: ERRNO}, waits'],
  ['a change of no file', '  - change: {file: g, bytes: 1, fill: A}', "7:20: 'g' is no file of this scene (f)"],
  ['a backing file that there is not', '  - open-flags: {file: f, flags: [PASSTHROUGH], backing: b}', "7:58: 'b' is no backing file of an earlier step"],
  ['a backing id that is none', '  - open-flags: {file: f, flags: [PASSTHROUGH], backing: 3000000000}', '7:58: expected the name of a backing file, or a backing id (a number of 32 bits)'],
  ['a closed backing file that there is not', '  - backing-close: b', "7:20: 'b' is no backing file of an earlier step"],
  ['a backing file twice', '  - backing: {name: b, bytes: 1, fill: A}\n  - backing: {name: b, bytes: 1, fill: A}', "8:21: 'b' is a backing file of step 1 already"],
  ['an abort of something', '  - abort: f', '7:12: expected nothing after the colon'],
  ['a step of a dead server', '  - die:\n  - hold: WRITE', '8:5: the server is dead since step 1'],
  ['a block of one', '  - parallel: [{w1: {open: f}}]', '7:15: expected at least 2, found a list'],
  ['a block in a block', '  - parallel:\n    - w1: {open: f}\n    - parallel: []', '9:7: a parallel block has no block in it'],
  ['a block with an outcome of its own', '  - parallel:\n    - w1: {open: f}\n    - w2: {open: f}\n    expect: held', "10:5: a parallel block has 'then', and its steps have 'expect'"],
  ["a block whose step says 'then'", '  - parallel:\n    - w1: {open: f}\n    - w2: {open: f}\n      then: {w1: returns}', "10:7: 'then' stands beside 'parallel', since nothing is at rest before the block is"],
  ['a block in which one acts twice', '  - parallel:\n    - w1: {open: f}\n    - w1: {open: f, as: g}', '9:7: w1 acts in step 1 of this block already, and may still be in that call'],
  ['a mistake in a block', '  - parallel:\n    - w1: {open: f}\n    - w2: {opn: f}', `9:11: expected a call: ${calls}`],
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
  ['more pages than the stage can do', `server: {max_pages: 257}\n${head}  - hold: WRITE\n`, '1:21: expected at most 256'],
  ['a mode that is none', `measure: {modes: {a: [DIRCT]}}\n${head.replace(', open: [DIRECT_IO]', '')}  - w1: {open: f}\n`, '1:23: expected FOPEN flags: DIRECT_IO, KEEP_CACHE, NONSEEKABLE, CACHE_DIR, STREAM, NOFLUSH, PARALLEL_DIRECT_WRITES, PASSTHROUGH, or a bit mask such as 0x80'],
  ['no mode', `measure: {modes: {}}\n${head.replace(', open: [DIRECT_IO]', '')}  - w1: {open: f}\n`, '1:18: expected one mode at least'],
  ['flags that its modes say', `measure: {modes: {a: []}}\n${head}  - w1: {open: f}\n`, "5:33: the modes of 'measure' say what opens are answered"],
  ['writers and nobody to multiply', `measure: {modes: {a: []}, writers: [2]}\n${head.replace(', open: [DIRECT_IO]', '')}  - w1: {open: f}\n`, "1:36: 'writers' multiplies the actor 'w', who is not in this scene"],
  ['steps that say what the model says', `measure: {modes: {a: []}}\n${head.replace(', open: [DIRECT_IO]', '')}  - w1: {open: f}\n    expect: returns\n`, '8:5: of a scene that measures the model says what every step comes to'],
  ['steps that end a measured actor', `measure: {modes: {a: []}}\n${head.replace(', open: [DIRECT_IO]', '')}  - w1: exit\n`, '8:5: exit leaves another cast for the next round'],
  ['an unknown need', `needs: [io-mode]\n${head}  - hold: WRITE\n`, '1:9: expected a capability: parallel-direct-writes, io-modes'],
  ['too many actors', `${head.replace('{w1: , w2: }', `{${Array.from({ length: 25 }, (_, index) => `w${index}: `).join(', ')}}`)}  - hold: WRITE\n`, '5:9: expected at most 24 actors'],
  ['too many steps', `${head}${'  - hold: WRITE\n'.repeat(513)}`, '7:3: expected at most 512 of them'],
  ['too many open files of a process', `${head}${Array.from({ length: 65 }, (_, index) => `  - w1: {open: f, as: h${index}}\n`).join('')}`, '71:16: a process names at most 64 open files and 64 mappings'],
  ['a rule id that is none', `covers: [Mmap allow]\n${head}  - hold: WRITE\n`, '1:10: expected the id of a rule, such as mmap.allow'],
  ['a directory that has a size', `${head.replace('size: 64K, fill: a', 'size: 64K, directory: true')}  - hold: WRITE\n`, '4:6: a directory has no size, no fill, and is never absent'],
  ['an absent file that has a size', `${head.replace('fill: a', 'absent: true')}  - hold: WRITE\n`, '4:6: an absent file has no size: it is empty when it is made'],
  ['a forked actor of another process', `${head.replace('w1: ,', 'w1: {forked: true, process: w2},')}  - hold: WRITE\n`, "5:14: a forked actor is the only thread of a process of its own, so it has no 'process'"],
  ["a thread of a forked actor's process", `${head.replace('w1: , w2: ', 'w1: {forked: true}, w2: {process: w1}')}  - hold: WRITE\n`, '5:44: w1 is forked, and so the only thread of its process'],
  ['a forked actor that acts before it lives', `${head.replace('w2: ', 'w2: {forked: true}')}  - w2: {open: f}\n`, '7:5: w2 is not forked yet'],
  ['a forked actor that acts in the block of its fork', `${head.replace('w2: ', 'w2: {forked: true}')}  - parallel:\n    - w1: {fork: w2}\n    - w2: {open: f}\n`, '9:7: w2 is forked in this very block, and may not live yet'],
  ['a forked actor that is forked twice', `${head.replace('w2: ', 'w2: {forked: true}')}  - w1: {fork: w2}\n  - w1: {fork: w2}\n`, '8:16: w2 was forked in step 1 already'],
  ['too many steps in blocks', `${head}${'  - parallel: [hold: WRITE, hold: WRITE]\n'.repeat(257)}`, '7:3: expected at most 512 steps, those of parallel blocks among them'],
  ['an actor that is called parallel', `${head.replace('w1: ,', 'parallel: ,')}  - hold: WRITE\n`, '5:10: an actor cannot be called parallel, which means something else in a step'],
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
