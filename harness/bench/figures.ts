/** One thing that was measured, once or several times. */
export interface Figure {
  readonly id: FigureId;
  /** In the order of measuring; never empty. */
  readonly ms: readonly number[];
}

export interface NotMeasured {
  readonly id: FigureId;
  /** For people, after a colon. */
  readonly why: string;
}

/** What is measured, in the order of the table: what it is for people. */
export const titles = {
  'cold-source': 'taking a new tree into the cache',
  'cold-config': 'its configuration',
  'cold-build': 'its cold build',
  template: 'boot to a template',
  set: 'template to a set',
  'build-file-c': 'fuse.ko after a change in file.c',
  'build-fuse-i-h': 'fuse.ko after a change in fuse_i.h',
  'clone-start': "a clone's first event",
  scene: 'a scene in its clone',
  catalogue: 'the whole catalogue',
  'verdict-file-c': 'save of file.c to the verdict of one scene',
  'verdict-fuse-i-h': 'save of fuse_i.h to the verdict of one scene',
  'verdict-catalogue': 'save of file.c to the verdict of all',
  unchanged: 'the catalogue again, nothing changed',
  'hand-full': 'by hand: make from nothing',
  'hand-again': 'by hand: make after a change in file.c',
  'hand-boot': 'by hand: boot to the first program',
  'virtme-command': 'virtme-ng: its first command',
} as const;

export type FigureId = keyof typeof titles;

/** The middle one; the mean of the two in the middle. */
export function median(ms: readonly number[]): number {
  const sorted = [...ms].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
