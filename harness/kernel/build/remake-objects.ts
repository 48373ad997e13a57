import { statSync } from 'node:fs';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { workOff } from '../../host/work-off.ts';
import type { Host } from '../../host/host.ts';
import { runProgram } from '../../host/run-program.ts';
import type { Finished } from '../../host/run-program.ts';
import { shellCommand } from './parse-cmd-file.ts';
import type { CmdFile } from './parse-cmd-file.ts';
import { readCmdFiles } from './read-cmd-files.ts';

const module = 'fs/fuse/fuse';
const modpost = 'Module.symvers';
const moduleList = 'modules.order';
/** With these, kbuild does more to an object or a module than its saved command says. */
const doesMore = /^CONFIG_(?:MODVERSIONS|LTO_CLANG|DEBUG_INFO_BTF_MODULES|FTRACE_MCOUNT_USE_RECORDMCOUNT|TRIM_UNUSED_KSYMS)=y$/m;

export interface RemakeRequest {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly log: string;
  onLine(line: string): void;
  /** The error to throw for a program that did not end well. */
  failure(finished: Finished): Error;
}

/**
 * Makes fuse.ko again in a directory that was built whole, where nothing but the content of files that its objects read has changed
 * since, without make: each object that is older than something it read, by the very command that made it, then what is linked of
 * them, in the order of scripts/Makefile.modpost and Makefile.modfinal. make takes seconds of processor time to find that out.
 * Dependencies are noted as kbuild notes them, so the next make finds nothing to do.
 * @returns whether it was made; when something is not as expected, make has to do it
 * @throws what `failure` makes of the first program that failed
 */
export async function remakeObjects(host: Host, request: RemakeRequest): Promise<boolean> {
  const plan = await planOf(request.dir);
  if (plan === undefined) return false;
  const work = { host, request, endsAt: performance.now() + request.timeoutMs };
  await workOff(host.jobs, plan.stale, (file) => compile(work, file));
  await link(work, plan.whole, 'LD [M]');
  await checkSymbols(work, plan.modpost);
  // modpost does not write again what is the same.
  if (isStale(request.dir, plan.glue) === true) await compile(work, plan.glue);
  await link(work, plan.module, 'LD [M]');
  return true;
}

interface Plan {
  readonly stale: readonly CmdFile[];
  /** fuse.o, of all objects. */
  readonly whole: CmdFile;
  readonly modpost: CmdFile;
  /** fuse.mod.o, of what modpost wrote. */
  readonly glue: CmdFile;
  readonly module: CmdFile;
}

interface Work {
  readonly host: Host;
  readonly request: RemakeRequest;
  readonly endsAt: number;
}

async function planOf(dir: string): Promise<Plan | undefined> {
  if (doesMore.test(await readFile(join(dir, '.config'), 'utf8').catch(() => 'CONFIG_MODVERSIONS=y'))) return undefined;
  const known = new Map((await readCmdFiles(join(dir, dirname(module)))).map((file) => [file.target, file]));
  const [whole, glue, ko] = [known.get(`${module}.o`), known.get(`${module}.mod.o`), known.get(`${module}.ko`)];
  const symbols = await symbolsCommand(dir);
  const parts = (await readFile(join(dir, `${module}.mod`), 'utf8').catch(() => '')).split(/\s+/).filter((part) => part !== '');
  const objects = parts.map((part) => known.get(part));
  if (whole === undefined || glue === undefined || ko === undefined || symbols === undefined || parts.length === 0) return undefined;
  const stale: { readonly file: CmdFile; readonly bytes: number }[] = [];
  const ages = new Map<string, bigint | undefined>();
  for (const file of [...objects, glue]) {
    if (file === undefined || !isCompiled(file)) return undefined;
    const age = isStale(dir, file, ages);
    if (age === undefined) return undefined;
    if (age && file !== glue) stale.push({ file, bytes: await sizeOf(resolve(dir, file.source ?? '')) });
  }
  // The longest first, or the last one keeps the others waiting.
  stale.sort((a, b) => b.bytes - a.bytes);
  return { stale: stale.map(({ file }) => file), whole, modpost: symbols, glue, module: ko };
}

/** It reads a list of modules, and vmlinux.o, which a build that did not come to its end may not have. */
async function symbolsCommand(dir: string): Promise<CmdFile | undefined> {
  const found = (await readCmdFiles(dir)).find(({ target }) => target === modpost);
  return found?.saved.includes(` ${moduleList}`) && mtimeOf(join(dir, 'vmlinux.o')) !== undefined ? found : undefined;
}

function isCompiled(file: CmdFile): boolean {
  return file.source !== undefined && shellCommand(file.saved).includes(`-Wp,-MMD,${noteOf(file.target, 'd')} `);
}

/**
 * As make sees it. What 17 objects read is for the most part the same: with `ages` no file is asked twice, and each at once, which takes a
 * tenth of what a promise for it would.
 * @returns undefined when something that it read is not there any more
 */
function isStale(dir: string, file: CmdFile, ages = new Map<string, bigint | undefined>()): boolean | undefined {
  const ageOf = (path: string): bigint | undefined => {
    if (!ages.has(path)) ages.set(path, mtimeOf(resolve(dir, path)));
    return ages.get(path);
  };
  const madeAt = mtimeOf(join(dir, file.target));
  const read = [file.source ?? '', ...file.included].map(ageOf);
  if (read.includes(undefined)) return undefined;
  return madeAt === undefined || read.some((at) => at !== undefined && at > madeAt);
}

function mtimeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(({ size }) => size, () => 0);
}

/** `cmd_and_fixdep` of scripts/Kbuild.include: the command, then the note of it and of what it read. */
async function compile(work: Work, file: CmdFile): Promise<void> {
  const { dir } = work.request;
  const depfile = noteOf(file.target, 'd');
  const note = join(dir, noteOf(file.target, 'cmd'));
  try {
    await shell(work, `${shellCommand(file.saved)}; scripts/basic/fixdep ${depfile} ${file.target} "$3" > "$4"; rm -f ${depfile}`, 'CC [M]', [file.target, file.saved, `${note}.part`]);
    await writeFile(`${note}.part`, `${await readFile(`${note}.part`, 'utf8')}${file.rest}`);
    await rename(`${note}.part`, note);
  } catch (error) {
    // Like make's .DELETE_ON_ERROR: what objtool gave up on must not pass for made.
    await rm(join(dir, file.target), { force: true });
    await rm(`${note}.part`, { force: true });
    throw error;
  }
}

/** As `single_modules` of the top Makefile has it: for this module alone, by a list that is taken away because it is not the real one. */
async function checkSymbols(work: Work, file: CmdFile): Promise<void> {
  const list = join(work.request.dir, moduleList);
  // Until 6.2 it named the modules, and sed made objects of them.
  await writeFile(list, `${module}.${file.saved.includes('s/ko') ? 'ko' : 'o'}\n`);
  try {
    await link(work, file, 'MODPOST');
  } finally {
    await rm(list, { force: true });
  }
}

async function link(work: Work, file: CmdFile, word: string): Promise<void> {
  const { dir } = work.request;
  try {
    await shell(work, shellCommand(file.saved), word, [file.target]);
  } catch (error) {
    if (file.target !== modpost) await rm(join(dir, file.target), { force: true });
    throw error;
  }
  // A target that is younger than its note was being made when its maker died (discard-half-made.ts).
  const now = new Date();
  await utimes(join(dir, noteOf(file.target, 'cmd')), now, now);
}

/** A neighbour of the target: `fs/fuse/.file.o.cmd`. */
function noteOf(target: string, kind: 'cmd' | 'd'): string {
  return join(dirname(target), `.${basename(target)}.${kind}`);
}

/** Says what it makes as make would, in the log too: `word` and the target, which is the first of `args`; `$1` is the word. */
async function shell({ request, host, endsAt }: Work, script: string, word: string, args: readonly string[]): Promise<void> {
  const finished = await runProgram({
    file: 'sh',
    kind: 'compiler',
    args: ['-c', `set -e; printf '  %s %s\\n' "$1" "$2"; ${script}`, 'sh', word, ...args],
    cwd: request.dir,
    // As kbuild has it: messages as they are, for which make's own Makefile unsets LC_ALL.
    env: { ...request.env, LC_ALL: 'C' },
    timeoutMs: Math.max(1, endsAt - performance.now()),
    signal: host.signal,
    endsWithUs: true,
    log: request.log,
    onLine: (line) => request.onLine(line),
  });
  if (!finished.ok) throw request.failure(finished);
}
