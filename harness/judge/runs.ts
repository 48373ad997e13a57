/** `A` for all bytes becomes the stage's own `A*4096`. */
export function runsOf(sees: string, bytes: number): string {
  return sees.includes('*') ? sees : `${sees}*${bytes}`;
}

/** How many bytes the stage's runs are: `A*4096 B*100` is 4196, nothing is 0. */
export function bytesIn(runs: string | undefined): number {
  return (runs ?? '').split(' ').reduce((sum, run) => sum + Number(run.split('*')[1] ?? 0), 0);
}
