/** Bytes as runs: each a byte and how often it comes. Neighbours differ and none is empty. */
export type Runs = readonly (readonly [byte: number, length: number])[];

/** `length` times one byte. */
export function filled(byte: number, length: number): Runs {
  return length > 0 ? [[byte, length]] : [];
}

export function lengthOf(runs: Runs): number {
  return runs.reduce((sum, [, length]) => sum + length, 0);
}

export function joined(...parts: readonly Runs[]): Runs {
  const all: [number, number][] = [];
  for (const [byte, length] of parts.flat()) {
    const last = all.at(-1);
    if (last?.[0] === byte) last[1] += length;
    else if (length > 0) all.push([byte, length]);
  }
  return all;
}

/** The bytes from `at` on, at most `length`; fewer where the runs end before. */
export function sliced(runs: Runs, at: number, length: number): Runs {
  const found: [number, number][] = [];
  let start = 0;
  for (const [byte, run] of runs) {
    const from = Math.max(start, at);
    const to = Math.min(start + run, at + length);
    if (to > from) found.push([byte, to - from]);
    start += run;
  }
  return found;
}

/** These runs cut, or filled up with zeros, to a length. */
export function resized(runs: Runs, length: number): Runs {
  const has = lengthOf(runs);
  return has >= length ? sliced(runs, 0, length) : joined(runs, filled(0, length - has));
}

/** These runs with `data` over them from `at` on; a hole before it becomes zeros. */
export function overlaid(runs: Runs, at: number, data: Runs): Runs {
  const end = at + lengthOf(data);
  return joined(resized(runs, at), data, sliced(runs, end, Math.max(0, lengthOf(runs) - end)));
}

/** As the stage writes them (guests/common/trace.c): `A*4096 0x00*100`. */
export function shown(runs: Runs): string {
  return runs.map(([byte, length]) => `${/[A-Za-z]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `0x${byte.toString(16).padStart(2, '0')}`}*${length}`).join(' ');
}

/** The first byte of a fill. */
export function byteOf(fill: string | undefined): number {
  return fill === undefined ? 0 : fill.charCodeAt(0);
}
