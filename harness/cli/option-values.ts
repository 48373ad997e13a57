import { InvalidArgumentError } from 'commander';
import { size } from '../host/units.ts';

const nanosecondsIn: Readonly<Record<string, number>> = { ns: 1, us: 1000, ms: 1_000_000, s: 1_000_000_000 };

/** A duration of virtual time, such as `100ns` or `2us`, in nanoseconds. */
export function nanoseconds(value: string): number {
  const [, digits, unit] = /^(\d{1,9})(ns|us|ms|s)$/.exec(value) ?? [];
  if (digits === undefined || unit === undefined) throw new InvalidArgumentError('expected a whole number with ns, us, ms or s, such as 100ns');
  return Number(digits) * (nanosecondsIn[unit] ?? 1);
}

/** A date of ISO 8601, with or without a time, in milliseconds since 1970; UTC where no zone is said. */
export function timeOfDate(value: string): number {
  const [, date, time = 'T00:00', zone = 'Z'] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(value) ?? [];
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}${time}${zone}`);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a date such as 2026-11-23 or 2026-11-23T18:00Z');
  return ms;
}

/** 0 to 999999. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('expected a whole number');
  return Number(value);
}

/** 1 to 20 boots; their order is A B B A, so an even number is the fairer one. */
export function bootCount(value: string): number {
  const boots = wholeNumber(value);
  if (boots < 1 || boots > 20) throw new InvalidArgumentError('expected a whole number from 1 to 20; 4 is the least with which a difference can be more than chance');
  return boots;
}

/** A size such as `10G`, in bytes. */
export function bytesOf(value: string): number {
  const parsed = size.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('expected a size with K, M or G, such as 10G');
  return parsed.data;
}

/** A duration in minutes, such as `10` or `0.5`; a second at least, a day at most. */
export function minutes(value: string): number {
  const number = /^\d{1,4}(\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= 1 / 60 && number <= 1440)) throw new InvalidArgumentError('expected minutes, such as 10 or 0.5');
  return number;
}
