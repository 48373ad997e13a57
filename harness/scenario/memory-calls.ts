import { callWord, type CallWord } from './call-word.ts';
import { at, bytes, fileRange, fill, handle, mapping, name, noted, oneWord, pageAt, pages, wordList } from './field-schemas.ts';

const prot = wordList(['READ', 'WRITE'], 'PROT_ bits; an empty list is PROT_NONE');

/** Calls that make mappings, and loads and stores through them. */
export const memoryCalls: Readonly<Record<string, CallWord>> = {
  mmap: callWord('mmap(2)', {
    shape: {
      mmap: handle,
      as: noted(name, 'name', 'what to call the mapping (default: as the open file)').optional(),
      at: pageAt.default(0),
      bytes: fileRange,
      prot: prot.default(['READ', 'WRITE']),
      share: oneWord(['shared', 'private'], 'MAP_SHARED or MAP_PRIVATE').default('shared'),
    },
    make: (call) => ({ kind: 'mmap', handle: call.mmap, mapping: call.as ?? call.mmap, at: call.at, bytes: call.bytes, prot: call.prot, share: call.share }),
  }),
  munmap: callWord('munmap(2), of all of it or of a part', {
    shape: {
      munmap: mapping,
      at: noted(pageAt, 'size, whole pages', 'where the part begins in the mapping').optional(),
      bytes: noted(pages, 'size, whole pages, at most 4M', 'how long the part is').optional(),
    },
    check: (call) => ((call.bytes === undefined) === (call.at === undefined) ? undefined : 'expected both at and bytes, which name a part, or neither'),
    make: (call) => ({ kind: 'munmap', mapping: call.munmap, ...(call.at === undefined ? {} : { at: call.at }), ...(call.bytes === undefined ? {} : { bytes: call.bytes }) }),
  }),
  msync: callWord('msync(2)', {
    shape: { msync: mapping, flags: wordList(['SYNC', 'ASYNC', 'INVALIDATE'], 'MS_ flags').default(['SYNC']) },
    make: (call) => ({ kind: 'msync', mapping: call.msync, flags: call.flags }),
  }),
  mremap: callWord('mremap(2), which may move it', {
    shape: { mremap: mapping, bytes: noted(fileRange, 'size, at most 4M', 'the new length') },
    make: (call) => ({ kind: 'mremap', mapping: call.mremap, bytes: call.bytes }),
  }),
  mprotect: callWord('mprotect(2), of all of it', {
    shape: { mprotect: mapping, prot }, make: (call) => ({ kind: 'mprotect', mapping: call.mprotect, prot: call.prot }),
  }),
  madvise: callWord('madvise(2), of all of it', {
    shape: { madvise: mapping, advice: oneWord(['DONTNEED', 'WILLNEED', 'POPULATE_READ', 'POPULATE_WRITE'], 'MADV_ value') },
    make: (call) => ({ kind: 'madvise', mapping: call.madvise, advice: call.advice }),
  }),
  load: callWord('reads bytes through the mapping', {
    shape: { load: mapping, at, bytes }, make: (call) => ({ kind: 'load', mapping: call.load, at: call.at, bytes: call.bytes }),
  }),
  store: callWord('writes bytes through the mapping', {
    shape: { store: mapping, at, bytes, fill }, make: (call) => ({ kind: 'store', mapping: call.store, at: call.at, bytes: call.bytes, fill: call.fill }),
  }),
};
