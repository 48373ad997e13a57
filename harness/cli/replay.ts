import { join } from 'node:path';
import { replayScene, type Replayed } from '../engine/replay-scene.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import { readRun } from '../results/read-run.ts';
import type { RunRecord } from '../results/run-record.ts';
import { coloursFor } from './colours.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';

export interface ReplayOptions {
  readonly side?: string;
  readonly results?: string;
  readonly json: boolean;
}

/**
 * `./diorama replay RUN/SCENE`: plays a scene of a stored run again from its results alone and says whether the trace is the same.
 * @returns 0 the same to the byte, 1 another
 * @throws DioramaError `bad-usage` when there is no such run or scene, or when more than one side failed and none is named
 */
export async function replay(outer: Host, what: string, options: ReplayOptions): Promise<number> {
  const results = resultsDir(outer, options.results);
  const at = what.lastIndexOf('/');
  const [name, scene] = [what.slice(0, at), what.slice(at + 1)];
  if (at <= 0 || scene === '') throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${printable(what)}: a run and a scene are needed, as in latest/write-does-not-overtake-mmap`, next: './diorama runs' });
  const { dir, record } = await readRun(results, name);
  const played = chooseSide(record, { scene, side: options.side, run: name });
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 1 });
  const host: Host = { ...outer, emit: progress.emit };
  const to = join(results, 'replay', record.id, played.side, scene);
  const replayed = await replayScene(host, { run: dir, scene, side: played.side, evidence: played.dir, traceId: played.traceId, programId: played.programId, model: record.model, dir: to }).finally(() => progress.end());
  const same = replayed.difference === undefined;
  if (options.json) process.stdout.write(`${JSON.stringify({ run: record.id, scene, side: played.side, same, ...replayed, was: played.verdict, dir: to }, null, 2)}\n`);
  else process.stdout.write(`${describeReplay(replayed, { scene, side: played.side, was: played.verdict }).join('\n')}\nevidence in ${shown(to)}\n`);
  return same ? 0 : 1;
}

interface PlayedOn {
  readonly side: string;
  readonly dir: string;
  readonly verdict: RunRecord['scenes'][number]['verdict'];
  readonly traceId?: string | undefined;
  readonly programId?: string | undefined;
}

/** The side that was asked for; else the one that failed; of a scene that failed on none, the last that was played. */
function chooseSide(record: RunRecord, given: { readonly scene: string; readonly side: string | undefined; readonly run: string }): PlayedOn {
  const { scene } = given;
  const prefixes = (record.steps ?? []).flatMap((step): PlayedOn[] => step.scenes.filter((row) => row.scene === scene).map(({ dir, verdict }) => ({ side: dir.split('/')[0] ?? '', dir, verdict })));
  const sides: PlayedOn[] = record.scenes.filter((row) => row.scene === scene);
  const bad = (message: string, next: string): DioramaError => new DioramaError({ blame: 'usage', code: 'bad-usage', message, next });
  if (sides.length === 0) throw bad(`${printable(given.run)}: this run played no scene '${printable(scene)}'`, `./diorama show ${printable(given.run)}`);
  if (given.side !== undefined) {
    const found = [...sides, ...prefixes].find(({ side }) => side === given.side);
    if (found) return found;
    throw bad(`--side ${printable(given.side)}: this run did not play '${printable(scene)}' there`, `one of: ${[...new Set([...sides, ...prefixes].map(({ side }) => printable(side)))].join(', ')}`);
  }
  const failed = sides.filter(({ verdict }) => !['pass', 'skip', 'known'].includes(verdict.kind));
  const [first, second] = failed;
  if (second) throw bad(`${printable(scene)} failed on both sides: say which one to replay`, '--side base, or --side patched');
  const chosen = first ?? sides.at(-1);
  if (!chosen) throw bad(`${printable(given.run)}: this run played no scene '${printable(scene)}'`, `./diorama show ${printable(given.run)}`);
  return chosen;
}

function describeReplay(replayed: Replayed, given: { readonly scene: string; readonly side: string; readonly was: PlayedOn['verdict'] }): string[] {
  const { difference, verdict, qemu } = replayed;
  const colours = coloursFor(process.stdout);
  const where = `${given.scene} on ${given.side}`;
  const lines = difference === undefined
    ? [`${where}: ${colours.good('the same trace')}, to the byte: ${replayed.events} events, ${replayed.traceBytes} bytes${replayed.sameConsole ? '; the console too' : '; the console is another'}`]
    : [
      `${where}: ${colours.bad('another trace')}, from line ${difference.line} on`,
      `    was  ${difference.was === undefined ? 'at its end' : printable(difference.was, 400)}`,
      `    is   ${difference.is === undefined ? 'at its end' : printable(difference.is, 400)}`,
    ];
  const word = (one: { readonly kind: string; readonly reason: string }): string => `${one.kind}${one.reason === '' ? '' : `: ${printable(one.reason, 600)}`}`;
  lines.push(word(verdict) === word(given.was) ? word(verdict) : `was ${word(given.was)}\nis ${word(verdict)}`);
  for (const name of replayed.changed) lines.push(`the stored ${name} is not as the run left it`);
  if (qemu.was !== qemu.is) lines.push(`QEMU is not the one of the run: was ${printable(qemu.was)}, is ${printable(qemu.is)}`);
  else if (difference !== undefined && replayed.changed.length === 0) lines.push('kernel, module, stage, program, guest and QEMU are those of the run: this should not be');
  return lines;
}
