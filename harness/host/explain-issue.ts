import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a map', record: 'a map',
};

/**
 * What a schema expected and what it found, in words of YAML; a schema's own message goes before this one. For zod's `error`
 * option, also of a parse within a parse, which does not inherit it.
 */
export function explainIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? `expected ${kinds[issue.expected] ?? issue.expected}` : `expected ${kinds[issue.expected] ?? issue.expected}, found ${foundIn(issue.input)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `expected ${String(issue.values[0])}` : `expected one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? `expected at least ${issue.minimum}, found ${foundIn(issue.input)}` : `expected at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `expected at most ${issue.maximum} of them` : `expected at most ${issue.maximum}`;
    default:
      return `found ${foundIn(issue.input)}, which is not what is expected here`;
  }
}

function foundIn(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text '${value}'`;
  return typeof value === 'number' ? `the number ${value}` : JSON.stringify(value);
}
