import { resolve } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { ImageSpec, KernelSpec } from '../types.ts';

/**
 * Reads a kernel spec as written on the command line: `debian:6.12`, `dir:PATH`, `git:PATH@REV` (without `@REV`: the work tree as it is),
 * `tar:FILE-or-URL`, or one that is built already: `image:host`, `image:debian:6.12`, `image:FILE`. Paths become absolute; nothing is
 * looked at yet.
 * @throws DioramaError `bad-kernel-spec` (usage)
 */
export function parseKernelSpec(text: string): KernelSpec {
  const [, kind, rest] = /^([a-z]+):(.+)$/su.exec(text) ?? [];
  if (kind === undefined || rest === undefined) throw badSpec(text, 'a kernel is written KIND:WHAT');
  switch (kind) {
    case 'debian':
      return { kind, series: seriesOf(text, rest) };
    case 'dir':
      return { kind, path: resolve(rest) };
    case 'git': {
      const { path, rev } = splitRev(rest);
      if (path === '') throw badSpec(text, 'the path before the @ is empty');
      if (rev === '' || rev?.startsWith('-')) throw badSpec(text, `"${rev}" is not a revision`);
      return { kind, path: resolve(path), ...(rev === undefined ? {} : { rev }) };
    }
    case 'tar':
      return { kind, location: /^https?:\/\//.test(rest) ? rest : resolve(rest) };
    case 'image':
      return imageSpec(text, rest);
    default:
      throw badSpec(text, `there is no kind of kernel called "${kind}"`);
  }
}

/** A file that has one of the two names is written with a path, `image:./host`. */
function imageSpec(text: string, rest: string): ImageSpec {
  if (rest === 'host') return { kind: 'image', from: 'host' };
  const [, series] = /^debian:(.*)$/su.exec(rest) ?? [];
  if (series !== undefined) return { kind: 'image', from: 'debian', series: seriesOf(text, series) };
  return { kind: 'image', from: 'file', path: resolve(rest) };
}

function seriesOf(text: string, series: string): string {
  if (!/^\d+\.\d+$/.test(series)) throw badSpec(text, `"${series}" is not a kernel series like 6.12`);
  return series;
}

/**
 * The last `@` splits, unless it is git's own as in `HEAD@{1}` and `@{upstream}`. A path with an `@` in it therefore needs its
 * `@REV` written out.
 */
function splitRev(text: string): { path: string; rev?: string } {
  let at = text.lastIndexOf('@');
  while (at > 0 && text[at + 1] === '{') at = text.lastIndexOf('@', at - 1);
  if (at === -1 || text[at + 1] === '{') return { path: text };
  return { path: text.slice(0, at), rev: text.slice(at + 1) };
}

function badSpec(text: string, why: string): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'bad-kernel-spec',
    message: `kernel "${text}": ${why}`,
    next: 'write debian:6.12, dir:PATH, git:PATH, git:PATH@REV, tar:FILE-or-URL, image:host, image:debian:6.12 or image:FILE',
  });
}
