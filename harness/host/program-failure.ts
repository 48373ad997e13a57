import { DioramaError } from '../errors.ts';
import type { ErrorDetails } from '../errors.ts';
import type { Finished } from './run-program.ts';

/**
 * The typed error for a program that did not end well: `disk-full` and `timed-out` are told apart, since what to do about them
 * does not depend on the program; everything else is `given`, with the last lines of stderr as its details.
 */
export function programFailure(
  finished: Finished,
  given: ErrorDetails & { readonly phase: string; readonly timeoutMs: number },
): DioramaError {
  const { phase, timeoutMs, ...error } = given;
  const evidence = given.evidence === undefined ? {} : { evidence: given.evidence };
  if (finished.timedOut) {
    const seconds = String(Math.round(timeoutMs / 1000));
    return new DioramaError({
      blame: 'machine',
      code: 'timed-out',
      message: `${phase}: not finished after its limit of ${seconds} s`,
      details: lastLines(finished),
      ...evidence,
      next: 'try again when the machine is less busy',
    });
  }
  if (saysDiskFull(finished.stderr) || saysDiskFull(finished.stdout.subarray(-8192).toString('utf8'))) {
    return new DioramaError({
      blame: 'machine',
      code: 'disk-full',
      message: `${phase}: no space left on the disk`,
      details: lastLines(finished),
      ...evidence,
      next: 'free some space, or move the cache with DIORAMA_CACHE=DIR',
    });
  }
  return new DioramaError({ details: lastLines(finished), ...error });
}

/** Whether a program's complaint is about the disk. */
export function saysDiskFull(text: string): boolean {
  return /No space left on device|Disk quota exceeded/i.test(text);
}

function lastLines(finished: Finished): string[] {
  const text = finished.stderr.trim() || finished.stdout.subarray(-8192).toString('utf8').trim();
  return text.split('\n').filter((line) => line !== '').slice(-8);
}
