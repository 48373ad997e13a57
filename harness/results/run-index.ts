import { createHash, randomBytes } from 'node:crypto';
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runSummarySchema, type RunSummary } from './run-summary.ts';

/** One run as the index knows it; it holds as long as `key` is that of the run's record. */
export interface IndexEntry {
  /** The run's directory. */
  readonly name: string;
  readonly key: string;
  readonly summary: RunSummary;
}

/** Raised when a summary means something else than before. */
const recipe = 'diorama index 1';

const line = z.object({ sum: z.string(), name: z.string(), key: z.string(), summary: z.unknown() });

/**
 * The index of a results directory: `index.jsonl`, a run a line, each with a checksum of its own. It is a cache: a line that is damaged, or of
 * another diorama, is one that is not there, and so is the whole file.
 */
export async function readIndex(results: string): Promise<Map<string, IndexEntry>> {
  const file = join(results, 'index.jsonl');
  const plain = await lstat(file).then((stat) => stat.isFile(), () => false);
  const text = plain ? await readFile(file, 'utf8').catch(() => '') : '';
  return new Map(text.split('\n').flatMap((one): [string, IndexEntry][] => {
    const entry = parseLine(one);
    return entry ? [[entry.name, entry]] : [];
  }));
}

/**
 * Writes the index whole or not at all. Of two that write at once the later stays; what it does not know is read again. Where nothing can
 * be written, every list reads every record.
 */
export async function writeIndex(results: string, entries: readonly IndexEntry[]): Promise<void> {
  const file = join(results, 'index.jsonl');
  const part = join(results, `.index-${process.pid}-${randomBytes(4).toString('hex')}`);
  const lines = entries.map(({ name, key, summary }) => `${JSON.stringify({ sum: checksum(name, key, JSON.stringify(summary)), name, key, summary })}\n`);
  try {
    await writeFile(part, lines.join(''), { flag: 'wx' });
    await rename(part, file);
  } catch {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

function parseLine(text: string): IndexEntry | undefined {
  if (text === '') return undefined;
  try {
    const { sum, name, key, summary } = line.parse(JSON.parse(text));
    if (sum !== checksum(name, key, JSON.stringify(summary)) || !/^\d+-\d+-\d+$/.test(key)) return undefined;
    return { name, key, summary: runSummarySchema.parse(summary) };
  } catch {
    return undefined;
  }
}

function checksum(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify([recipe, ...parts])).digest('hex').slice(0, 16);
}
