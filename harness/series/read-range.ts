import type { Host } from '../host/host.ts';
import { runGit, tryGit } from '../kernel/git.ts';
import { printable } from '../printable.ts';
import { checkPatch } from './check-patch.ts';
import type { ReadPatches } from './read-patch-file.ts';
import type { Patch } from './types.ts';

const mostCommits = 1000;
/** Whatever the repository's own configuration says about how its owner likes to see diffs. */
const exactDiff = ['--binary', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/'];

/**
 * Reads the commits of `REV..REV` from somebody's repository, oldest first, as patches; merges are left out, with a note. Nothing in
 * that repository is written.
 * @throws DioramaError `program-failed` when git fails on a commit that it listed itself
 */
export async function readRange(host: Host, given: { readonly repository: string; readonly range: string }): Promise<ReadPatches> {
  const cwd = given.repository;
  const [from, to] = given.range.split('..');
  const ends: string[] = [];
  for (const rev of [from ?? '', to ?? '']) {
    const found = await tryGit(host, { cwd, args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`] });
    if (!found.ok) return failed(`${given.range}: no commit "${printable(rev)}" in ${given.repository}`);
    ends.push(found.stdout.toString().trim());
  }
  const span = `${ends[0]}..${ends[1]}`;
  const listed = await runGit(host, { cwd, args: ['rev-list', '--reverse', '--topo-order', '--parents', `--max-count=${mostCommits + 1}`, span] });
  const commits = listed.toString().split('\n').filter(Boolean).map((line) => line.split(' '));
  if (commits.length === 0) return failed(`${given.range}: no commit in it (the older one comes first)`);
  if (commits.length > mostCommits) return failed(`${given.range}: more than ${mostCommits} commits`);
  const merges = commits.filter(({ length }) => length > 2).length;
  const problems: string[] = [];
  const patches: Patch[] = [];
  for (const [commit = ''] of commits.filter(({ length }) => length <= 2)) {
    const patch = await readCommit(host, { cwd, commit });
    if (typeof patch === 'string') problems.push(`${given.range}: ${patch}`);
    else if (patch) patches.push(patch);
  }
  const left = `${given.range}: ${merges} merge commit${merges === 1 ? '' : 's'} left out; what they resolve is not in the series`;
  const notes = merges === 0 ? [] : [left];
  if (patches.length === 0 && problems.length === 0) problems.push(`${given.range}: its commits change nothing`);
  return { patches, notes, problems, ...(ends[0] === undefined ? {} : { baseCommit: ends[0] }) };
}

/** @returns nothing for a commit without a change, and a line of text for one that may not be applied */
async function readCommit(host: Host, given: { readonly cwd: string; readonly commit: string }): Promise<Patch | string | undefined> {
  const { cwd, commit } = given;
  const [shown, changed] = await Promise.all([
    runGit(host, { cwd, args: ['log', '-1', '--no-show-signature', '--encoding=UTF-8', '--format=%s', commit] }),
    runGit(host, { cwd, args: ['diff-tree', '--no-commit-id', '--root', '-r', '-p', ...exactDiff, commit] }),
  ]);
  const subject = printable(shown.toString('utf8').trim()) || commit.slice(0, 12);
  if (changed.length === 0) return undefined;
  const checked = await checkPatch(host, { diff: changed, strip: 1 });
  if (!checked.ok) return `commit ${commit.slice(0, 12)} "${subject}": ${checked.problem}`;
  return { subject, from: commit, diff: changed, strip: 1, files: checked.files };
}

function failed(problem: string): ReadPatches {
  return { patches: [], notes: [], problems: [printable(problem)] };
}
