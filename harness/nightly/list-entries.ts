import { basename } from 'node:path';
import type { NightlyConfig } from './nightly-config.ts';

/** One cell of the matrix: what is played in one go. */
export interface Entry {
  /** Names it for people, in the state and as a directory of the results: `mainline`, `mainline+v3`, `mainline,lockdep`. */
  readonly name: string;
  readonly kernel: string;
  readonly config: readonly string[];
  readonly guest: string;
  /** Name and path of the series that the kernel carries; without one it is the kernel as it came. */
  readonly series?: { readonly name: string; readonly path: string };
  /** Names and globs of suites, which are played instead of scenes. */
  readonly suites?: readonly string[];
}

/** Every kernel, with each series that it carries and without, in every config and guest, and once more with suites. What there is only one of is left out of the names. */
export function listEntries(config: Pick<NightlyConfig, 'kernels' | 'series' | 'configs' | 'guests' | 'suites'>): Entry[] {
  const places = [...config.guests.map((guest) => ({ guest, ...(config.guests.length > 1 && { word: guestName(guest) }) })), ...(config.suites ? [{ guest: suitesGuest, word: 'suites', suites: config.suites }] : [])];
  return [...config.kernels.keys()].flatMap((kernel) => {
    const carried = [...config.series].filter(([, { on }]) => on === undefined || on.includes(kernel));
    return [undefined, ...carried].flatMap((carries) => config.configs.flatMap((fragments) => places.map(({ guest, word, ...suites }): Entry => ({
      name: [
        carries ? `${kernel}+${carries[0]}` : kernel,
        ...(config.configs.length > 1 ? [fragments.join('+') || 'default'] : []),
        ...(word === undefined ? [] : [word]),
      ].join(','),
      kernel, config: fragments, guest, ...suites,
      ...(carries ? { series: { name: carries[0], path: carries[1].path } } : {}),
    }))));
  });
}

/** The one whose root is the host's. */
const suitesGuest = 'virtme';

function guestName(guest: string): string {
  return basename(guest, '.yaml').replace(/[^A-Za-z0-9._-]/g, '_');
}
