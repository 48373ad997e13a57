/** What a child process is for: a guest, a compiler (make and what builds), or any other program of the host. */
export type ChildKind = 'guest' | 'compiler' | 'program';

/** When a child ran, in milliseconds of performance.now(). */
export interface ChildSpan {
  readonly kind: ChildKind;
  readonly from: number;
  readonly to: number;
}

const compilers = new Set(['make', 'gcc', 'cc', 'g++', 'clang', 'ld', 'ld.lld', 'as', 'meson', 'ninja']);
const spans: ChildSpan[] = [];

/** Notes a child of this process that has ended. The ledger is of the process, as its CPU time is. */
export function noteChild(kind: ChildKind, from: number): void {
  spans.push({ kind, from, to: performance.now() });
}

export function childSpans(): readonly ChildSpan[] {
  return spans;
}

/** By the name of its file. */
export function kindOfProgram(file: string): ChildKind {
  return compilers.has(file.slice(file.lastIndexOf('/') + 1)) ? 'compiler' : 'program';
}

/** For how long of `from` to `to` at least one child of these kinds ran, in milliseconds. */
export function timeWithChildren(all: readonly ChildSpan[], given: { readonly kinds: readonly ChildKind[]; readonly from: number; readonly to: number }): number {
  const inside = all.filter(({ kind }) => given.kinds.includes(kind))
    .map(({ from, to }) => ({ from: Math.max(from, given.from), to: Math.min(to, given.to) }))
    .filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  let sum = 0;
  let reached = given.from;
  for (const { from, to } of inside) {
    sum += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return sum;
}
