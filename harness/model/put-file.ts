import { inodeOf, openOf, type Machine } from './machine.ts';
import { releaseMode } from './io-mode.ts';
import { send } from './requests.ts';

/** fuse_file_put() of a request that is done; the last one after the file's release ends its mode and sends its RELEASE. */
export function putIo(m: Machine, open: number): void {
  const file = openOf(m, open);
  file.io--;
  finishFile(m, open, undefined);
}

/** fuse_file_release() (6.12): no descriptor and no mapping is left. */
export function releaseFile(m: Machine, open: number, by: string | undefined): void {
  const file = openOf(m, open);
  const inode = inodeOf(m, file.file);
  file.released = true;
  inode.writers = inode.writers.filter((one) => one !== open);
  finishFile(m, open, by);
}

/** RELEASE goes without credentials, so 6.12 does not say who sent it; it is sent in the background, nobody waits. */
function finishFile(m: Machine, open: number, by: string | undefined): void {
  const file = openOf(m, open);
  if (!file.released || file.io > 0) return;
  releaseMode(inodeOf(m, file.file), file);
  if (file.handle !== undefined) {
    send(m, {
      ask: { opcode: file.directory ? 'RELEASEDIR' : 'RELEASE', file: file.file, open },
      by: m.s.generation.namesWriteback ? by : undefined, end: { kind: 'nothing' },
    });
  }
  m.s.opens = Object.fromEntries(Object.entries(m.s.opens).filter(([id]) => Number(id) !== open));
}
