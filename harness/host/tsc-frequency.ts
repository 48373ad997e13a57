import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { bootId } from './boot-id.ts';
import { cachedDir } from './cached-dir.ts';
import { contentKey } from './content-key.ts';
import type { Host } from './host.ts';
import { readJson, writeJson } from './json-file.ts';
import { runProgram } from './run-program.ts';

const remembered = z.object({ boot: z.string(), khz: z.number().optional() });
const boundMs = 60_000;

/**
 * How many thousand times a second this machine's time stamp counter counts; undefined where it is not constant, or not x86. Measured once a boot.
 * A guest of TCG reads this counter, and cannot find out for itself on a busy machine (guest/qemu-args.ts).
 */
export async function tscFrequency(host: Host): Promise<number | undefined> {
  const boot = await bootId();
  const file = join(host.cache, 'tsc.json');
  const known = await readJson(file, remembered);
  if (known?.boot === boot) return known.khz;
  const khz = await measure(host);
  await writeJson(file, { boot, ...(khz === undefined ? {} : { khz }) });
  return khz;
}

async function measure(host: Host): Promise<number | undefined> {
  if (arch() !== 'x64' || !/\bconstant_tsc\b/.test(await readFile('/proc/cpuinfo', 'utf8').catch(() => ''))) return undefined;
  const source = join(host.root, 'harness/host/tsc-frequency.c');
  const run = (file: string, args: readonly string[]): ReturnType<typeof runProgram> => runProgram({ file, args, timeoutMs: boundMs, signal: host.signal });
  const { dir } = await cachedDir(host, { kind: 'tools', key: contentKey([await readFile(source)]) }, async (part) => {
    await run('gcc', ['-O2', '-o', join(part, 'tsc-frequency'), source]);
  });
  const measured = await run(join(dir, 'tsc-frequency'), []);
  const khz = Number(measured.stdout.toString('utf8'));
  return measured.ok && khz > 0 ? khz : undefined;
}
