import type { Host } from '../host/host.ts';
import { runGit, tryGit } from '../kernel/git.ts';
import { printable } from '../printable.ts';
import type { CommitRange } from './night-state.ts';

const mostNamed = 12;
const fusePaths = ['fs/fuse', 'include/uapi/linux/fuse.h'];

/** The commits of a mirror that came with `to` and were not in `from`; those that touch FUSE are named first. */
export async function commitRange(host: Host, given: { readonly path: string; readonly from: string; readonly to: string }): Promise<CommitRange> {
  const { path: gitDir, from, to } = given;
  const common = { from, to };
  const known = await tryGit(host, { gitDir, args: ['merge-base', '--is-ancestor', from, to] });
  // 1 is git's word for no; anything else means that one of them is gone, as after the cache was deleted.
  if (!known.ok && known.exitCode !== 1) return { ...common, relation: 'unknown', count: 0, fuse: 0, commits: [] };
  const range = `${from}..${to}`;
  const count = Number((await runGit(host, { gitDir, args: ['rev-list', '--count', range] })).toString('utf8'));
  const ofFuse = (await runGit(host, { gitDir, args: ['rev-list', range, '--', ...fusePaths] })).toString('utf8').split('\n').filter(Boolean);
  const all = (await runGit(host, { gitDir, args: ['rev-list', `--max-count=${String(mostNamed)}`, range] })).toString('utf8').split('\n').filter(Boolean);
  const ids = [...new Set([...ofFuse, ...all])].slice(0, mostNamed);
  const commits: CommitRange['commits'] = [];
  for (const id of ids) commits.push(await noteOf(host, gitDir, id));
  return { ...common, relation: known.ok ? 'ahead' : 'rebased', count, fuse: ofFuse.length, commits };
}

async function noteOf(host: Host, gitDir: string, id: string): Promise<CommitRange['commits'][number]> {
  const shown = await runGit(host, { gitDir, args: ['log', '-1', '--no-show-signature', '--encoding=UTF-8', '--format=%s%x00%an', id] });
  const [subject = '', author = ''] = shown.toString('utf8').split('\0');
  return { id, subject: printable(subject, 120), author: printable(author, 80) };
}
