import { adviceValues, bitsOf, fallocateBits, mapBits, msyncBits, openBits, protBits, rwfBits, whenceValues } from './call-bits.ts';
import type { ProgramNames } from './program-names.ts';
import type { Call } from './types.ts';

/** The words of a call in the program; what the guest takes for granted is left out. */
export function callWords(call: Call, given: { readonly process: string; readonly names: ProgramNames }): string {
  const { process, names } = given;
  const fd = (handle: string): string => `handle=${names.slot(process, 'fd', handle)}`;
  const map = (mapping: string): string => `handle=${names.slot(process, 'map', mapping)}`;
  const range = (part: { readonly at: number; readonly bytes: number }): string => `off=${part.at} len=${part.bytes}`;
  const fill = (text: string | undefined): string => word('fill', text?.charCodeAt(0));
  switch (call.kind) {
    case 'open':
      return `call=open ino=${names.inodes.get(call.file)} flags=0x${bitsOf(call.flags, openBits).toString(16)} ${fd(call.handle)}`;
    case 'close':
    case 'fsync':
    case 'fdatasync':
    case 'fstat':
      return `call=${call.kind} ${fd(call.handle)}`;
    case 'dup':
      return `call=dup ${fd(call.handle)} copy=${names.slot(process, 'fd', call.copy)}`;
    case 'setfl':
      return `call=setfl ${fd(call.handle)} flags=0x${bitsOf(call.flags, openBits).toString(16)}`;
    case 'ftruncate':
      return `call=ftruncate ${fd(call.handle)} len=${call.bytes}`;
    case 'truncate':
      return `call=truncate ino=${names.inodes.get(call.file)} len=${call.bytes}`;
    case 'fallocate':
      return `call=fallocate ${fd(call.handle)} ${range(call)} mode=${bitsOf(call.mode, fallocateBits)}`;
    case 'lseek':
      return `call=lseek ${fd(call.handle)} off=${call.at} whence=${whenceValues[call.whence]}`;
    case 'pread':
      return `call=pread ${fd(call.handle)} ${range(call)}${rwfWord(call.rwf)}${call.to === undefined ? '' : ` to=${names.slot(process, 'map', call.to)}`}`;
    case 'pwrite':
      return `call=pwrite ${fd(call.handle)} ${range(call)}${sourceWord(call, (name) => names.slot(process, 'map', name))}${rwfWord(call.rwf)}`;
    case 'read':
      return `call=read ${fd(call.handle)} len=${call.bytes}`;
    case 'write':
      return `call=write ${fd(call.handle)} len=${call.bytes}${fill(call.fill)}`;
    case 'submit':
      return `call=submit ${fd(call.handle)} through=${call.through === 'aio' ? 1 : 2} io=${call.io === 'read' ? 1 : 2} ${range(call)}${fill(call.fill)}`;
    case 'reap':
    case 'exit':
      return `call=${call.kind}`;
    case 'copy':
      return `call=copy ${fd(call.handle)} to=${names.slot(process, 'fd', call.to)} off=${call.at} to_off=${call.toAt} len=${call.bytes}`;
    case 'sendfile':
    case 'splice':
      return `call=${call.kind} ${fd(call.handle)} ${range(call)}`;
    case 'splice-write':
      return `call=splice-write ${fd(call.handle)} ${range(call)}${fill(call.fill)}`;
    case 'mmap':
      return `call=mmap ${fd(call.handle)} mapping=${names.slot(process, 'map', call.mapping)}${call.at === 0 ? '' : ` off=${call.at}`} len=${call.bytes} prot=${bitsOf(call.prot, protBits)} flags=${mapBits[call.share]}`;
    case 'munmap':
      return `call=munmap ${map(call.mapping)}${word('off', call.at)}${word('len', call.bytes)}`;
    case 'msync':
      return `call=msync ${map(call.mapping)}${bitsOf(call.flags, msyncBits) === usualMsync ? '' : ` flags=${bitsOf(call.flags, msyncBits)}`}`;
    case 'mremap':
      return `call=mremap ${map(call.mapping)} len=${call.bytes}`;
    case 'mprotect':
      return `call=mprotect ${map(call.mapping)} prot=${bitsOf(call.prot, protBits)}`;
    case 'madvise':
      return `call=madvise ${map(call.mapping)} flags=${adviceValues[call.advice]}`;
    case 'load':
      return `call=load ${map(call.mapping)} ${range(call)}`;
    case 'store':
      return `call=store ${map(call.mapping)} ${range(call)}${fill(call.fill)}`;
    case 'fork':
      names.fork(process, names.processOf(call.child));
      return `call=fork child=${names.actors.get(call.child)}`;
  }
}

/** MS_SYNC: what the guest does where the program has no flags. */
const usualMsync = 4;

function word(key: string, value: number | undefined): string {
  return value === undefined ? '' : ` ${key}=${value}`;
}

function rwfWord(rwf: readonly string[]): string {
  return rwf.length === 0 ? '' : ` rwf=${bitsOf(rwf, rwfBits)}`;
}

/** Where a pwrite's bytes come from; one of no bytes needs no source. */
function sourceWord(call: Extract<Call, { kind: 'pwrite' }>, slot: (mapping: string) => number): string {
  if (call.fill !== undefined) return ` fill=${call.fill.charCodeAt(0)}`;
  if (call.from !== undefined) return ` from=${slot(call.from)}`;
  return call.bytes === 0 ? '' : ' fresh=1';
}
