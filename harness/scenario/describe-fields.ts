import { z } from 'zod';
import { formatSize } from '../format-units.ts';

/** A table of fields: name, what it is, its default, and what it is for; from the notes beside the schemas (field-schemas.ts). */
export function describeFields(shape: Readonly<Record<string, z.ZodType>>): string {
  const rows = Object.entries(shape).map(([key, schema]) => {
    const { type, description, usual } = noteOf(schema);
    return [`\`${key}\``, type, usual, description];
  });
  return alignTable([['field', 'is', 'default', 'what'], ...rows]);
}

interface Note {
  readonly type: string;
  readonly description: string;
  readonly usual: string;
}

/**
 * The innermost note of a schema, and what it is where the file says nothing.
 * @throws Error for a field that has no note, which is a mistake of ours
 */
function noteOf(schema: z.ZodType): Note {
  const meta = schema.meta();
  if (meta !== undefined && typeof meta['type'] === 'string') return { type: meta['type'], description: meta.description ?? '', usual: 'required' };
  if (schema instanceof z.ZodOptional) return { ...noteOf(schema.unwrap() as z.ZodType), usual: '' };
  if (schema instanceof z.ZodDefault) return { ...noteOf(schema.unwrap() as z.ZodType), usual: show(schema.def.defaultValue) };
  if (schema instanceof z.ZodPrefault) return { ...noteOf(schema.unwrap() as z.ZodType), usual: show(schema.def.defaultValue) };
  throw new Error('a field without a note');
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `\`[${value.join(', ')}]\``;
  if (typeof value === 'number') return `\`${formatSize(value)}\``;
  return typeof value === 'string' ? `\`${value}\`` : '';
}

/** A Markdown table whose columns line up; the last is as wide as it is. */
export function alignTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const last = widths.length - 1;
  const line = (row: readonly string[], pad: string): string =>
    `| ${row.map((cell, column) => (column === last ? cell : cell.padEnd(widths[column] ?? 0, pad))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head, ' '), line(head.map((_, column) => '-'.repeat(column === last ? 3 : (widths[column] ?? 3))), '-'), ...body.map((row) => line(row, ' '))].join('\n');
}
