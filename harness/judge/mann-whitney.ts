/** How two small samples lie to each other, as ratios of the second to the first. */
export interface RatioComparison {
  /** Hodges and Lehmann's estimate: the median of all ratios between one of either. */
  readonly ratio: number;
  /** The interval of the ratio, and the confidence that it has exactly; undefined where the samples are too small for the one that was asked for. */
  readonly interval: { readonly low: number; readonly high: number; readonly level: number } | undefined;
  /** Two-sided p of Mann and Whitney's test, exact, also with ties. */
  readonly p: number;
}

/** Confidence that an interval must have at least. */
const wantedLevel = 0.95;

/**
 * Compares two samples of positive values without any assumption but that a value of the second is one of the first times a constant
 * (Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, chapter 4). Samples of up to some 30 values each.
 * @returns undefined where a sample is empty
 */
export function compareRatios(base: readonly number[], patched: readonly number[]): RatioComparison | undefined {
  if (base.length === 0 || patched.length === 0) return undefined;
  const ratios = base.flatMap((one) => patched.map((other) => other / one)).sort((a, b) => a - b);
  return { ratio: geometricMedian(ratios), interval: intervalOf(ratios, { n: base.length, m: patched.length }), p: exactP(base, patched) };
}

/** The middle one, or the geometric mean of both middle ones, since these are ratios. */
function geometricMedian(sorted: readonly number[]): number {
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return Math.exp(middle.reduce((sum, value) => sum + Math.log(value), 0) / middle.length);
}

function intervalOf(sorted: readonly number[], { n, m }: { readonly n: number; readonly m: number }): RatioComparison['interval'] {
  const ways = waysOfRankSums(Array.from({ length: n + m }, (_, index) => 2 * (index + 1)), n);
  const all = ways.reduce((sum, value) => sum + value, 0);
  const least = n * (n + 1);
  let below = 0;
  let cut = 0;
  // P(U <= cut) for one more each time: twice that is the chance that the true ratio lies outside.
  while (cut < sorted.length / 2 && 2 * (below + (ways[least + 2 * cut] ?? 0)) <= (1 - wantedLevel) * all) {
    below += ways[least + 2 * cut] ?? 0;
    cut += 1;
  }
  const [low, high] = [sorted[cut - 1], sorted[sorted.length - cut]];
  return low === undefined || high === undefined ? undefined : { low, high, level: 1 - (2 * below) / all };
}

/** Of all ways to part the values into two such samples, the share whose rank sum is as far from the middle, or farther. */
function exactP(base: readonly number[], patched: readonly number[]): number {
  const ranks = doubledMidranks([...base, ...patched]);
  const seen = ranks.slice(0, base.length).reduce((sum, rank) => sum + rank, 0);
  const ways = waysOfRankSums(ranks, base.length);
  const middle = base.length * (ranks.length + 1);
  const far = Math.abs(seen - middle);
  const all = ways.reduce((sum, value) => sum + value, 0);
  return ways.reduce((sum, value, rankSum) => (Math.abs(rankSum - middle) >= far ? sum + value : sum), 0) / all;
}

/** Twice the rank of each value, so that the mean of tied ones is a whole number too. */
function doubledMidranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}

/** In how many ways `size` of the ranks add up to each sum. */
function waysOfRankSums(ranks: readonly number[], size: number): number[] {
  const most = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Array<number>(most + 1).fill(0));
  const [none] = ways;
  if (none) none[0] = 1;
  for (const rank of ranks) {
    for (let taken = size; taken > 0; taken -= 1) {
      const [to, from] = [ways[taken], ways[taken - 1]];
      if (!to || !from) continue;
      for (let sum = most; sum >= rank; sum -= 1) to[sum] = (to[sum] ?? 0) + (from[sum - rank] ?? 0);
    }
  }
  return ways[size] ?? [];
}
