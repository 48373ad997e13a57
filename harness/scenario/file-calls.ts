import { callWord, type CallWord } from './call-word.ts';
import { at, fileRange, handle, name, noted, nothing, oneWord, sceneFile, wordList } from './field-schemas.ts';

const openFlags = ['RDONLY', 'WRONLY', 'RDWR', 'APPEND', 'DIRECT', 'TRUNC', 'NONBLOCK', 'SYNC', 'DSYNC', 'CREAT', 'EXCL', 'DIRECTORY'] as const;
const as = noted(name, 'name', 'what to call the open file (default: as the file)').optional();

/** Calls that open, close and change files. */
export const fileCalls: Readonly<Record<string, CallWord>> = {
  open: callWord('open(2), with mode 0644', {
    shape: { open: sceneFile, as, flags: wordList(openFlags, 'O_ flags').default(['RDWR']) },
    make: (call) => ({ kind: 'open', file: call.open, handle: call.as ?? call.open, flags: call.flags }),
  }),
  close: callWord('close(2)', { shape: { close: handle }, make: (call) => ({ kind: 'close', handle: call.close }) }),
  dup: callWord('dup(2): a second name of the same open file', {
    shape: { dup: handle, as: noted(name, 'name', 'what to call the copy') },
    make: (call) => ({ kind: 'dup', handle: call.dup, copy: call.as }),
  }),
  setfl: callWord('fcntl(2) F_SETFL', {
    shape: { setfl: handle, flags: wordList(['APPEND', 'DIRECT', 'NONBLOCK'], 'O_ flags that it has from now on; the others are cleared') },
    make: (call) => ({ kind: 'setfl', handle: call.setfl, flags: call.flags }),
  }),
  fsync: callWord('fsync(2)', { shape: { fsync: handle }, make: (call) => ({ kind: 'fsync', handle: call.fsync }) }),
  fdatasync: callWord('fdatasync(2)', { shape: { fdatasync: handle }, make: (call) => ({ kind: 'fdatasync', handle: call.fdatasync }) }),
  fstat: callWord('fstat(2); returns the size', { shape: { fstat: handle }, make: (call) => ({ kind: 'fstat', handle: call.fstat }) }),
  lseek: callWord('lseek(2); returns the new position', {
    shape: { lseek: handle, at: noted(at.unwrap(), 'size', 'the offset').default(0), whence: oneWord(['SET', 'CUR', 'END', 'DATA', 'HOLE'], 'from where; or the next data or hole').default('SET') },
    make: (call) => ({ kind: 'lseek', handle: call.lseek, at: call.at, whence: call.whence }),
  }),
  ftruncate: callWord('ftruncate(2)', {
    shape: { ftruncate: handle, bytes: noted(fileRange, 'size, at most 4M', 'the new size') },
    make: (call) => ({ kind: 'ftruncate', handle: call.ftruncate, bytes: call.bytes }),
  }),
  truncate: callWord('truncate(2), which needs no open file', {
    shape: { truncate: sceneFile, bytes: noted(fileRange, 'size, at most 4M', 'the new size') },
    make: (call) => ({ kind: 'truncate', file: call.truncate, bytes: call.bytes }),
  }),
  fallocate: callWord('fallocate(2)', {
    shape: { fallocate: handle, at, bytes: fileRange, mode: wordList(['KEEP_SIZE', 'PUNCH_HOLE', 'ZERO_RANGE'], 'FALLOC_FL_ bits').default([]) },
    make: (call) => ({ kind: 'fallocate', handle: call.fallocate, at: call.at, bytes: call.bytes, mode: call.mode }),
  }),
  fork: callWord('fork(2): the child is an actor with `forked: true`, which has the open files and mappings of this process', {
    shape: { fork: noted(name, 'actor', 'the child') },
    make: (call) => ({ kind: 'fork', child: call.fork }),
  }),
  exit: callWord("_exit(2): the actor's process ends, with all its threads; comes to `ends` where nothing else is said", {
    shape: { exit: nothing }, make: () => ({ kind: 'exit' }),
  }),
};
