import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { outsideRepositories, tryGit } from '../kernel/git.ts';
import { plainLines } from './plain-lines.ts';
import { badSeries } from './series-error.ts';

export interface Mail {
  /** Position in the mailbox, from 1. */
  readonly number: number;
  /** Decoded and unfolded, with its brackets; empty when there is none. */
  readonly subject: string;
  /** Lower-cased header names; the last of each, unfolded but not decoded. */
  readonly headers: ReadonlyMap<string, string>;
  /** Transfer encoding undone; everything after the commit message, so a mail without a diff may have some text here. */
  readonly patch: Buffer;
}

const mostMails = 2000;

/**
 * Splits a mailbox with git mailsplit and takes its mails apart with git mailinfo: multipart, base64, quoted-printable and
 * charsets are git's business. That lore quotes `>From ` in bodies (mboxrd) is left as it is: it only happens above the diff.
 * @throws DioramaError `bad-series` when git cannot split it, or it holds more than 2000 mails
 */
export async function splitMbox(host: Host, given: { readonly bytes: Buffer; readonly name: string }): Promise<Mail[]> {
  const dir = await scratchDir(join(host.cache, 'tmp'), 'mbox-');
  try {
    const files = await split(host, given, dir);
    const mails: Mail[] = [];
    for (const [at, file] of files.entries()) {
      const mail = await takeApart(host, { bytes: await readFile(file), number: at + 1, dir });
      if (mail) mails.push(mail);
    }
    return mails;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Whether git would see a mail here: a `From ` line of a mailbox, or headers with a From or Subject among them. */
export function looksLikeMail(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64 * 1024).toString('latin1').trimStart();
  if (/^From \S+.*\d\d:\d\d:\d\d.*\d{4}/.test(start)) return true;
  const head = start.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const lines = head.split(/\r?\n/);
  return lines.every((line) => /^[!-9;-~]+:|^[ \t]/.test(line)) && lines.some((line) => /^(?:from|subject|message-id):/i.test(line));
}

async function split(host: Host, given: { readonly bytes: Buffer; readonly name: string }, dir: string): Promise<string[]> {
  const done = await tryGit(host, {
    args: ['mailsplit', '-b', '-d6', '--keep-cr', `-o${dir}`],
    input: given.bytes,
    ...outsideRepositories(dir),
  });
  if (!done.ok) {
    throw badSeries({ message: `${given.name}: git mailsplit cannot split it`, details: done.stderr.trim().split('\n').slice(0, 5) });
  }
  const names = (await readdir(dir)).sort();
  if (names.length > mostMails) throw badSeries({ message: `${given.name}: ${names.length} mails; at most ${mostMails} are read` });
  return names.map((name) => join(dir, name));
}

/**
 * Without an option mailinfo converts to UTF-8 (with `--encoding=` git 2.39 does not), and a charset it does not know stops it midway:
 * then it is told not to convert.
 */
async function takeApart(
  host: Host,
  given: { readonly bytes: Buffer; readonly number: number; readonly dir: string },
): Promise<Mail | undefined> {
  const bytes = withLf(given.bytes);
  const patchFile = join(given.dir, 'patch');
  const run = (...encoding: string[]) =>
    tryGit(host, {
      args: ['mailinfo', '-k', ...encoding, '--no-scissors', '--quoted-cr=nowarn', join(given.dir, 'message'), patchFile],
      input: bytes,
      ...outsideRepositories(given.dir),
    });
  await writeFile(patchFile, '');
  const asUtf8 = await run();
  const done = asUtf8.ok && !asUtf8.stderr.includes('cannot convert') ? asUtf8 : await run('-n');
  const headers = readHeaders(bytes);
  if (!done.ok && headers.size === 0) return undefined;
  const decoded = /^Subject: (.*)$/m.exec(done.stdout.toString('utf8'))?.[1];
  return {
    number: given.number,
    subject: decoded ?? headers.get('subject') ?? '',
    headers,
    patch: plainLines(await readFile(patchFile)),
  };
}

/** For mailinfo's sake, which wants headers with LF. */
function withLf(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const secondLine = text.slice(text.indexOf('\n') + 1);
  const end = secondLine.indexOf('\n');
  return end > 0 && secondLine[end - 1] === '\r' ? Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1') : bytes;
}

/** RFC 5322 2.2: names up to the colon, folded lines joined, until the first empty line. */
function readHeaders(mail: Buffer): Map<string, string> {
  const head = mail.toString('latin1').split('\n\n', 1)[0] ?? '';
  const headers = new Map<string, string>();
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const field = /^([!-9;-~]+):\s*(.*)$/.exec(line);
    if (field) headers.set((field[1] ?? '').toLowerCase(), (field[2] ?? '').trim());
  }
  return headers;
}
