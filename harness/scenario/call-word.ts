import { z } from 'zod';
import type { Call } from './types.ts';

/** A call as a scene writes it: its first field is its operand and bears its name. */
export interface CallWord {
  readonly means: string;
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly schema: z.ZodType<Call>;
}

/** A call by its fields, which are all that it takes, and how they become one. */
export function callWord<S extends Readonly<Record<string, z.ZodType>>>(
  means: string,
  given: { readonly shape: S; readonly check?: (fields: z.output<z.ZodObject<S>>) => string | undefined; readonly make: (fields: z.output<z.ZodObject<S>>) => Call },
): CallWord {
  const { shape, check = (): undefined => undefined, make } = given;
  const schema = z.strictObject(shape).transform((fields, context): Call => {
    const wrong = check(fields);
    if (wrong === undefined) return make(fields);
    context.issues.push({ code: 'custom', input: fields, path: [], message: wrong });
    return z.NEVER;
  });
  return { means, shape, schema };
}
