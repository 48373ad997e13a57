import type { Played } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { readStored, storeValue } from '../host/stored-value.ts';
import type { PreparedSide } from './prepare-sides.ts';

const kind = 'plays';

export interface StoredPlay extends Played {
  /** The functions of fuse.ko that it ran, where somebody asked. */
  readonly functions?: readonly string[];
}

/**
 * The key of everything that a scene's course in virtual time depends on: the set (QEMU, machine, vmlinux, stage, fuse.ko) and the
 * program. Undefined where the course depends on more: in the host's time, or where every clone inserts its fuse.ko itself.
 */
export function playKey(given: { readonly on: PreparedSide; readonly guest: Guest; readonly program: string }): string | undefined {
  const { template } = given.on;
  return given.guest.clock === 'virtual' && 'said' in template ? contentKey(['play 1', template.id, given.program]) : undefined;
}

/** What was played under this key, whoever played it. */
export function recallPlay(host: Host, key: string): StoredPlay | undefined {
  return readStored<StoredPlay>(host, { kind, key });
}

/** Keeps a play that ended by itself. A bound of wall time that was hit says something about the host, too. */
export async function keepPlay(host: Host, key: string, played: StoredPlay): Promise<void> {
  if (played.ending.how === 'exit') await storeValue(host, { kind, key, value: played });
}
