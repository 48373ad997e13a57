import { createHash } from 'node:crypto';
import { open, readFile, readdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { readEvents } from '../results/event-log.ts';
import type { RunRecord } from '../results/run-record.ts';
import { plainExcerpt } from './plain-excerpt.ts';
import { startKey, type RunFacts, type SceneEvidence } from './run-facts.ts';

/** No guest of ours prints more before it is stopped (guests/*.yaml, limits). */
const longestConsoleBytes = 8 * 1024 * 1024;

/**
 * Reads what the formats need of a run's directory and of diorama's own: evidence that is missing is left out.
 * @throws DioramaError `bad-file` when tests/known-issues.yaml is none
 */
export async function readRunFacts(host: Host, run: { readonly dir: string; readonly record: RunRecord }): Promise<RunFacts> {
  const { dir, record } = run;
  const evidence = new Map<string, SceneEvidence>();
  for (const played of record.scenes) {
    if (played.verdict.kind === 'pass' || !staysInside(played.dir)) continue;
    evidence.set(played.dir, { console: plainExcerpt(await readText(join(dir, played.dir, 'console'))) });
  }
  const events = await readEvents(dir);
  const starts = new Map(events.flatMap(({ event, time }) => (event.kind === 'scene-start' ? [[startKey(event), time] as const] : [])));
  const tester = await readTester(host);
  return {
    record, evidence, starts,
    patchHashes: await hashPatches(dir),
    issues: await findKnownIssues(host.root),
    failureLog: await readFailureLog(dir, record),
    events: events.map(({ line }) => line),
    ...(tester === undefined ? {} : { tester }),
  };
}

/** A record that was made by somebody else names no file outside of its run. */
function staysInside(path: string): boolean {
  return !isAbsolute(path) && !normalize(path).startsWith('..');
}

/** The first bytes of a file as UTF-8, with U+FFFD for what is none; nothing for a file that is not there. */
async function readText(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const buffer = Buffer.alloc(Math.min(longestConsoleBytes, (await handle.stat()).size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await handle.close();
  }
}

async function hashPatches(dir: string): Promise<string[]> {
  const names = (await readdir(join(dir, 'series')).catch(() => [])).filter((name) => /^\d{4,}\.patch$/.test(name)).sort();
  return Promise.all(names.map(async (name) => createHash('sha256').update(await readFile(join(dir, 'series', name))).digest('hex')));
}

/** `build-failed-patched.txt` and the like (engine/prepare-sides.ts). */
async function readFailureLog(dir: string, record: RunRecord): Promise<string[]> {
  if (!record.error) return [];
  const { code } = record.error;
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.startsWith(`${code}-`) && name.endsWith('.txt')).sort();
  return names[0] === undefined ? [] : plainExcerpt(await readText(join(dir, names[0])));
}

async function readTester(host: Host): Promise<RunFacts['tester']> {
  const ask = async (key: string): Promise<string> => {
    const asked = await runProgram({ file: 'git', args: ['config', '--get', key], timeoutMs: 10_000, signal: host.signal, cwd: process.cwd() }).catch(() => undefined);
    return asked?.ok === true ? asked.stdout.toString('utf8').trim() : '';
  };
  const [name, email] = [await ask('user.name'), await ask('user.email')];
  return name === '' || email === '' ? undefined : { name, email };
}
