import { z } from 'zod';
import { callWord, type CallWord } from './call-word.ts';
import { at, bytes, fileRange, fill, handle, mapping, noted, nothing, wordList } from './field-schemas.ts';
import { size } from '../host/units.ts';

const rwf = wordList(['APPEND', 'DSYNC', 'SYNC', 'NOWAIT', 'HIPRI'], 'RWF_ flags; with any, it is the call with a 2 and a v').default([]);

type Through = 'aio' | 'uring';
const entries = { aio: 'io_submit(2)', uring: 'io_uring_enter(2)' } as const;

/** Calls that move bytes between an actor and an open file. */
export const transferCalls: Readonly<Record<string, CallWord>> = {
  pread: callWord('pread(2), or preadv2(2); of no bytes too', {
    shape: { pread: handle, at, bytes, rwf, to: noted(mapping, 'mapping', 'the buffer is this mapping, from its first byte on').optional() },
    make: (call) => ({ kind: 'pread', handle: call.pread, at: call.at, bytes: call.bytes, rwf: call.rwf, ...(call.to === undefined ? {} : { to: call.to }) }),
  }),
  pwrite: callWord('pwrite(2), or pwritev2(2); of no bytes too. It has one of `fill`, `from` and `fresh`', {
    shape: {
      pwrite: handle, at, bytes, rwf, fill: fill.optional(),
      from: noted(mapping, 'mapping', 'the buffer is this mapping, from its first byte on').optional(),
      fresh: noted(z.literal(true), 'true', 'the buffer is memory that was never touched (zeroes)').optional(),
    },
    check: (call) => {
      const sources = [call.fill, call.from, call.fresh].filter((source) => source !== undefined).length;
      return sources === 1 || (sources === 0 && call.bytes === 0) ? undefined : 'expected one of fill, from and fresh, which says what is written';
    },
    make: (call) => ({
      kind: 'pwrite', handle: call.pwrite, at: call.at, bytes: call.bytes, rwf: call.rwf,
      ...(call.fill === undefined ? {} : { fill: call.fill }), ...(call.from === undefined ? {} : { from: call.from }),
    }),
  }),
  read: callWord("read(2), at the open file's position", {
    shape: { read: handle, bytes }, make: (call) => ({ kind: 'read', handle: call.read, bytes: call.bytes }),
  }),
  write: callWord("write(2), at the open file's position", {
    shape: { write: handle, bytes, fill }, make: (call) => ({ kind: 'write', handle: call.write, bytes: call.bytes, fill: call.fill }),
  }),
  'aio-read': submitRead('aio-read', 'aio'),
  'aio-write': submitWrite('aio-write', 'aio'),
  'uring-read': submitRead('uring-read', 'uring'),
  'uring-write': submitWrite('uring-write', 'uring'),
  reap: callWord('waits for the oldest request that the actor has submitted and not reaped, and returns its result', {
    shape: { reap: nothing }, make: () => ({ kind: 'reap' }),
  }),
  copy: callWord('copy_file_range(2)', {
    shape: {
      copy: handle, to: noted(handle, 'open file', 'where to'), at: noted(size, 'size', 'where it begins in the source').default(0),
      to_at: noted(size, 'size', 'where it begins in the target').default(0), bytes: fileRange,
    },
    make: (call) => ({ kind: 'copy', handle: call.copy, to: call.to, at: call.at, toAt: call.to_at, bytes: call.bytes }),
  }),
  sendfile: callWord('sendfile(2) to a file in memory; sees what got there', {
    shape: { sendfile: handle, at, bytes }, make: (call) => ({ kind: 'sendfile', handle: call.sendfile, at: call.at, bytes: call.bytes }),
  }),
  splice: callWord('splice(2) to a pipe; sees what got there', {
    shape: { splice: handle, at, bytes }, make: (call) => ({ kind: 'splice', handle: call.splice, at: call.at, bytes: call.bytes }),
  }),
  'splice-write': callWord('a pipe is filled, and spliced into the file (splice(2))', {
    shape: { 'splice-write': handle, at, bytes, fill },
    make: (call) => ({ kind: 'splice-write', handle: call['splice-write'], at: call.at, bytes: call.bytes, fill: call.fill }),
  }),
};

function submitRead(word: `${Through}-read`, through: Through): CallWord {
  return callWord(`one read by ${entries[through]}; returns 1 when it was taken, and \`reap\` what came of it`, {
    shape: { [word]: handle, at, bytes } as { [K in typeof word]: typeof handle } & { at: typeof at; bytes: typeof bytes },
    make: (call) => ({ kind: 'submit', handle: call[word], through, io: 'read', at: call.at, bytes: call.bytes }),
  });
}

function submitWrite(word: `${Through}-write`, through: Through): CallWord {
  return callWord(`one write by ${entries[through]}; returns 1 when it was taken, and \`reap\` what came of it`, {
    shape: { [word]: handle, at, bytes, fill } as { [K in typeof word]: typeof handle } & { at: typeof at; bytes: typeof bytes; fill: typeof fill },
    make: (call) => ({ kind: 'submit', handle: call[word], through, io: 'write', at: call.at, bytes: call.bytes, fill: call.fill }),
  });
}
