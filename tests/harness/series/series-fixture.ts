import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DioramaError } from '../../../harness/errors.ts';
import type { Host } from '../../../harness/host/host.ts';
import type { KernelSpec, Source } from '../../../harness/kernel/types.ts';

export const debian: KernelSpec = { kind: 'debian', series: '6.12' };

/** A host whose cache is `<dir>/cache`, the notes it was told, and how often a stage ended, made anew or reused. */
export function testHost(dir: string): { readonly host: Host; readonly notes: string[]; readonly stages: string[] } {
  const notes: string[] = [];
  const stages: string[] = [];
  const host: Host = {
    cache: join(dir, 'cache'),
    root: dir,
    jobs: 2,
    signal: new AbortController().signal,
    emit: (event) => {
      if (event.kind === 'note') notes.push(event.text);
      if (event.kind === 'stage-end') stages.push(`${event.stage} ${event.reused ? 'reused' : 'made'}`);
    },
  };
  return { host, notes, stages };
}

export function gitIn(dir: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const who = ['-c', 'safe.directory=*', '-c', 'user.name=A U Thor', '-c', 'user.email=author@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** A repository with the files committed. */
export function repository(dir: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(dir, { recursive: true });
  gitIn(dir, 'init', '--quiet', '--initial-branch=main');
  commit(dir, 'base', files);
  return dir;
}

export function commit(dir: string, subject: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  gitIn(dir, 'add', '--all');
  gitIn(dir, 'commit', '--quiet', '--allow-empty', '--message', subject);
  return gitIn(dir, 'rev-parse', 'HEAD');
}

/** The tree of `rev` as a source with a lineage of its own. */
export function sourceOf(dir: string, given: { readonly repository: string; readonly rev: string }): Source {
  const home = join(dir, 'lineage');
  const gitDir = join(home, 'git');
  mkdirSync(home, { recursive: true });
  gitIn(dir, 'init', '--quiet', '--bare', gitDir);
  gitIn(gitDir, 'fetch', '--quiet', given.repository, given.rev);
  return {
    spec: 'debian:6.12',
    version: '6.12.107',
    origin: 'test',
    treeId: gitIn(given.repository, 'rev-parse', `${given.rev}^{tree}`),
    lineage: { dir: home, gitDir, workTree: join(home, 'tree'), lockFile: join(home, 'lock') },
  };
}

export interface MailParts {
  readonly subject: string;
  readonly id?: string;
  readonly parent?: string;
  readonly body?: string;
  readonly headers?: readonly string[];
}

/** One mail of a mailbox as lore gives it. */
export function mail({ subject, id, parent, body, headers }: MailParts): string {
  return [
    'From mboxrd@z Thu Jan  1 00:00:00 1970',
    'From: A U Thor <author@example.com>',
    `Subject: ${subject}`,
    ...(id === undefined ? [] : [`Message-ID: <${id}>`]),
    ...(parent === undefined ? [] : [`In-Reply-To: <${parent}>`, `References: <${parent}>`]),
    ...(headers ?? []),
    '',
    body ?? 'No diff here.',
    '',
    '',
  ].join('\n');
}

/** The body of a patch mail that makes one new file. */
export function newFile(path: string, text = 'content'): string {
  return [
    'Why it is needed.',
    '---',
    ` ${path} | 1 +`,
    '',
    `diff --git a/${path} b/${path}`,
    'new file mode 100644',
    'index 0000000..d95f3ad',
    '--- /dev/null',
    `+++ b/${path}`,
    '@@ -0,0 +1 @@',
    `+${text}`,
    '-- ',
    '2.43.0',
  ].join('\n');
}

/** The error a promise ends with; throws when it does not. */
export async function errorOf(promise: Promise<unknown>, what = 'it'): Promise<DioramaError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DioramaError) return error;
    throw error;
  }
  throw new Error(`${what} was not refused`);
}

/** What is left under a directory, for "no temporary file stays". */
export function leftIn(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}
