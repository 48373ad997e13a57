import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { outsideRepositories, tryGit } from '../kernel/git.ts';
import { printable } from '../printable.ts';
import { guessStrip } from './guess-strip.ts';
import { type FileDiff, parseDiff, withoutPrefix } from './parse-diff.ts';
import type { PatchedFile } from './types.ts';
import { unsafeDiff, unsafePath } from './unsafe-diff.ts';
import { whyNoDiff } from './why-no-diff.ts';

export type CheckedPatch =
  | { readonly ok: true; readonly strip: number; readonly files: readonly PatchedFile[] }
  /** `problem` is one printable line. */
  | { readonly ok: false; readonly problem: string };

/**
 * Finds out, without a tree, whether git can apply this diff at all and whether it stays inside the tree. Nothing is touched.
 * `strip` is the number of leading path components to drop; without it, it is guessed from the paths. `flowed` says that the mail
 * declared itself format=flowed (RFC 3676); git mailinfo has undone what can be undone, so this is only the likely reason.
 */
export async function checkPatch(
  host: Host,
  given: { readonly diff: Buffer; readonly strip?: number; readonly flowed?: boolean },
): Promise<CheckedPatch> {
  const parsed = parseDiff(given.diff);
  const problem = whyNoDiff(given.diff) ?? unsafeDiff(parsed);
  if (problem !== undefined) return { ok: false, problem };
  const strip = given.strip ?? guessStrip(parsed);
  const listed = await listFiles(host, given.diff, strip);
  if (typeof listed === 'string') return { ok: false, problem: given.flowed === true ? `${listed}; ${flowedReason}` : listed };
  const outside = listed.map(unsafePath).find((found) => found !== undefined);
  if (outside !== undefined) return { ok: false, problem: outside };
  return { ok: true, strip, files: withPreImages(listed, parsed, strip) };
}

const flowedReason = 'its mail says format=flowed, and the mail program broke its lines: ask for git send-email or an attachment';

/** The paths as git apply understands them, or what it has against the diff. */
async function listFiles(host: Host, diff: Buffer, strip: number): Promise<string[] | string> {
  const cwd = join(host.cache, 'tmp');
  await mkdir(cwd, { recursive: true });
  const done = await tryGit(host, { args: ['apply', '--numstat', '-z', `-p${strip}`, '-'], input: diff, ...outsideRepositories(cwd) });
  if (!done.ok) return whatGitSays(done.stderr, diff);
  return [...done.stdout.toString('utf8').matchAll(/(?:\d+|-)\t(?:\d+|-)\t([^\0]*)\0/g)].map((entry) => entry[1] ?? '');
}

function whatGitSays(stderr: string, diff: Buffer): string {
  const said = /^(?:error|fatal): (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  const at = /(?:corrupt patch|fragment without header|only garbage|line) at (?:\S+:)?(?:line )?(\d+)/.exec(said)?.[1];
  if (/No valid patches/.test(said)) return 'git apply finds no change in it';
  if (at === undefined) return `git apply: ${printable(said)}`;
  const lines = diff.toString('utf8').split('\n');
  const line = lines[Number(at) - 1];
  if (/corrupt patch/.test(said) && (line === undefined || Number(at) >= lines.length - 1)) {
    return `the diff is cut short: its last hunk ends at line ${at}, before all the lines it promises`;
  }
  return `git apply: ${printable(said)}: "${printable(line ?? '', 80)}"`;
}

/** Adds to what git lists what the headers say; both are in the order of the diff. A moved file changes two paths. */
function withPreImages(listed: readonly string[], parsed: readonly FileDiff[], strip: number): PatchedFile[] {
  const left = [...parsed];
  return listed.flatMap((path) => {
    const at = left.findIndex((file) => namesOf(file, strip).includes(path));
    const [file] = at < 0 ? [] : left.splice(at, 1);
    const preImage = file?.preImage === undefined ? {} : { preImage: file.preImage };
    if (file?.movedFrom === undefined || file.movedFrom === path) return [{ path, ...preImage }];
    return [{ path: file.movedFrom, ...preImage }, { path }];
  });
}

function namesOf({ oldName, newName, movedTo }: FileDiff, strip: number): string[] {
  const written = [newName, oldName].filter((name) => name !== undefined).map((name) => withoutPrefix(name, strip));
  return movedTo === undefined ? written : [movedTo, ...written];
}
