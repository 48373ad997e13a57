import { resolve } from 'node:path';
import { DioramaError } from '../errors.ts';
import { readGuest, type Guest } from '../guest/read-guest.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';

/** Which guest, and what a user says of it beside. */
export interface GuestAsked {
  readonly guest: string;
  /** Virtual CPUs, instead of the guest's own number. */
  readonly cpus?: number;
  /** Instead of the first that boots the kernel. */
  readonly accel?: Accelerator;
}

/**
 * The guest of that name, with as many CPUs and the accelerator that were asked for.
 * @throws DioramaError `bad-usage` for an accelerator of a guest in virtual time, which only TCG has, and what readGuest() throws
 */
export async function findGuest(host: Pick<Host, 'root'>, asked: GuestAsked): Promise<Guest> {
  const read = await readGuest(host.root, asked.guest);
  const guest = { ...read, cpus: asked.cpus ?? read.cpus };
  if (asked.accel === undefined) return guest;
  if (guest.clock === 'host' || asked.accel === 'tcg') return { ...guest, accelerator: asked.accel };
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `--accel ${asked.accel}: guest ${guest.name} is in virtual time, where QEMU counts instructions, which only TCG does`, next: '--guest parallel',
  });
}

/**
 * The guest, where it runs in the host's time, on several CPUs at once.
 * @throws DioramaError `bad-usage` for one in virtual time
 */
export function requireHostTime(guest: Guest, what: string): Guest {
  if (guest.clock === 'host') return guest;
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `${what} --guest ${guest.name}: that guest is in virtual time, where CPUs take turns, so nothing races`, next: '--guest parallel',
  });
}

/** The options that ask for it again, for a command line that is run elsewhere. */
export function guestWords({ guest, cpus, accel }: GuestAsked): string[] {
  return ['--guest', guest.endsWith('.yaml') ? resolve(guest) : guest, ...(cpus === undefined ? [] : ['--cpus', String(cpus)]), ...(accel === undefined ? [] : ['--accel', accel])];
}
