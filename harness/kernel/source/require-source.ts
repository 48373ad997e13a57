import { DioramaError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { KernelSpec, SourceSpec } from '../types.ts';

/**
 * The spec, when it names a tree; `what` is what cannot be done without one, such as `a series`.
 * @throws DioramaError `bad-usage` for a kernel that is built already
 */
export function requireSource(spec: KernelSpec, what: string): SourceSpec {
  if (spec.kind !== 'image') return spec;
  const text = spec.from === 'host' ? 'image:host' : spec.from === 'debian' ? `image:debian:${spec.series}` : `image:${printable(spec.path)}`;
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `--kernel ${text}: ${what} needs a source, and this kernel is built already`,
    next: spec.from === 'debian' ? `--kernel debian:${spec.series}` : '--kernel debian:6.12, dir:PATH, git:PATH@REV or tar:FILE-or-URL',
  });
}
