import type { Measurement } from './measure-scene.ts';

/** An operation that takes another time with the series. Nanoseconds of virtual time: a difference of one is a difference. */
export interface CostChange {
  readonly operation: string;
  readonly mode: string;
  readonly writers: number;
  readonly baseNs: number;
  readonly patchedNs: number;
  /** Whether the difference is more than the bound. */
  readonly beyond: boolean;
}

export interface CostBounds {
  /** For a call: less than a spin lock's round trip, more than what another order of branches makes. */
  readonly callNs: number;
  /** For several at once, where whoever comes first is a matter of chance that is only the same for the same kernel: half a millisecond, where a server that takes its time answers at the next tick. */
  readonly togetherNs: number;
}

/** Measured on 6.12, x86-64: a spin lock and unlock 9 ns, equivalent rewrites of a condition 3 (tests/canaries). */
export const usualBounds: CostBounds = { callNs: 5, togetherNs: 500_000 };

/** What costs another time, in the order of the base's measurements; an operation that one side did not measure is left out. */
export function compareMeasures(base: readonly Measurement[], patched: readonly Measurement[], bounds: CostBounds = usualBounds): CostChange[] {
  const others = new Map(patched.map((one) => [keyOf(one), one]));
  // Only of a scene that measures several at once is there more than one.
  const together = base.some(({ writers }) => writers > 1);
  return base.flatMap((one) => {
    const other = others.get(keyOf(one));
    if (!other) return [];
    const [baseNs, patchedNs] = [figureOf(one), figureOf(other)];
    if (baseNs === patchedNs) return [];
    const { operation, mode, writers } = one;
    return [{ operation, mode, writers, baseNs, patchedNs, beyond: Math.abs(patchedNs - baseNs) > (together ? bounds.togetherNs : bounds.callNs) }];
  });
}

/**
 * The one figure of a measurement: the median of its rounds, of two middle ones the lower. The first round finds caches cold; a later one may
 * read the clock where its arithmetic takes one turn more (__iter_div_u64_rem() in the vDSO).
 */
export function figureOf({ ns }: Pick<Measurement, 'ns'>): number {
  const sorted = [...ns].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function keyOf({ operation, mode, writers }: Measurement): string {
  return JSON.stringify([operation, mode, writers]);
}
