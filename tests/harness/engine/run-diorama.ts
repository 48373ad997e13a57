import { execa } from 'execa';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { runRecordSchema, type RunRecord } from '../../../harness/results/run-record.ts';

export const root = resolve(import.meta.dirname, '../../..');

export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real launcher to its end. A cold cache builds a kernel, so the bound is long. */
export async function diorama(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ended> {
  const result = await execa(join(root, 'diorama'), args, { reject: false, timeout: 45 * 60_000, stdin: 'ignore', ...options });
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Starts the launcher, which becomes the program itself, and waits until that says `sign` on stderr, or ends. */
export async function startDiorama(args: readonly string[], sign: RegExp): Promise<{ readonly pid: number; readonly ended: Promise<Ended> }> {
  const child = execa(join(root, 'diorama'), args, { reject: false, timeout: 45 * 60_000, stdin: 'ignore' });
  const ended = child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }));
  await new Promise<void>((told) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (sign.test(said)) told();
    });
    void ended.then(() => told());
  });
  return { pid: child.pid ?? 0, ended };
}

/** `run --json` into `results`, with its record read from the document on stdout. */
export async function runJson(results: string, args: readonly string[]): Promise<Ended & { readonly record: RunRecord; readonly dir: string }> {
  const ended = await diorama(['run', '--json', '--results', results, ...args]);
  if (!ended.stdout.startsWith('{')) throw new Error(`no document on stdout: ${ended.stderr}`);
  const document = JSON.parse(ended.stdout) as { dir: string };
  return { ...ended, record: runRecordSchema.parse(document), dir: document.dir };
}

const proofRows = z.array(z.strictObject({
  canary: z.string(), equivalent: z.boolean(), verdict: z.string(), kills: z.array(z.strictObject({ scene: z.string(), reason: z.string() })),
  played: z.number(), seconds: z.number(), trouble: z.string().optional(),
}));

/** `prove --json` with its evidence in `results`, and its rows from the document on stdout. */
export async function proveJson(results: string, args: readonly string[]): Promise<Ended & { readonly rows: z.infer<typeof proofRows> }> {
  const ended = await diorama(['prove', '--json', '--results', results, ...args]);
  if (!ended.stdout.startsWith('[')) throw new Error(`no document on stdout: ${ended.stderr}`);
  return { ...ended, rows: proofRows.parse(JSON.parse(ended.stdout)) };
}

/** `scene side: verdict` of every scene of a run, sorted. */
export function verdicts(record: RunRecord): string[] {
  return record.scenes.map(({ scene, side, verdict }) => `${scene} ${side}: ${verdict.kind}`).sort();
}

/** Ids of the processes whose command line holds `text`; our own is not counted. */
export async function processesWith(text: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((id, index) => id !== process.pid && (lines[index] ?? '').includes(text));
}

/** Those of processesWith() that are still there after up to 10 s. */
export async function leftWith(text: string): Promise<number[]> {
  for (let looks = 0; looks < 100 && (await processesWith(text)).length > 0; looks += 1) await new Promise((done) => setTimeout(done, 100));
  return processesWith(text);
}

export function readText(...path: string[]): Promise<string> {
  return readFile(join(...path), 'latin1');
}
