import type { z } from 'zod';

/** The issue as it is, or one that names the field where a field of the map `given` is missing (a size is a union, which does not say so). */
export function nameMissing(issue: z.core.$ZodIssue, given: unknown): z.core.$ZodIssue {
  const [key, ...deeper] = issue.path;
  const missing = issue.code === 'invalid_union' && typeof key === 'string' && deeper.length === 0
    && typeof given === 'object' && given !== null && !Object.hasOwn(given, key);
  return missing ? { code: 'custom', input: given, path: [], message: `'${key}' is missing: ${issue.message}` } : issue;
}
