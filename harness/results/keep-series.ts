import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Series } from '../series/types.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Writes the series as it was read into the results: what was tested can be tested again when the input is gone.
 * @returns the names of its files in `<dir>/series/`, in their order
 */
export async function keepSeries(dir: string, series: Series | undefined): Promise<string[]> {
  if (!series) return [];
  await mkdir(join(dir, 'series'), { recursive: true });
  const names = series.patches.map((_, index) => `${String(index + 1).padStart(4, '0')}.patch`);
  for (const [index, patch] of series.patches.entries()) {
    await writeFile(join(dir, 'series', names[index] ?? ''), Buffer.concat([Buffer.from(`${patch.subject}\n---\n`), patch.diff]));
  }
  return names;
}

/** A series as a run's record has it. */
export function seriesRow(series: Series, treeId?: string): NonNullable<RunRecord['series']> {
  return { label: series.label, patches: series.patches.map(({ subject, from }) => ({ subject, from })), ...(treeId === undefined ? {} : { treeId }) };
}
