import { Command, InvalidArgumentError, Option } from 'commander';
import { formatNames } from '../formats/formats.ts';
import type { Host } from '../host/host.ts';
import { usualBounds } from '../judge/compare-measures.ts';
import { generations } from '../model/generations.ts';
import { bisect, type BisectOptions } from './bisect.ts';
import { check } from './check.ts';
import { compare, type CompareOptions } from './compare.ts';
import { docs } from './docs.ts';
import { doctor } from './doctor.ts';
import { list } from './list.ts';
import { nanoseconds, timeOfDate, wholeNumber } from './option-values.ts';
import { nightly, nightlyHelp, type NightlyOptions } from '../../scripts/nightly.ts';
import type { PlayOptions } from './play.ts';
import { prove, type ProveOptions } from './prove.ts';
import { prune, type PruneOptions } from './prune.ts';
import { report, reportFormats, type ReportOptions } from './report.ts';
import { run } from './run.ts';
import { runs, type RunsOptions } from './runs.ts';
import { shell } from './shell.ts';
import { show } from './show.ts';
import { test } from './test.ts';

const examples = `
Examples:
  ./diorama run                                     play every scene on Debian's 6.12
  ./diorama run --series v3.mbox                    … and on 6.12 with the series, and compare
  ./diorama run --kernel git:~/linux@v6.12 --series v6.12..my-branch
  ./diorama run --series v3.mbox --each-patch       … patch by patch: which one broke, which one mended
  ./diorama bisect --kernel git:~/linux --good v6.11 --bad v6.12 --scenario write-does-not-overtake-mmap
  ./diorama test write-does-not-overtake-mmap       one scene, its trace step by step
  ./diorama show latest/write-does-not-overtake-mmap
  ./diorama run --baseline latest                   … and say what is not as it was in the run before
  ./diorama compare previous latest
  ./diorama report latest --format mail             … as a mail; also tap, ktap, junit, kcidb, jsonl

Exit codes:
    0  no regression (without a series: nothing failed that is not a known issue)
    1  a scene failed, or the series broke one
    2  bad usage, or a mistake in an input file
    3  the series does not apply, or a kernel does not build or boot
   69  the machine is at fault: a missing program, a full disk; or a scene could not be judged
  130  interrupted

The launcher takes one option for itself, anywhere among the arguments:
  --yes  install missing system packages with sudo without asking`;

const kernelHelp = `Kernels:
  debian:6.12            the archive's linux-source package (also debian:6.1, debian:7.3, …)
  dir:PATH               a directory, as it is now
  git:PATH               a work tree of yours, uncommitted changes included
  git:PATH@REV           a commit of that repository
  tar:FILE-or-URL        a tarball, checked against the checksum file beside it

Series:
  a .patch or .diff, an mbox (b4, lore, patchwork), a directory of patches, a quilt series file,
  or REV..REV of a git: kernel; several --series are applied one after the other`;

const bisectHelp = `
Both ends are tested first. A commit between them that does not build or boot, cannot be judged, or fails otherwise than the bad one is
skipped, not blamed. Your repository is only read. Ended at any point, it goes on where it was when it is given again.

Exit codes: 0 the commit was found · 1 only a range was, the rest of it was skipped · 2 the ends are not what they are said to be ·
3 an end does not build or boot · 69 the machine is at fault`;

/** The command line. `exitWith` is given the exit code of the command that ran; errors are thrown. */
export function makeProgram(host: Host, args: readonly string[], exitWith: (exitCode: number) => void): Command {
  const program = new Command('diorama')
    .description('Plays mmap-versus-parallel-direct-io scenes against FUSE kernels and says what a patch series broke or mended.')
    .version('0.1.0')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(./diorama --help shows how it is used)')
    .addHelpText('after', examples);
  const playing = (command: Command): Command => command
    .option('--kernel <spec>', 'the kernel to test', 'debian:6.12')
    .option('--series <path>', 'patches to apply; may be given again', collect, [])
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--config <name>', 'a fragment of kconfig/ to add; may be given again', collect, [])
    .option('--jobs <n>', 'guests and compilers at once (default: the number of cores)', count)
    .addOption(new Option('--model <name>', "judge by the io modes of this generation (default: the kernel's own)").choices(generations.map(({ name }) => name)))
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .addHelpText('after', `\n${kernelHelp}`);

  playing(program.command('run').description('play scenes on a kernel, and on the same kernel with a series, and compare'))
    .option('--scenario <glob>', 'a name, a glob, or a .yaml file; may be given again (default: all)', collect, [])
    .option('--fail-fast', 'stop at the first failure or regression', false)
    .option('--keep-going', 'play everything, whatever fails (default)', false)
    .option('--each-patch', 'play every prefix of the series too, and name the patch that broke or mended a scene; 1 too when a patch breaks one that a later patch mends, or does not build', false)
    .option('--format <format[=file]>', `also as ${formatNames.join(', ')}: into the file, else to stdout instead of the table; may be given again`, collect, [])
    .option('--baseline <run>', 'compare with an earlier run too: its id, or latest for the newest with the same guest, config and compiler')
    .addOption(latencyThreshold())
    .action(async (options: PlayOptions & Jobs & { keepGoing: boolean }, command: Command) => {
      if (options.failFast && options.keepGoing) command.error('error: --fail-fast and --keep-going exclude each other');
      if (options.eachPatch === true && options.series.length === 0) command.error('error: --each-patch needs a --series');
      if (options.eachPatch === true && options.failFast) command.error('error: --each-patch and --fail-fast exclude each other');
      exitWith(await run(withJobs(host, options), options, args));
    });
  playing(program.command('test').description('play one scene and show its trace step by step').argument('<scenario>', 'a name, or a .yaml file'))
    .action(async (scenario: string, options: Omit<PlayOptions, 'scenario' | 'failFast'> & Jobs) => {
      exitWith(await test(withJobs(host, options), { ...options, scenario: [scenario], failFast: false }, args));
    });
  program.command('bisect').description('find the commit of a git: kernel that broke a scene, with git bisect and cached builds')
    .requiredOption('--good <rev>', 'a commit where the scene passes, an ancestor of the bad one')
    .requiredOption('--bad <rev>', 'a commit where it fails')
    .requiredOption('--scenario <name>', 'the scene: a name, or a .yaml file')
    .option('--kernel <spec>', 'the repository: git:PATH', 'git:.')
    .option('--any-failure', 'take every failure for bad, not only the one that is seen at --bad; others are skipped else', false)
    .option('--max-steps <n>', 'test no more commits than this between the two', count, 100)
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--config <name>', 'a fragment of kconfig/ to add; may be given again', collect, [])
    .option('--jobs <n>', 'compilers at once (default: the number of cores)', count)
    .addOption(new Option('--model <name>', "judge by the io modes of this generation (default: each kernel's own)").choices(generations.map(({ name }) => name)))
    .option('--results <dir>', 'evidence goes to bisect/ there (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .addHelpText('after', bisectHelp)
    .action(async (options: BisectOptions & Jobs) => exitWith(await bisect(withJobs(host, options), options)));
  program.command('prove').description('prove that the scenes see the canaries: known bugs, put back one by one')
    .option('--canary <glob>', 'a name, a glob, or a .patch file; may be given again (default: all)', collect, [])
    .option('--scenario <glob>', 'play only these scenes; may be given again (default: all)', collect, [])
    .option('--every', 'play every scene on every canary, not only up to the first that sees it', false)
    .option('--kernel <spec>', 'the kernel that the canaries are made for', 'debian:6.12')
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--config <name>', 'a fragment of kconfig/ to add; may be given again', collect, [])
    .option('--jobs <n>', 'canaries at once (default: the number of cores)', count)
    .option('--results <dir>', 'evidence goes to prove/ there (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .action(async (options: ProveOptions & Jobs) => exitWith(await prove(withJobs(host, options), options)));
  program.command('nightly').description('stand watch over kernels that move: play what is new, compare with the last night, write an index of nights')
    .option('--config <file>', 'what to watch', 'nightly.yaml')
    .option('--resume', 'only go on with a night that was cut short', false)
    .option('--jobs <n>', 'guests and compilers at once (default: the number of cores)', count)
    .option('--install', 'write a systemd service and timer for it, and say how to enable them; nothing is played', false)
    .option('--dry-run', 'with --install: print the units', false)
    .addHelpText('after', nightlyHelp)
    .action(async (options: NightlyOptions & Jobs, command: Command) => {
      if (options.dryRun && !options.install) command.error('error: --dry-run is only for --install');
      exitWith(await nightly(withJobs(host, options), options));
    });
  program.command('list').description('list the scenes and what each protects')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (options: { json: boolean }) => exitWith(await list(host, options)));
  program.command('show').description('show a stored run, or one scene of it: trace and console')
    .argument('<run>', 'a run of results/ or latest; add /SCENE for one scene')
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .action(async (what: string, options: { results?: string }) => exitWith(await show(host, what, options)));
  program.command('report').description('write one HTML file about a stored run: what broke, with timeline and console; or another format')
    .argument('[run]', 'a run of results/, its directory, or latest', 'latest')
    .addOption(new Option('--format <format>', 'the format').choices(reportFormats).default('html'))
    .option('--output <file>', "where to write it (default: report.html in the run's directory; other formats: standard output)")
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .action(async (run: string, options: ReportOptions) => exitWith(await report(host, run, options)));
  program.command('compare').description('hold a later run against an earlier one: verdicts, splats, latency, coverage, stage timings')
    .argument('<earlier>', 'a run: its id or the beginning of it, latest, latest~1, previous, or the path of its directory')
    .argument('<later>', 'likewise')
    .addOption(new Option('--side <side>', 'which side of the runs counts (default: patched for a run with a series)').choices(['base', 'patched']))
    .addOption(latencyThreshold())
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (earlier: string, later: string, options: CompareOptions) => exitWith(await compare(host, [earlier, later], options)));
  program.command('runs').description('list the stored runs, newest first')
    .option('--kernel <glob>', "only runs of kernels whose spec, version or origin matches, such as 'debian:*' or '6.12.*'")
    .option('--series <glob>', 'only runs of series whose label matches')
    .addOption(new Option('--verdict <kind>', 'only runs in which a scene came to this').choices(['pass', 'fail', 'splat', 'hang', 'crash', 'known', 'skip', 'error', 'regression', 'fix']))
    .option('--since <date>', 'only runs begun since, such as 2026-11-23 or 2026-11-23T18:00Z (UTC)', timeOfDate)
    .option('--limit <n>', 'only the newest n of them', wholeNumber)
    .option('--flaky', 'of these runs, the scenes that came out differently on the same kernel, guest and program', false)
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (options: RunsOptions) => exitWith(await runs(host, options)));
  program.command('prune').description('remove old runs; never one that goes on, nor latest, nor the baseline of one that stays')
    .option('--keep <n>', 'keep the newest n', wholeNumber)
    .option('--keep-days <n>', 'keep those begun in the last n days', wholeNumber)
    .option('--dry-run', 'only say what would go', false)
    .option('--force', 'remove baselines too', false)
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (options: PruneOptions) => exitWith(await prune(host, options)));
  program.command('shell').description('log in to a guest with the FUSE server mounted').passThroughOptions()
    .option('--kernel <spec>', 'the kernel to boot', 'debian:6.12')
    .option('--series <path>', 'patches to apply; may be given again', collect, [])
    .option('--config <name>', 'a fragment of kconfig/ to add; may be given again', collect, [])
    .argument('[command...]', 'run this instead of a login shell, and exit with its exit code')
    .action(async (command: string[], options: { kernel: string; series: string[]; config: string[] }) => exitWith(await shell(host, { ...options, command })));
  program.command('doctor').description('print what diorama needs of this machine, what was found, and what to do')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (options: { json: boolean }) => exitWith(await doctor(host, options)));
  program.command('check').description('check diorama itself: lint, types, shellcheck and every test')
    .option('--only <pattern>', 'only what has this in its name: lint, types, shellcheck, or a test file')
    .option('--fail-fast', 'stop at the first failure', false)
    .action(async (options: { only?: string; failFast: boolean }) => exitWith(await check(host, options)));
  program.command('docs', { hidden: true }).description('write docs/scenes.md and docs/rules.md from the scene language and the rules')
    .action(async () => exitWith(await docs(host)));
  return program;
}

interface Jobs {
  readonly jobs?: number;
}

function latencyThreshold(): Option {
  return new Option('--latency-threshold <time>', 'calls that take no more than this longer are no regression, such as 0ns or 2us of virtual time, which is exact').default(usualBounds.callNs, `${usualBounds.callNs}ns`).argParser(nanoseconds);
}

function withJobs(host: Host, options: Jobs): Host {
  return options.jobs === undefined ? host : { ...host, jobs: options.jobs };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function count(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 to 999');
  return Number.parseInt(value, 10);
}
