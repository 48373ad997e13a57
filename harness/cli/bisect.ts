import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bisectKernel, type BisectResult } from '../engine/bisect-kernel.ts';
import { findConfig } from '../engine/find-config.ts';
import { findGuest, guestWords, type GuestAsked } from '../engine/find-guest.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { printable } from '../printable.ts';
import { writeWhole } from '../results/run-directory.ts';
import type { Scenario } from '../scenario/types.ts';
import { describeBisect } from './bisect-lines.ts';
import { coloursFor } from './colours.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeTrace } from './trace-lines.ts';

export interface BisectOptions extends GuestAsked {
  readonly kernel: string;
  readonly good: string;
  readonly bad: string;
  readonly scenario: string;
  readonly config: readonly string[];
  readonly model?: string;
  readonly anyFailure: boolean;
  readonly maxSteps: number;
  readonly results?: string;
  readonly json: boolean;
}

/**
 * `./diorama bisect`: the commit of a `git:` kernel that broke a scene.
 * @returns 0 when it was found, 1 when only a range was
 * @throws DioramaError whose blame has the other exit codes
 */
export async function bisect(outer: Host, options: BisectOptions): Promise<number> {
  const scene = await oneScene(outer, options.scenario);
  const guest = await findGuest(outer, options);
  const config = await findConfig(outer.root, options.config);
  const path = repositoryOf(options);
  const colours = coloursFor(process.stdout);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 1 });
  // A commit that fails is told as good or bad by a note of its own.
  const host: Host = { ...outer, emit: (event) => (event.kind === 'scene-end' ? undefined : progress.emit(event)) };
  const result = await bisectKernel(host, {
    path, good: options.good, bad: options.bad, scene, config, configNames: options.config, guest, guestWords: guestWords(options), anyFailure: options.anyFailure,
    mostSteps: options.maxSteps, dir: join(resultsDir(outer, options.results), 'bisect'), ...(options.model === undefined ? {} : { model: options.model }),
  }).finally(() => progress.end());
  const document = `${JSON.stringify({ scene: scene.name, kernel: `git:${path}`, ...result }, null, 2)}\n`;
  await writeWhole(join(result.dir, `${result.good.slice(0, 12)}-${result.bad.slice(0, 12)}.json`), document);
  if (options.json) process.stdout.write(document);
  else process.stdout.write(`${(await report(result, { scene, colours })).join('\n')}\n`);
  return result.end.kind === 'found' ? 0 : 1;
}

async function report(result: BisectResult, given: { readonly scene: Scenario; readonly colours: ReturnType<typeof coloursFor> }): Promise<string[]> {
  const { scene, colours } = given;
  const { evidence } = result;
  const step = evidence.verdict?.step;
  const trace = await readFile(join(evidence.dir, 'trace'), 'latin1').catch(() => '');
  return [
    '',
    ...(trace === '' ? [] : [...describeTrace(scene, { trace, colours, ...(step === undefined ? {} : { parted: step }) }), '']),
    ...describeBisect(result, { scene: scene.name, colours }),
    `evidence in ${shown(evidence.dir)}`,
    `replay with ${shown(join(evidence.dir, 'repro.sh'))}`,
  ];
}

/** Of a scene in many orders (`name.1`, `name.2` …) one part is played; a glob may name only one scene. */
async function oneScene(host: Host, name: string): Promise<Scenario> {
  const found = await findScenarios(host, [name]);
  const [scene] = found;
  if (scene && found.length === 1) return scene;
  const names = found.slice(0, 5).map((one) => one.name).join(', ');
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage',
    message: `--scenario ${printable(name)}: these are ${found.length} scenes, and bisect plays one: ${names}${found.length > 5 ? ', …' : ''}`,
    next: './diorama list shows them all',
  });
}

function repositoryOf(options: BisectOptions): string {
  const spec = parseKernelSpec(options.kernel);
  const bad = (message: string, next: string): DioramaError => new DioramaError({ blame: 'usage', code: 'bad-usage', message, next });
  if (spec.kind !== 'git') throw bad(`--kernel ${printable(options.kernel)}: only a git: kernel has commits to bisect`, '--kernel git:PATH');
  if (spec.rev !== undefined && spec.rev !== 'HEAD') throw bad(`--kernel ${printable(options.kernel)}: bisect tests what is between --good and --bad, not ${printable(spec.rev)}`, `--kernel git:${printable(spec.path)}`);
  for (const [option, rev] of [['--good', options.good], ['--bad', options.bad]] as const) {
    if (rev === '' || rev.startsWith('-')) throw bad(`${option} ${printable(rev)}: not a revision`, 'a commit, tag or branch of that repository');
  }
  return spec.path;
}
