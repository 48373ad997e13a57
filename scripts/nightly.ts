import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { $, which } from 'zx/core';
import { coloursFor } from '../harness/cli/colours.ts';
import { showProgress } from '../harness/cli/progress.ts';
import { shown } from '../harness/cli/results-paths.ts';
import { DioramaError } from '../harness/errors.ts';
import type { Host } from '../harness/host/host.ts';
import { withLock } from '../harness/host/lock.ts';
import { diskError } from '../harness/host/run-program.ts';
import { describeNight } from '../harness/nightly/describe-night.ts';
import { nightExitCode } from '../harness/nightly/night-exit-code.ts';
import { readNightlyState } from '../harness/nightly/night-state.ts';
import { readNightlyConfig, type NightlyConfig } from '../harness/nightly/nightly-config.ts';
import { playNight, type NightEnd } from '../harness/nightly/play-night.ts';
import { systemdUnits, type Unit } from '../harness/nightly/systemd-units.ts';

export interface NightlyOptions {
  /** Path of the YAML file. */
  readonly config: string;
  readonly resume: boolean;
  readonly install: boolean;
  readonly dryRun: boolean;
}

export const nightlyHelp = `
What to watch is said in a YAML file: copy scripts/nightly.example.yaml to nightly.yaml. A night that was cut short goes on with the next start.

Exit codes, the first that holds: 1 a regression · 3 a kernel does not build or boot, or a series does not apply · 2 a kernel or series that
is not there (and a mistake in the file, before anything is played) · 69 the machine is at fault, or a remote cannot be reached ·
0 nothing broke, or nothing is new. 130 interrupted`;

/**
 * `./diorama nightly`: stands watch over kernels that move. Prints what a night came to.
 * @returns 0 nothing broke, or nothing is new; 1 a regression; 3 a kernel does not build or boot, or a series does not apply; 2 a kernel or
 * series that is not there; 69 the machine. The first of these that holds: 1, 3, 2, 69, 0
 * @throws DioramaError whose blame has the other exit codes
 */
export async function nightly(outer: Host, options: NightlyOptions): Promise<number> {
  const config = await readNightlyConfig(options.config);
  if (options.install) return install(outer, { config, dryRun: options.dryRun });
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 0 });
  const host: Host = { ...outer, emit: (event) => (event.kind === 'stage-end' ? undefined : progress.emit(event)) };
  const end = await holding(host, config, async () => playNight(host, { config, state: await readNightlyState(config.results), resume: options.resume })).finally(() => progress.end());
  process.stdout.write(`${describe(end, config).join('\n')}\n`);
  return end.kind === 'night' ? nightExitCode(end.night) : 0;
}

function describe(end: NightEnd, config: NightlyConfig): string[] {
  switch (end.kind) {
    case 'night':
      return ['', ...describeNight(end.night), `index in ${shown(join(config.results, 'index.html'))}`];
    case 'nothing-new':
      return [`nothing new since ${end.since}`];
    case 'nothing-to-resume':
      return ['no night was cut short'];
  }
}

const lockMs = 2000;

/** Two nights at once would play the same. */
function holding<T>(host: Host, config: NightlyConfig, work: () => Promise<T>): Promise<T> {
  return withLock({ file: join(config.results, '.lock'), timeoutMs: lockMs, signal: host.signal }, work);
}

/** Writes the systemd units, the system's for root and else the user's, and says how to enable them. */
async function install(host: Host, given: { readonly config: NightlyConfig; readonly dryRun: boolean }): Promise<number> {
  const system = process.getuid?.() === 0;
  const { config } = given;
  const units = systemdUnits({ launcher: join(host.root, 'diorama'), config: config.file, cache: host.cache, at: config.at, system });
  const home = system ? '/etc/systemd/system' : join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'systemd/user');
  if (given.dryRun) {
    process.stdout.write(units.map(({ name, text }) => `# ${join(home, name)}\n${text}`).join('\n'));
    return 0;
  }
  await writeUnits(home, units);
  await verify(units.map(({ name }) => join(home, name)), system);
  const systemctl = system ? 'systemctl' : 'systemctl --user';
  process.stdout.write([
    ...units.map(({ name }) => `written: ${join(home, name)}`), 'enable them with:', `    ${systemctl} daemon-reload`,
    `    ${systemctl} enable --now diorama-nightly.timer`, `    ${systemctl} enable diorama-nightly-resume.service`,
    ...(system ? [] : ['so that it also runs while you are not logged in:', '    loginctl enable-linger']),
    'the last night:', `    ${system ? 'journalctl' : 'journalctl --user'} -u diorama-nightly.service`, '',
  ].join('\n'));
  return 0;
}

async function writeUnits(home: string, units: readonly Unit[]): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
    for (const { name, text } of units) await writeFile(join(home, name), text);
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, home);
  }
}

/** Where systemd's own checker is there, its word counts. */
async function verify(files: readonly string[], system: boolean): Promise<void> {
  const checker = await which('systemd-analyze', { nothrow: true });
  if (checker === null) return;
  const checked = await $({ nothrow: true, quiet: true, timeout: '60s', cwd: dirname(files[0] ?? '/') })`${checker} verify ${system ? '--system' : '--user'} ${files}`;
  const complaints = checked.stderr.split('\n').filter((line) => line.includes('diorama-nightly'));
  if (checked.exitCode === 0 || complaints.length === 0) return;
  throw new DioramaError({ blame: 'machine', code: 'program-failed', message: 'systemd-analyze verify does not take the units', details: complaints.slice(0, 8) });
}
