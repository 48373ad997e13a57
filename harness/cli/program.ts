import { Command, InvalidArgumentError, Option } from 'commander';
import { formatNames } from '../formats/formats.ts';
import type { Host } from '../host/host.ts';
import { loadMachine } from '../host/load-machine.ts';
import { usualBounds } from '../judge/compare-measures.ts';
import { generations } from '../model/generations.ts';
import { bisect, type BisectOptions } from './bisect.ts';
import { emptyCache, showCache, trimCache } from './cache.ts';
import { check } from './check.ts';
import { compare, type CompareOptions } from './compare.ts';
import { docs } from './docs.ts';
import { doctor } from './doctor.ts';
import { exec, type ExecOptions } from './exec.ts';
import { bisectHelp, cacheHelp, examples, execHelp, kernelHelp, stableHelp, stressHelp, suiteHelp } from './help-texts.ts';
import { list } from './list.ts';
import { bootCount, bytesOf, minutes, nanoseconds, timeOfDate, wholeNumber } from './option-values.ts';
import { bench, benchHelp, type BenchOptions } from '../../scripts/bench.ts';
import { nightly, nightlyHelp, type NightlyOptions } from '../../scripts/nightly.ts';
import type { PlayOptions } from './play.ts';
import { prove, type ProveOptions } from './prove.ts';
import { prune, type PruneOptions } from './prune.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { report, reportFormats, type ReportOptions } from './report.ts';
import { run } from './run.ts';
import { runs, type RunsOptions } from './runs.ts';
import { shell } from './shell.ts';
import { show } from './show.ts';
import { stable, type StableOptions } from './stable.ts';
import { stress, type StressOptions } from './stress.ts';
import type { SuiteOptions } from './play-suites.ts';
import { suite } from './suite.ts';
import { test, type TestOptions } from './test.ts';
import { testWithGdb, type GdbOptions } from './test-gdb.ts';
import { watch, type WatchOptions } from './watch.ts';

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
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'for a guest in the host\'s time (default: kvm where it runs guests, else tcg)').choices(['kvm', 'tcg']))
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
    .option('--fresh', 'play every scene, also those of which an earlier play had the same kernel, guest and program', false)
    .option('--each-patch', 'play every prefix of the series too, and name the patch that broke or mended a scene; 1 too when a patch breaks one that a later patch mends, or does not build', false)
    .option('--format <format[=file]>', `also as ${formatNames.join(', ')}: into the file, else to stdout instead of the table; may be given again`, collect, [])
    .option('--baseline <run>', 'compare with an earlier run too: its id, or latest for the newest with the same guest, config and compiler')
    .option('--wall-clock <boots>', 'then measure on the host\'s clock what calls take beside 1, 2, 4 and 8 writers: so many boots of each kernel in the guest parallel, in the order A B B A', bootCount)
    .option('--timings', 'say where the wall time went: compilers, guests, diorama itself', false)
    .addOption(latencyThreshold())
    .addOption(togetherThreshold())
    .action(async (options: PlayOptions & Jobs & { keepGoing: boolean }, command: Command) => {
      if (options.failFast && options.keepGoing) command.error('error: --fail-fast and --keep-going exclude each other');
      if (options.eachPatch === true && options.series.length === 0) command.error('error: --each-patch needs a --series');
      if (options.eachPatch === true && options.failFast) command.error('error: --each-patch and --fail-fast exclude each other');
      exitWith(await run(withJobs(host, options), options, args));
    });
  playing(program.command('test').description('play one scene and show its course as a timeline').argument('<scenario>', 'a name, or a .yaml file'))
    .option('--verbose', 'every event of the trace as a line of its own, instead of the timeline', false)
    .option('--gdb', 'then start the same clone again, stopped before a step, with gdb attached to vmlinux and fuse.ko', false)
    .option('--step <n>', 'with --gdb: the step to stop before (default: where the kernel and the scene part, else 1)', wholeNumber)
    .option('--gdb-command <command>', 'with --gdb: do this instead of asking; may be given again', collect, [])
    .action(async (scenario: string, options: Omit<TestOptions & GdbOptions, 'scenario' | 'failFast' | 'fresh'> & Jobs & { gdb: boolean }, command: Command) => {
      if (!options.gdb && (options.step !== undefined || options.gdbCommand.length > 0)) command.error('error: --step and --gdb-command are only for --gdb');
      if (options.gdb && options.json) command.error('error: --gdb and --json exclude each other');
      if (options.step === 0) command.error('error: --step: steps begin with 1');
      const asked = { ...options, scenario: [scenario], failFast: false, fresh: true };
      exitWith(await (options.gdb ? testWithGdb : test)(withJobs(host, options), asked, args));
    });
  program.command('watch').description('play scenes whenever a kernel tree is saved: those that failed last and those that run what changed first')
    .requiredOption('--kernel <spec>', 'the tree: dir:PATH, or git:PATH for the working tree of a repository')
    .option('--scenario <glob>', 'a name, a glob, or a .yaml file; may be given again (default: all)', collect, [])
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'for a guest in the host\'s time (default: kvm where it runs guests, else tcg)').choices(['kvm', 'tcg']))
    .option('--config <name>', 'a fragment of kconfig/ to add; may be given again', collect, [])
    .option('--jobs <n>', 'guests and compilers at once (default: the number of cores)', count)
    .addOption(new Option('--model <name>', "judge by the io modes of this generation (default: the kernel's own)").choices(generations.map(({ name }) => name)))
    .option('--results <dir>', 'its runs are kept in watch/ there, the last five (default: results/ beside the launcher)')
    .action(async (options: WatchOptions & Jobs) => exitWith(await watch(withJobs(host, options), options, args)));
  playing(program.command('stable').description('play scenes several times under artificial load, and show where a trace, console or verdict is not as it was'))
    .option('--scenario <glob>', 'a name, a glob, or a .yaml file; may be given again (default: all)', collect, [])
    .option('--runs <n>', 'how often each scene is played', count, 10)
    .option('--load <n>', 'processes that keep CPUs, memory and disk busy beside the guests; 0 for none (default: one more than there are cores)', loadCount)
    .option('--seed <n>', "of the load's bursts and of the order of the scenes", wholeNumber, 1)
    .addHelpText('after', stableHelp)
    .action(async (options: StableOptions & Jobs) => exitWith(await stable(withJobs(host, options), options)));
  program.command('stress').description('let writers, readers, mappers, openers and truncaters race on the same files, and hold what is read against what was written')
    .option('--minutes <n>', 'how long; parts of a minute too', minutes, 1)
    .option('--seed <n>', 'of what everybody does (default: another one each time)', wholeNumber)
    .option('--kernel <spec>', 'the kernel to test', 'debian:6.12')
    .option('--series <path>', 'patches to apply; may be given again', collect, [])
    .option('--guest <name>', "a guest of guests/ in the host's time, or a .yaml file", 'parallel')
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'default: kvm where it runs guests, else tcg').choices(['kvm', 'tcg']))
    .option('--config <name>', 'a fragment of kconfig/ to add, such as lockdep, kasan, kcsan or debug; may be given again', collect, [])
    .option('--jobs <n>', 'compilers at once (default: the number of cores)', count)
    .option('--results <dir>', 'evidence goes to stress/ there (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .addHelpText('after', stressHelp)
    .action(async (options: StressOptions & Jobs) => exitWith(await stress(withJobs(host, options), options)));
  program.command('load', { hidden: true }).description('keep the machine busy until it is ended; stable starts it').argument('<dir>').argument('<seed>', '', wholeNumber)
    .action(async (dir: string, seed: number) => loadMachine({ dir, seed, signal: host.signal }));
  program.command('bisect').description('find the commit of a git: kernel that broke a scene, with git bisect and cached builds')
    .requiredOption('--good <rev>', 'a commit where the scene passes, an ancestor of the bad one')
    .requiredOption('--bad <rev>', 'a commit where it fails')
    .requiredOption('--scenario <name>', 'the scene: a name, or a .yaml file')
    .option('--kernel <spec>', 'the repository: git:PATH', 'git:.')
    .option('--any-failure', 'take every failure for bad, not only the one that is seen at --bad; others are skipped else', false)
    .option('--max-steps <n>', 'test no more commits than this between the two', count, 100)
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'for a guest in the host\'s time (default: kvm where it runs guests, else tcg)').choices(['kvm', 'tcg']))
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
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'for a guest in the host\'s time (default: kvm where it runs guests, else tcg)').choices(['kvm', 'tcg']))
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
  program.command('bench').description('measure diorama, and beside it what one would do by hand')
    .option('--kernel <spec>', 'the kernel to build and change', 'debian:6.12')
    .option('--scenario <name>', 'what is played where one scene is', 'write-does-not-overtake-mmap')
    .option('--guest <name>', 'a guest of guests/, or a .yaml file', 'deterministic')
    .option('--runs <n>', 'how often what takes seconds is measured', count, 5)
    .option('--jobs <n>', 'guests and compilers at once (default: the number of cores)', count)
    .option('--results <dir>', 'the report goes to bench/ there (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .addHelpText('after', benchHelp)
    .action(async (options: BenchOptions & Jobs) => exitWith(await bench(withJobs(host, options), options)));
  program.command('list').description('list the scenes and what each protects')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (options: { json: boolean }) => exitWith(await list(host, options)));
  program.command('show').description('show a stored run, or one scene of it as a timeline')
    .argument('<run>', 'a run of results/ or latest; add /SCENE for one scene')
    .option('--timings', 'say where its wall time went', false)
    .option('--verbose', 'every event of the trace as a line of its own, instead of the timeline', false)
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .action(async (what: string, options: { results?: string; timings: boolean; verbose: boolean }) => exitWith(await show(host, what, options)));
  program.command('replay').description('play a scene of a stored run again from its results alone, and say whether the trace is the same')
    .argument('<run/scene>', 'a run of results/, latest, or its directory, and a scene of it')
    .option('--side <side>', 'base, patched, or a patch of --each-patch such as patch-0002 (default: the side that failed)')
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher); evidence goes to replay/ there')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .addHelpText('after', '\nExit codes: 0 the same trace, to the byte · 1 another · 2 no such run or scene, or a run that did not keep what it was played on ·\n3 the kernel does not boot here · 69 the machine is at fault')
    .action(async (what: string, options: ReplayOptions) => exitWith(await replay(host, what, options)));
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
    .addOption(togetherThreshold())
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
  const cache = program.command('cache').description('show what the cache holds; empty it, or make room in it')
    .option('--json', 'one JSON document on stdout', false)
    .addHelpText('after', cacheHelp)
    .action(async (options: { json: boolean }) => exitWith(await showCache(host, options)));
  cache.command('empty').description('remove all that can be made again').argument('[kind...]', 'only entries of these kinds')
    .action(async (kinds: string[]) => exitWith(await emptyCache(host, kinds)));
  cache.command('trim').description('evict what was used longest ago')
    .option('--to <size>', 'until no more than this is left, such as 10G (default: the limit)', bytesOf)
    .action(async (options: { to?: number }) => exitWith(await trimCache(host, options.to)));
  program.command('exec').description("run a program of this machine on another kernel: its root is the guest's, with an overlay in memory").passThroughOptions()
    .option('--kernel <spec>', 'the kernel to test', 'debian:6.12')
    .option('--series <path>', 'patches to apply; may be given again', collect, [])
    .option('--guest <name>', "a guest of guests/ whose root is the host's, or a .yaml file", 'virtme')
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'default: kvm where it runs guests, else tcg').choices(['kvm', 'tcg']))
    .option('--config <name>', 'a fragment of kconfig/ to add, beside virtme; may be given again', collect, [])
    .option('--results <dir>', 'console and files go to exec/ there (default: results/ beside the launcher)')
    .addOption(new Option('--via <program>', 'boot through virtme-ng, where that is on PATH').choices(['vng']))
    .argument('<command...>', 'the program and its words; begin them with --')
    .addHelpText('after', execHelp)
    .action(async (command: string[], options: Omit<ExecOptions, 'command'>) => exitWith(await exec(host, { ...options, command })));
  program.command('suite').description("play programs that people trust (tests/suites) on a kernel, and on the same kernel with a series, and compare")
    .option('--kernel <spec>', 'the kernel to test', 'debian:6.12')
    .option('--series <path>', 'patches to apply; may be given again', collect, [])
    .option('--guest <name>', "a guest of guests/ whose root is the host's, or a .yaml file", 'virtme')
    .option('--cpus <n>', "virtual CPUs (default: the guest's)", cpuCount)
    .addOption(new Option('--accel <name>', 'default: kvm where it runs guests, else tcg').choices(['kvm', 'tcg']))
    .option('--config <name>', 'a fragment of kconfig/ to add, beside virtme, such as lockdep; may be given again', collect, [])
    .option('--fstests <dir>', 'a built tree of fstests, for the suite of that name')
    .option('--results <dir>', 'where runs are kept (default: results/ beside the launcher)')
    .option('--json', 'one JSON document on stdout, everything else on stderr', false)
    .argument('[suite...]', 'names, globs, or .yaml files of your own (default: all)')
    .addHelpText('after', suiteHelp)
    .action(async (suites: string[], options: Omit<SuiteOptions, 'suites'>) => exitWith(await suite(host, { ...options, suites }, args)));
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

function togetherThreshold(): Option {
  return new Option('--together-threshold <time>', 'likewise for what several calls at once take, of which chance is a part').default(usualBounds.togetherNs, `${usualBounds.togetherNs / 1000}us`).argParser(nanoseconds);
}

function withJobs(host: Host, options: Jobs): Host {
  return options.jobs === undefined ? host : { ...host, jobs: options.jobs };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** As many as a guest's file may have. */
const mostCpus = 64;
/** More than this many processes of load would need memory that a small machine does not have. */
const mostLoad = 64;

function cpuCount(value: string): number {
  const cpus = count(value);
  if (cpus > mostCpus) throw new InvalidArgumentError(`expected at most ${mostCpus}`);
  return cpus;
}

function loadCount(value: string): number {
  const processes = wholeNumber(value);
  if (processes > mostLoad) throw new InvalidArgumentError(`expected at most ${mostLoad}`);
  return processes;
}

function count(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 to 999');
  return Number.parseInt(value, 10);
}
