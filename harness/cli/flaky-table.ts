import type { FlakyScene } from '../judge/find-flaky.ts';
import { printable } from '../printable.ts';

const mostRuns = 6;

/** Flaky scenes for people: each with the counts of its verdicts and traces, and below it every outcome with its runs. */
export function describeFlaky(flaky: readonly FlakyScene[], given: { readonly runs: number }): string[] {
  if (flaky.length === 0) return [`nothing is flaky in ${given.runs} ${given.runs === 1 ? 'run' : 'runs'}: what was played again on the same kernel, guest and program came out the same`];
  return flaky.flatMap((scene) => {
    const verdicts = Object.entries(scene.verdicts).map(([kind, count]) => `${count} ${kind}`).join(', ');
    return [
      `${printable(scene.scene)} on ${printable(scene.release)}, ${printable(`${scene.guest}/${scene.config}`)}: played ${scene.plays} times: ${verdicts}; ${scene.traces} different ${scene.traces === 1 ? 'trace, which was judged differently' : 'traces'}`,
      ...scene.outcomes.map(({ verdict, reason, traceId, count, runs }) => {
        const some = `${runs.slice(0, mostRuns).map((id) => printable(id, 60)).join(', ')}${runs.length > mostRuns ? `, … (${runs.length} runs)` : ''}`;
        return `  ${count}x ${verdict}, trace ${traceId?.slice(0, 12) ?? 'not kept'}${reason === '' ? '' : `: ${printable(reason, 300)}`} (${some})`;
      }),
    ];
  });
}
