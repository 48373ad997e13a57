import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Root of diorama's own tree; the launcher passes it because the bundle that runs is elsewhere. */
export function projectRoot(): string {
  return process.env['DIORAMA_ROOT'] ?? resolve(import.meta.dirname, '../..');
}

/** Where everything that may be made again is kept: DIORAMA_CACHE, else XDG_CACHE_HOME/diorama, else ~/.cache/diorama. */
export function cacheRoot(): string {
  const own = process.env['DIORAMA_CACHE'];
  if (own) return resolve(own);
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg ? resolve(xdg) : join(homedir(), '.cache'), 'diorama');
}
