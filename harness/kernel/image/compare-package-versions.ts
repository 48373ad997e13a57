/**
 * Orders versions of one source package: `6.1.170-3` < `6.1.192-2`, `7.3~rc7-1~exp1` < `7.3-1`, `6.12.117-1~deb12u1` < `6.12.117-1`
 * (deb-version(7), without epochs, which kernels do not have). Negative, 0 or positive.
 */
export function comparePackageVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return comparePart(left.upstream, right.upstream) || comparePart(left.revision, right.revision);
}

function split(version: string): { upstream: string; revision: string } {
  const at = version.lastIndexOf('-');
  return at < 0 ? { upstream: version, revision: '' } : { upstream: version.slice(0, at), revision: version.slice(at + 1) };
}

/** Runs of non-digits and digits in turn. */
function comparePart(a: string, b: string): number {
  const [left, right] = [runs(a), runs(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = at % 2 === 0 ? compareText(left[at] ?? '', right[at] ?? '') : Number(left[at] || 0) - Number(right[at] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function runs(text: string): string[] {
  return [...text.matchAll(/(\D*)(\d*)/g)].flatMap(([, words = '', digits = '']) => (words === '' && digits === '' ? [] : [words, digits]));
}

/** A tilde comes before the end, the end before letters, letters before the rest. */
function compareText(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = weight(a[at]) - weight(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
