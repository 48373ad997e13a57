import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Host } from './host.ts';
import { readJson, writeJson } from './json-file.ts';
import { runProgram } from './run-program.ts';

const boundMs = 30_000;
const recordShape = z.record(z.string(), z.object({ stamp: z.string(), line: z.string() }));

/**
 * The first line that each program says with `--version`, in their order; empty where it says nothing. Asking costs a process, of QEMU 40 ms of
 * dynamic linking, so the answers are kept in the cache for as long as path, size and mtime of the programs stay the same.
 * @param paths absolute
 */
export async function programVersions(host: Host, paths: readonly string[]): Promise<string[]> {
  const file = join(host.cache, 'programs.json');
  const known = (await readJson(file, recordShape)) ?? {};
  const found = { ...known };
  const lines: string[] = [];
  for (const path of paths) {
    const stamp = await stampOf(path);
    const record = known[path];
    const line = record?.stamp === stamp ? record.line : await firstLine(host, path);
    found[path] = { stamp, line };
    lines.push(line);
  }
  if (JSON.stringify(found) !== JSON.stringify(known)) await writeJson(file, found);
  return lines;
}

async function stampOf(path: string): Promise<string> {
  const target = await realpath(path);
  const { size, mtimeMs } = await stat(target);
  return `${target} ${String(size)} ${String(mtimeMs)}`;
}

async function firstLine(host: Host, path: string): Promise<string> {
  const finished = await runProgram({ file: path, args: ['--version'], timeoutMs: boundMs, signal: host.signal });
  return finished.stdout.toString('utf8').split('\n')[0]?.trim() ?? '';
}
