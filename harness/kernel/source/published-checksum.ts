import { DioramaError } from '../../errors.ts';

/**
 * The sha256 published beside a file `name`, in the usual ways: `<name>.sha256`, or a list of a whole directory such as
 * kernel.org's `sha256sums.asc`. It guards against damage on the way; the signature of a list is not checked.
 * `read` gives the text of a neighbour, undefined when there is none.
 * @returns undefined when nothing is published
 * @throws DioramaError `checksum-mismatch` (usage) when `<name>.sha256` holds no checksum
 */
export async function publishedChecksum(
  name: string,
  read: (neighbour: string) => Promise<string | undefined>,
): Promise<{ readonly sha256: string; readonly from: string } | undefined> {
  for (const suffix of ['.sha256', '.sha256sum']) {
    const text = await read(`${name}${suffix}`);
    if (text === undefined) continue;
    const sha256 = checksumIn(text, name) ?? /^\s*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase();
    if (sha256 !== undefined) return { sha256, from: `${name}${suffix}` };
    throw new DioramaError({
      blame: 'usage',
      code: 'checksum-mismatch',
      message: `${name}${suffix}: holds no sha256 of ${name}`,
      next: `mend or remove ${name}${suffix}`,
    });
  }
  for (const list of ['sha256sums.asc', 'SHA256SUMS', 'sha256sums.txt']) {
    const text = await read(list);
    const sha256 = text === undefined ? undefined : checksumIn(text, name);
    if (sha256 !== undefined) return { sha256, from: list };
  }
  return undefined;
}

/** Lines of sha256sum(1), with `*` before the name for binary mode, or BSD's `SHA256 (name) = sum`. */
function checksumIn(text: string, name: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const gnu = /^\\?([0-9a-f]{64})[ \t]+\*?(?:\.\/)?(\S.*)$/i.exec(line);
    if (gnu?.[2] === name) return gnu[1]?.toLowerCase();
    const bsd = /^SHA256 \((.*)\) = ([0-9a-f]{64})$/i.exec(line);
    if (bsd?.[1] === name) return bsd[2]?.toLowerCase();
  }
  return undefined;
}
