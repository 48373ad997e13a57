import { readFile } from 'node:fs/promises';

/** Another one each time this machine boots (random(4)). */
export function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim(), () => 'unknown');
}
