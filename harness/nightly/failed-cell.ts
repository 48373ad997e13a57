import type { Failure } from './play-entry.ts';
import type { CommitRange, FailedCell } from './night-state.ts';

/** The cell of an entry that could not be played. */
export function failedCell(failure: Failure, given: { readonly ms: number; readonly again: boolean; readonly run?: string | undefined; readonly report?: string | undefined; readonly commits?: CommitRange | undefined }): FailedCell {
  const { run, report, commits } = given;
  return {
    kind: 'failed', at: new Date().toISOString(), ms: given.ms, ...failure, details: [...failure.details], again: given.again,
    ...(run === undefined ? {} : { run }), ...(report === undefined ? {} : { report }), ...(commits === undefined ? {} : { commits }),
  };
}
