import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import { insideRun } from '../results/inside-run.ts';
import { keptScene } from '../results/kept-scene.ts';
import { readRun } from '../results/read-run.ts';
import { coloursFor } from './colours.ts';
import { describePlayed } from './describe-played.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';
import { describeTime } from './time-table.ts';

/** `./diorama show RUN[/SCENE]`: a stored run's table, or one scene's timeline. Nothing is played. */
export async function show(host: Host, what: string, options: { readonly results?: string; readonly timings?: boolean; readonly verbose: boolean }): Promise<number> {
  const results = resultsDir(host, options.results);
  const [name = 'latest', scene] = what.startsWith('/') ? [what] : what.split('/');
  const { dir, record } = await readRun(results, name);
  const colours = coloursFor(process.stdout);
  if (scene === undefined) {
    const kernel = record.kernel ? `${record.kernel.spec} (${record.kernel.origin})` : 'no kernel yet';
    const head = [`run ${record.id}, ${record.status}`, `kernel ${printable(kernel)}`, ...(record.series ? [`series ${printable(record.series.label)}, ${record.series.patches.length} patches`] : [])];
    const time = options.timings === true ? ['', ...(record.time ? describeTime(record.time, colours) : ['it did not keep where its time went: it did not end in order, or is of an older diorama'])] : [];
    process.stdout.write(`${[...head, '', ...describeRun(record, colours), ...time].join('\n')}\nevidence in ${shown(dir)}\n`);
    return 0;
  }
  const played = record.scenes.filter((entry) => entry.scene === scene);
  if (played.length === 0) {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${what}: this run played no scene '${scene}'`, next: `./diorama show ${name}` });
  }
  for (const entry of played) {
    const at = insideRun(dir, entry.dir);
    const { kind, reason } = entry.verdict;
    const lines = [
      `${scene} on ${entry.side}: ${kind}${reason === '' ? '' : `: ${printable(reason, 600)}`}`,
      ...(await describePlayed(at, { scene: await keptScene(at, scene), verdict: entry.verdict, colours, verbose: options.verbose })),
      `replay with ${shown(join(at, 'repro.sh'))}`,
      '',
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return 0;
}
