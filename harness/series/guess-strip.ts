import type { FileDiff } from './parse-diff.ts';

/** What a kernel tree has at its top, over all versions from 5.10 to 7.x. */
const topOfTree = new Set(
  (
    'Documentation LICENSES arch block certs crypto drivers fs include init io_uring ipc kernel lib mm net rust samples scripts ' +
    'security sound tools usr virt COPYING CREDITS Kbuild Kconfig MAINTAINERS Makefile README'
  ).split(' '),
);

/**
 * How many leading components the paths of a diff have too many: 1 for `a/` and `b/` and for two directories (`diff -ur old new`),
 * 0 for a diff made inside the tree (`--- fs/fuse/file.c`, diff.noprefix).
 */
export function guessStrip(files: readonly FileDiff[]): 0 | 1 {
  const votes = files.map(voteOf).filter((vote) => vote !== undefined);
  return votes.length > 0 && votes.every((vote) => vote === 0) ? 0 : 1;
}

function voteOf({ git, oldName, newName }: FileDiff): 0 | 1 | undefined {
  const names = [oldName, newName].filter((name) => name !== undefined);
  const first = names[0];
  if (first === undefined) return undefined;
  if (names.every((name) => /^(?:[abciow]|\.)\//.test(name))) return 1;
  if (names.some((name) => !name.includes('/'))) return 0;
  if (git && oldName !== undefined && oldName === newName) return 0;
  const tops = new Set(names.map((name) => name.slice(0, name.indexOf('/'))));
  return tops.size === 1 && topOfTree.has([...tops][0] ?? '') ? 0 : 1;
}
