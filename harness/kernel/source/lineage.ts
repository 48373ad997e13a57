import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDir } from '../../host/cached-dir.ts';
import type { Host } from '../../host/host.ts';
import { runGit } from '../git.ts';
import type { Lineage } from '../types.ts';

export interface LineageRequest {
  /** Names the origin: letters, digits, dots and dashes, because make takes neither spaces nor colons in a path. */
  readonly key: string;
  /** Object directory of a repository that is read from, never written. */
  readonly alternate?: string;
  readonly objectFormat?: string;
}

/**
 * The lineage `<cache>/trees/<key>` with its private bare repository, made when it is not there yet. The work tree and its index
 * come with the first checkout.
 * @throws DioramaError `program-failed`, `disk-full` (machine)
 */
export async function openLineage(host: Host, request: LineageRequest): Promise<Lineage> {
  const { dir } = await cachedDir(host, { kind: 'trees', key: request.key }, (part) => makeRepository(host, join(part, 'git'), request));
  return lineageAt(dir);
}

/** Where the parts of a lineage are. */
export function lineageAt(dir: string): Lineage {
  return { dir, gitDir: join(dir, 'git'), workTree: join(dir, 'tree'), lockFile: join(dir, 'lock') };
}

/** Index of the lineage's own work tree; snapshots of other directories have theirs. */
export function workTreeIndex(lineage: Lineage): string {
  return join(lineage.gitDir, 'index');
}

async function makeRepository(host: Host, gitDir: string, request: LineageRequest): Promise<void> {
  const format = request.objectFormat === undefined ? [] : [`--object-format=${request.objectFormat}`];
  await runGit(host, { args: ['init', '--quiet', '--bare', '--template=', ...format, gitDir], phase: 'making a private repository' });
  await appendFile(join(gitDir, 'config'), configuration);
  await mkdir(join(gitDir, 'info'), { recursive: true });
  await writeFile(join(gitDir, 'info/attributes'), bytesAsTheyAre);
  await writeFile(join(gitDir, 'info/exclude'), buildProducts);
  if (request.alternate !== undefined) {
    await mkdir(join(gitDir, 'objects/info'), { recursive: true });
    await writeFile(join(gitDir, 'objects/info/alternates'), `${request.alternate}\n`);
  }
}

/**
 * Speed over space and durability (the cache can be made again), no collection of objects that only a tree id in a record refers
 * to, and nothing that would change a byte or run a program on the way in or out.
 */
const configuration = `[core]
	compression = 1
	fsync = none
	logAllRefUpdates = false
	hooksPath = /dev/null
	excludesFile = /dev/null
	attributesFile = /dev/null
	autocrlf = false
	safecrlf = false
	symlinks = true
	fileMode = true
	fsmonitor = false
	untrackedCache = false
	splitIndex = false
[gc]
	auto = 0
[maintenance]
	auto = false
[checkout]
	workers = 0
[advice]
	addEmbeddedRepo = false
`;

/** Highest in git's order of attributes, so no \`.gitattributes\` of a tree can convert line ends or name a filter. */
const bytesAsTheyAre = '* -text -ident -filter !eol !working-tree-encoding\n';

/** For directories whose own \`.gitignore\` was lost: what an in-tree build leaves and an out-of-tree build refuses. */
const buildProducts = `*.o
*.ko
*.a
*.cmd
*.mod
*.mod.c
/.config
/.config.old
/vmlinux
/include/config/
/include/generated/
/arch/*/include/generated/
`;
