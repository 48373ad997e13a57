import type { Figure, NotMeasured } from './figures.ts';

/** What a benchmark came to. */
export interface BenchReport {
  /** When it began, ISO 8601, UTC. */
  readonly began: string;
  readonly machine: { readonly os: string; readonly cpu: string; readonly cpus: number; readonly memoryBytes: number; readonly accelerator: string };
  /** Of programs by name, as they say it themselves. */
  readonly versions: Readonly<Record<string, string>>;
  readonly kernel: string;
  /** How many scenes the catalogue has, and which one was played alone. */
  readonly scenes: number;
  readonly scene: string;
  /** The load average of the last minute, before and after. */
  readonly load: readonly [number, number];
  readonly figures: readonly Figure[];
  readonly notMeasured: readonly NotMeasured[];
}
