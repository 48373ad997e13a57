import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import type { Mark } from '../judge/bisect-mark.ts';
import { printable } from '../printable.ts';
import { gitFailure, outsideRepositories, runGit, tryGit, type GitCall } from './git.ts';
import type { FoundCommit } from './source/git-source.ts';

export interface CommitRange {
  readonly good: FoundCommit;
  readonly bad: FoundCommit;
  /** As the user wrote them, for messages. */
  readonly goodText: string;
  readonly badText: string;
}

/** What a commit is, for people: printable. */
export interface CommitNote {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  /** ISO 8601. */
  readonly date: string;
}

/** How much git thinks there is to do after the commit at hand. */
export interface Left {
  readonly revisions: number;
  readonly steps: number;
}

export type Bisected =
  | { readonly kind: 'found'; readonly commit: CommitNote }
  /** `why`: what is left was skipped, or the caller stopped. */
  | { readonly kind: 'range'; readonly why: 'skipped' | 'stopped'; readonly commits: readonly CommitNote[]; readonly of: number };

const mostNamed = 50;

/**
 * Drives `git bisect` between two commits of somebody's repository in a bare one of its own, which borrows the objects and is removed
 * afterwards: no ref, file or work tree of the user's is written. Nothing is kept, since the same marks lead the same way; whoever
 * remembers them goes on where it was. `judge` says `stop` when it wants no more.
 * @throws DioramaError `program-failed` (machine), and what `judge` throws
 */
export async function bisectCommits(
  host: Host,
  range: CommitRange,
  judge: (commit: CommitNote, left: Left) => Promise<Mark | 'stop'>,
): Promise<Bisected> {
  return inPrivate(host, range, async (at) => {
    let left = await mark(host, at, ['start', '--no-checkout', range.bad.commit, range.good.commit]);
    for (;;) {
      const end = await endOf(host, at);
      if (end) return end;
      const id = (await runGit(host, { ...at, args: ['rev-parse', '--verify', 'BISECT_HEAD'] })).toString().trim();
      const said = await judge(await noteOf(host, at, id), left);
      if (said === 'stop') return rest(host, at);
      left = await mark(host, at, [said, id]);
    }
  });
}

/**
 * That there is something to bisect.
 * @throws DioramaError `bad-usage` when good is not an ancestor of bad
 */
export async function checkRange(host: Host, range: CommitRange): Promise<void> {
  await inPrivate(host, range, (at) => checkOrder(host, range, at));
}

async function inPrivate<T>(host: Host, range: CommitRange, work: (at: At) => Promise<T>): Promise<T> {
  const gitDir = await scratchDir(join(host.cache, 'tmp'), 'bisect-');
  const at = { ...outsideRepositories(gitDir), gitDir, phase: 'bisecting' };
  try {
    await borrow(host, range, at);
    return await work(at);
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

type At = Omit<GitCall, 'args'> & { readonly gitDir: string };

/** git wants a HEAD that is a commit; where a shallow clone ends it must be told. */
async function borrow(host: Host, { good, bad }: CommitRange, at: At): Promise<void> {
  await runGit(host, { ...at, args: ['init', '--quiet', '--bare', '--template=', `--object-format=${bad.objectFormat}`, at.gitDir] });
  await mkdir(join(at.gitDir, 'objects/info'), { recursive: true });
  const stores = [...new Set([good.objects, bad.objects])];
  await writeFile(join(at.gitDir, 'objects/info/alternates'), stores.map((path) => `${quotedPath(path)}\n`).join(''));
  await writeFile(join(at.gitDir, 'HEAD'), `${bad.commit}\n`);
  await copyFile(bad.shallow, join(at.gitDir, 'shallow')).catch(() => undefined);
}

/** gitrepository-layout(5): a line that begins with a double quote is quoted as in C; a `#` would begin a comment. */
function quotedPath(path: string): string {
  return /^[#"]|[\n\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"` : path;
}

async function checkOrder(host: Host, { good, bad, goodText, badText }: CommitRange, at: At): Promise<void> {
  const refuse = (why: string, next: string): never => {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--good ${printable(goodText)} --bad ${printable(badText)}: ${why}`, next });
  };
  if (good.commit === bad.commit) refuse(`both are commit ${good.commit.slice(0, 12)}`, 'give an older commit with --good');
  if (await isAncestor(host, at, [good.commit, bad.commit])) return;
  if (await isAncestor(host, at, [bad.commit, good.commit])) refuse('the bad commit is an ancestor of the good one', 'the commit that broke something is looked for: good is the older');
  refuse('the good commit is not an ancestor of the bad one', `git merge-base ${printable(goodText)} ${printable(badText)} names a common ancestor that may be good`);
}

/** `merge-base --is-ancestor` has 1 for no; anything else is no answer. */
async function isAncestor(host: Host, at: At, [older, younger]: readonly [string, string]): Promise<boolean> {
  const call = { ...at, args: ['merge-base', '--is-ancestor', older, younger] };
  const finished = await tryGit(host, call);
  if (!finished.ok && finished.exitCode !== 1) throw gitFailure(finished, call);
  return finished.ok;
}

/** 2 is git's word for "only skipped commits are left", which its log says too. */
async function mark(host: Host, at: At, args: readonly string[]): Promise<Left> {
  const call = { ...at, args: ['bisect', ...args] };
  const finished = await tryGit(host, call);
  if (!finished.ok && finished.exitCode !== 2) throw gitFailure(finished, call);
  const [, revisions, steps] = /^Bisecting: (\d+) revisions? left to test after this \(roughly (\d+) steps?\)$/m.exec(finished.stdout.toString('utf8')) ?? [];
  return { revisions: Number(revisions ?? 0), steps: Number(steps ?? 0) };
}

/** git bisect writes its end into BISECT_LOG, in lines that are not translated. */
async function endOf(host: Host, at: At): Promise<Bisected | undefined> {
  const log = await readFile(join(at.gitDir, 'BISECT_LOG'), 'utf8');
  const found = /^# first bad commit: \[([0-9a-f]+)\]/m.exec(log)?.[1];
  if (found !== undefined) return { kind: 'found', commit: await noteOf(host, at, found) };
  if (!/^# only skipped commits left to test$/m.test(log)) return undefined;
  return rangeOf(host, at, { why: 'skipped', ids: [...log.matchAll(/^# possible first bad commit: \[([0-9a-f]+)\]/gm)].map(([, id = '']) => id) });
}

async function rest(host: Host, at: At): Promise<Bisected> {
  const listed = await runGit(host, { ...at, args: ['rev-list', 'refs/bisect/bad', '--not', '--glob=refs/bisect/good-*'] });
  return rangeOf(host, at, { why: 'stopped', ids: listed.toString().split('\n').filter(Boolean) });
}

/** Youngest first, as git lists them; a range may have thousands. */
async function rangeOf(host: Host, at: At, given: { readonly why: 'skipped' | 'stopped'; readonly ids: readonly string[] }): Promise<Bisected> {
  const commits: CommitNote[] = [];
  for (const id of given.ids.slice(0, mostNamed)) commits.push(await noteOf(host, at, id));
  return { kind: 'range', why: given.why, commits, of: given.ids.length };
}

async function noteOf(host: Host, at: At, id: string): Promise<CommitNote> {
  const shown = await runGit(host, { ...at, args: ['log', '-1', '--no-show-signature', '--encoding=UTF-8', '--format=%s%x00%an <%ae>%x00%aI', id] });
  const [subject = '', author = '', date = ''] = shown.toString('utf8').split('\0');
  return { id, subject: printable(subject, 120), author: printable(author, 120), date: printable(date, 40) };
}
