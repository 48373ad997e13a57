import { relative, resolve } from 'node:path';
import type { Host } from '../host/host.ts';

/** Where runs are kept: what was asked for, else results/ in diorama's own tree. */
export function resultsDir(host: Host, asked: string | undefined): string {
  return asked === undefined ? resolve(host.root, 'results') : resolve(asked);
}

/** A path as a person would type it from here. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near || '.';
}
