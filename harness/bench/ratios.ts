import { median, type Figure, type FigureId } from './figures.ts';

/** How many times sooner one thing is than what one would do else, by medians of the same run. */
export interface Ratio {
  readonly title: string;
  readonly times: number;
}

interface Comparison {
  readonly title: string;
  /** Each a sum. */
  readonly ours: readonly FigureId[];
  readonly theirs: readonly FigureId[];
}

const comparisons: readonly Comparison[] = [
  { title: "a clone's first event, sooner than a boot of the same kernel", ours: ['clone-start'], theirs: ['hand-boot'] },
  { title: "a clone's first event, sooner than virtme-ng's first command", ours: ['clone-start'], theirs: ['virtme-command'] },
  { title: 'fuse.ko after a change in file.c, sooner than make', ours: ['build-file-c'], theirs: ['hand-again'] },
  { title: 'save to verdict of one scene, sooner than make and boot by hand', ours: ['verdict-file-c'], theirs: ['hand-again', 'hand-boot'] },
  { title: 'save to verdict of one scene, sooner than a build from nothing and boot by hand', ours: ['verdict-file-c'], theirs: ['hand-full', 'hand-boot'] },
  { title: 'the whole catalogue, sooner than a boot by hand for each scene', ours: ['catalogue'], theirs: ['hand-boot'] },
];

/** The ratios of which every part was measured; `scenes` is how many the catalogue has. */
export function ratiosOf(figures: readonly Figure[], scenes: number): Ratio[] {
  const known = new Map(figures.map(({ id, ms }) => [id, median(ms)]));
  const sum = (ids: readonly FigureId[]): number => ids.reduce((all, id) => all + (known.get(id) ?? NaN), 0);
  return comparisons.flatMap(({ title, ours, theirs }) => {
    const perScene = ours.includes('catalogue') ? scenes : 1;
    const times = (sum(theirs) * perScene) / sum(ours);
    return Number.isFinite(times) ? [{ title, times }] : [];
  });
}
