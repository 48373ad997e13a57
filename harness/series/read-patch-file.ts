import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import { checkPatch } from './check-patch.ts';
import { parseSubject, type Place } from './mail-subject.ts';
import { orderPatches, type PostedMail } from './order-patches.ts';
import { plainLines } from './plain-lines.ts';
import { looksLikeMail, type Mail, splitMbox } from './split-mbox.ts';
import type { Patch } from './types.ts';
import { holdsDiff, whyNoDiff } from './why-no-diff.ts';

/** What one `--series`, or one file of it, came to. With a problem, the rest is of no use. */
export interface ReadPatches {
  readonly patches: readonly Patch[];
  readonly notes: readonly string[];
  /** Printable lines that name the file. */
  readonly problems: readonly string[];
  readonly baseCommit?: string;
  /** For single mails: their place in a series, in the order they are applied. */
  readonly places?: readonly Place[];
  /** It is one mail, a cover letter: a problem, unless its patches are beside it. */
  readonly cover?: boolean;
}

const mostMiB = 64;
const mostBytes = mostMiB * 1024 * 1024;

/**
 * Reads a file with one bare diff, one mail, or a mailbox; gzip is undone. `strip` overrules what the paths of the diffs suggest.
 * What is wrong with the file is returned, not thrown.
 * @throws DioramaError `bad-series` when git cannot split the mailbox
 */
export async function readPatchFile(host: Host, given: { readonly path: string; readonly strip?: number }): Promise<ReadPatches> {
  const bytes = await readWhole(given.path);
  if (typeof bytes === 'string') return failed(given.path, bytes);
  const strip = given.strip === undefined ? {} : { strip: given.strip };
  const read = looksLikeMail(bytes)
    ? await readMailbox(host, { bytes, path: given.path, ...strip })
    : await readBare(host, { bytes, path: given.path, ...strip });
  const baseCommit = /^base-commit: ([0-9a-f]{40}(?:[0-9a-f]{24})?)\r?$/m.exec(bytes.toString('latin1'))?.[1];
  return { ...read, ...(baseCommit === undefined ? {} : { baseCommit }) };
}

interface Content {
  readonly bytes: Buffer;
  readonly path: string;
  readonly strip?: number;
}

/** @returns the reason when it cannot be a text */
async function readWhole(path: string): Promise<Buffer | string> {
  let raw: Buffer;
  try {
    const status = await stat(path);
    if (!status.isFile()) return 'not a file';
    if (status.size > mostBytes) return `${Math.ceil(status.size / 1024 / 1024)} MiB; a series of at most ${mostMiB} MiB is read`;
    raw = await readFile(path);
  } catch (error) {
    return printable((error as Error).message);
  }
  const packed = unpack(raw);
  if (typeof packed === 'string') return packed;
  const text = packed.subarray(0, 3).toString('hex') === 'efbbbf' ? packed.subarray(3) : packed;
  if (text.toString('latin1').trim() === '') return 'empty';
  if (text.includes(0)) return 'NUL bytes in it: binary or damaged, or text in UTF-16';
  return text;
}

function unpack(raw: Buffer): Buffer | string {
  const magic = raw.subarray(0, 6).toString('hex');
  if (/^(?:fd377a585a00|28b52ffd|425a68)/.test(magic)) return 'compressed with xz, zstd or bzip2: unpack it first (gzip is understood)';
  if (!magic.startsWith('1f8b')) return raw;
  try {
    return gunzipSync(raw, { maxOutputLength: mostBytes });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return tooLong ? `more than ${mostMiB} MiB when unpacked` : `damaged gzip: ${printable((error as Error).message)}`;
  }
}

async function readBare(host: Host, { bytes, path, strip }: Content): Promise<ReadPatches> {
  const diff = plainLines(bytes);
  const checked = await checkPatch(host, { diff, ...(strip === undefined ? {} : { strip }) });
  if (!checked.ok) return failed(path, checked.problem);
  const name = printable(basename(path));
  return { patches: [{ subject: name, from: name, diff, strip: checked.strip, files: checked.files }], notes: [], problems: [] };
}

interface PatchMail extends PostedMail {
  readonly mail: Mail;
}

async function readMailbox(host: Host, { bytes, path, strip }: Content): Promise<ReadPatches> {
  const name = printable(basename(path));
  const mails = await splitMbox(host, { bytes, name: path });
  const ordered = orderPatches(mails.map(postedMail));
  const problems = [...ordered.problems];
  const patches: Patch[] = [];
  for (const { mail } of ordered.patches) {
    const flowed = /format\s*=\s*"?flowed/i.test(mail.headers.get('content-type') ?? '');
    const checked = await checkPatch(host, { diff: mail.patch, flowed, ...(strip === undefined ? {} : { strip }) });
    if (!checked.ok) problems.push(mails.length === 1 ? checked.problem : `mail ${mail.number} "${printable(mail.subject, 80)}": ${checked.problem}`);
    else patches.push({ ...nameOf(mail, { name, only: mails.length === 1 }), diff: mail.patch, strip: checked.strip, files: checked.files });
  }
  if (ordered.patches.length === 0 && problems.length === 0) problems.push(whyNoPatch(mails));
  const prefixed = (lines: readonly string[]): string[] => lines.map((line) => `${printable(path)}: ${line}`);
  const place = mails.length === 1 ? parseSubject(mails[0]?.subject ?? '').place : undefined;
  const read = { patches, notes: prefixed(ordered.notes), problems: prefixed(problems) };
  if (!place) return read;
  return place.n === 0 ? { ...read, cover: true } : { ...read, places: [place] };
}

function postedMail(mail: Mail): PatchMail {
  const ids = (header: string): string[] => [...(mail.headers.get(header) ?? '').matchAll(/<([^<>\s]+)>/g)].map((id) => id[1] ?? '');
  return {
    mail,
    number: mail.number,
    subject: mail.subject,
    id: ids('message-id')[0] ?? '',
    parents: [...ids('in-reply-to'), ...ids('references')],
    holdsDiff: holdsDiff(mail.patch),
    digest: createHash('sha256').update(mail.patch).digest('hex'),
  };
}

function nameOf(mail: Mail, file: { readonly name: string; readonly only: boolean }): { subject: string; from: string } {
  const subject = printable(parseSubject(mail.subject).title);
  return { subject: subject === '' ? file.name : subject, from: file.only ? file.name : `${file.name}, mail ${mail.number}` };
}

function whyNoPatch(mails: readonly Mail[]): string {
  const [only] = mails;
  if (mails.length === 1 && only) {
    const { reply, place } = parseSubject(only.subject);
    if (reply) return 'a reply, not a patch: save its diff, if it has one, as a .diff file';
    if (place?.n === 0) return 'a cover letter, without its patches';
    return whyNoDiff(only.patch) === 'empty' ? 'a mail without a diff' : (whyNoDiff(only.patch) ?? 'a mail without a diff');
  }
  const replies = mails.filter((mail) => parseSubject(mail.subject).reply).length;
  return `no patch among ${mails.length} mails (${replies} replies)`;
}

function failed(path: string, problem: string): ReadPatches {
  return { patches: [], notes: [], problems: [`${printable(path)}: ${problem}`] };
}
