import type { Host } from '../host/host.ts';
import { tryGit } from '../kernel/git.ts';
import type { Source } from '../kernel/types.ts';
import type { Series } from './types.ts';

/** What the `index` lines of a series say about the tree it was made on. */
export interface BaseEvidence {
  /** For people; nothing when all is as it was. */
  readonly lines: readonly string[];
  /** Some file is not as it was when the series was made. */
  readonly foreign: boolean;
}

const mostLines = 8;

/**
 * Holds the blobs the series was made against to those of the unpatched tree. Only the first patch that touches a file can tell:
 * the later ones were made against what the first left.
 */
export async function blobsOfSeries(host: Host, given: { readonly source: Source; readonly series: Series }): Promise<BaseEvidence> {
  const { source } = given;
  const wanted = firstPreImages(given.series);
  if (wanted.size === 0) return { lines: ['the diffs have no index lines: what they were made against is not known'], foreign: false };
  const here = await blobsHere(host, source, [...wanted.keys()]);
  const lines: string[] = [];
  let same = 0;
  for (const [path, blob] of wanted) {
    const now = here.get(path);
    if (/^0+$/.test(blob) ? now === undefined : now?.startsWith(blob) === true) same += 1;
    else lines.push(await difference(host, { source, path, blob, now }));
  }
  if (lines.length === 0) return { lines: ['every file is as it was when the series was made: the fault is in the patches'], foreign: false };
  const rest = lines.length > mostLines ? [`… and ${lines.length - mostLines} more`] : [];
  const sum = `${lines.length} of ${lines.length + same} files are not as in ${source.spec} (${source.version}): the series is for another base`;
  return { lines: [...lines.slice(0, mostLines), ...rest, sum], foreign: true };
}

function firstPreImages(series: Series): Map<string, string> {
  const first = new Map<string, string | undefined>();
  for (const { path, preImage } of series.patches.flatMap(({ files }) => files)) if (!first.has(path)) first.set(path, preImage);
  return new Map([...first].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function blobsHere(host: Host, source: Source, paths: readonly string[]): Promise<Map<string, string>> {
  const here = new Map<string, string>();
  for (let at = 0; at < paths.length; at += 500) {
    const args = ['ls-tree', '-z', source.treeId, '--', ...paths.slice(at, at + 500)];
    const listed = await tryGit(host, { gitDir: source.lineage.gitDir, args });
    for (const [, blob = '', path = ''] of listed.stdout.toString('utf8').matchAll(/\d{6} blob ([0-9a-f]+)\t([^\0]*)\0/g)) here.set(path, blob);
  }
  return here;
}

async function difference(
  host: Host,
  given: { readonly source: Source; readonly path: string; readonly blob: string; readonly now: string | undefined },
): Promise<string> {
  const { source, path, blob, now } = given;
  if (/^0+$/.test(blob)) return `${path}: made as a new file; this tree (${source.version}) has it already`;
  const has = now === undefined ? 'has no such file' : `has ${now.slice(0, Math.max(12, blob.length))} there`;
  const known = await tryGit(host, { gitDir: source.lineage.gitDir, args: ['cat-file', '-e', `${blob}^{blob}`] });
  const elsewhere = known.ok ? 'is in its repository, but not at this place' : 'is not in its repository at all';
  return `${path}: made against blob ${blob}; this tree (${source.version}) ${has}, and ${blob} ${elsewhere}`;
}
