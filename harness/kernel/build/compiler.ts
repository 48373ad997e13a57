import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { onPath } from '../../host/on-path.ts';
import { runProgram } from '../../host/run-program.ts';

export interface Toolchain {
  /** `gcc (Debian 12.2.0-14) 12.2.0` */
  readonly compiler: string;
  /** First line of `ld --version`: the other program whose version shows in vmlinux. */
  readonly linker: string;
}

const programs = ['gcc', 'ld'] as const;
const recordShape = z.record(z.string(), z.object({ stamp: z.string(), line: z.string() }));

/**
 * The compiler and linker that make will find on PATH. Asking them costs two processes, so their answers are kept for as long as
 * path, size and mtime of the programs stay the same.
 * @throws DioramaError `program-missing` (machine)
 */
export async function findToolchain(host: Host): Promise<Toolchain> {
  const file = join(host.cache, 'toolchain.json');
  const known = (await readJson(file, recordShape)) ?? {};
  const found = { ...known };
  const lines: string[] = [];
  for (const program of programs) {
    const path = await programPath(program);
    const stamp = await stampOf(path);
    const record = known[path];
    const line = record?.stamp === stamp ? record.line : await firstLine(host, path);
    found[path] = { stamp, line };
    lines.push(line);
  }
  if (JSON.stringify(found) !== JSON.stringify(known)) await writeJson(file, found);
  return { compiler: lines[0] ?? '', linker: lines[1] ?? '' };
}

async function programPath(program: string): Promise<string> {
  const path = await onPath(program);
  if (path !== undefined) return path;
  throw new DioramaError({
    blame: 'machine',
    code: 'program-missing',
    message: `${program}: not installed, and kernels are built with it`,
    next: './diorama doctor',
  });
}

async function stampOf(path: string): Promise<string> {
  const target = await realpath(path);
  const { size, mtimeMs } = await stat(target);
  return `${target} ${String(size)} ${String(mtimeMs)}`;
}

async function firstLine(host: Host, path: string): Promise<string> {
  const finished = await runProgram({ file: path, args: ['--version'], timeoutMs: 30_000, signal: host.signal });
  return finished.stdout.toString('utf8').split('\n')[0]?.trim() ?? '';
}
