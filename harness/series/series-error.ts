import { DioramaError } from '../errors.ts';

/** A `--series` that cannot be used at all, found before anything is touched: exit code 2. */
export function badSeries(given: { readonly message: string; readonly details?: readonly string[]; readonly next?: string }): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'bad-series',
    next: 'git format-patch --stdout BASE..TIP > series.mbox, or b4 am -o- MESSAGE-ID > series.mbox',
    ...given,
  });
}
