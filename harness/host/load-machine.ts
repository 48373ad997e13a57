import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../random.ts';

/** Of one process: so little that several do not bring a machine of 2 GiB to swap, so much that no cache of a CPU holds it. */
const memoryBytes = 64 * 1024 * 1024;
const mostDiskBytes = 8 * 1024 * 1024;
const longestBurstMs = 60;
const pageBytes = 4096;

/**
 * Keeps the machine busy until the signal is aborted, in bursts that the seed chooses: a loop, writes all over some memory, a file written
 * to the disk, a rest. No two of them take the same time, so that whoever else wants a CPU gets it now sooner, now later.
 * @throws an Error of the file system when `dir` cannot be written
 */
export async function loadMachine(given: { readonly dir: string; readonly seed: number; readonly signal: AbortSignal }): Promise<void> {
  const random = seededRandom(given.seed);
  const memory = Buffer.alloc(memoryBytes);
  await mkdir(given.dir, { recursive: true });
  const file = await open(join(given.dir, `burst-${String(process.pid)}`), 'w');
  try {
    while (!given.signal.aborted) {
      const ms = 1 + random() * longestBurstMs;
      const kind = random();
      if (kind < 0.6) spin(ms);
      else if (kind < 0.8) dirty(memory, { ms, random });
      else if (kind < 0.9) {
        await file.write(memory, 0, Math.floor(random() * mostDiskBytes), 0);
        await file.sync();
      } else await rest(ms);
      // A loop that never waits would never hear of a signal.
      await rest(0);
    }
  } finally {
    await file.close();
  }
}

function spin(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

function dirty(memory: Buffer, given: { readonly ms: number; readonly random: () => number }): void {
  const pages = memory.length / pageBytes;
  for (const until = performance.now() + given.ms; performance.now() < until;) {
    for (let count = 0; count < 64; count += 1) memory[Math.floor(given.random() * pages) * pageBytes] = count;
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
