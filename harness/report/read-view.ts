import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { compareMeasures } from '../judge/compare-measures.ts';
import { comparisonOf } from '../judge/run-outcome.ts';
import { playedScene } from '../model/as-played.ts';
import { wholeOf } from '../model/expand-orders.ts';
import { insideRun } from '../results/inside-run.ts';
import { readRun } from '../results/read-run.ts';
import type { PlayedScene, RunRecord } from '../results/run-record.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/types.ts';
import { decodeBytes } from './decode-bytes.ts';
import { historyOf } from './history-of.ts';
import { testCommand } from './test-command.ts';
import type { EvidenceView, IssueView, PlayedView, ReportView, RunView, SceneView } from './report-view.ts';
import { sceneGroups, toldSide } from './scene-groups.ts';

/** What a report is made from: where runs are, and how their paths are shown. */
export interface ViewRequest {
  /** Absolute path of diorama's tree, for the list of known issues and the names of its scenes. */
  readonly root: string;
  /** Directories of runs; the first is the one that the report is about. */
  readonly runs: readonly string[];
  readonly written: Date;
  /** A path as a person would type it. */
  readonly shown: (path: string) => string;
}

/** Runs of the same directory that a history goes back. */
const mostRuns = 30;
/** More of a trace is only found where something went very wrong, and then its beginning tells. */
const mostTraceBytes = 4 * 1024 * 1024;
const mostConsoleBytes = 1024 * 1024;

/**
 * Reads runs with the evidence of what failed in them. What is missing or cannot be read beside run.json is absent in the view.
 * @throws DioramaError `bad-usage` or `bad-file` for a directory that is no run
 */
export async function readView(request: ViewRequest): Promise<ReportView> {
  const issues: IssueView[] = await findKnownIssues(request.root).then((found) => found.map(({ id, summary, page }) => ({ id, summary, page })), () => []);
  const catalogue = new Set((await readdir(join(request.root, 'tests/scenarios')).catch(() => [])).map((file) => file.replace(/\.ya?ml$/, '')));
  const runs: RunView[] = [];
  for (const dir of request.runs) runs.push(await readOne(request, { dir, issues, catalogue }));
  return { written: request.written.toISOString(), runs };
}

interface Given {
  readonly dir: string;
  readonly issues: readonly IssueView[];
  readonly catalogue: ReadonlySet<string>;
}

async function readOne(request: ViewRequest, given: Given): Promise<RunView> {
  const { record } = await readRun(dirname(given.dir), given.dir);
  const readers = new SceneFiles(given.dir);
  const names = [...new Set(record.scenes.map((played) => played.scene))].sort();
  const scenes: SceneView[] = [];
  for (const name of names) {
    const of = record.scenes.filter((played) => played.scene === name);
    scenes.push(sceneView(name, { of, file: await readers.read(of), bounds: record.costBounds }));
  }
  const { history, unread } = await readHistory(given.dir, record);
  const run: RunView = { record, where: request.shown(given.dir), scenes, history, unreadRuns: unread, issues: given.issues };
  const told = new Set(sceneGroups(run).flatMap((group) => group.scenes.map((scene) => scene.name)));
  const full: SceneView[] = [];
  for (const scene of scenes) full.push(told.has(scene.name) ? await withEvidence(request, { ...given, record, scene, readers }) : scene);
  return { ...run, scenes: full };
}

function sceneView(name: string, given: { readonly of: readonly PlayedScene[]; readonly file: Scenario | undefined; readonly bounds: RunRecord['costBounds'] }): SceneView {
  const on = (side: 'base' | 'patched'): PlayedView | undefined => {
    const found = given.of.findLast((played) => played.side === side);
    if (!found) return undefined;
    const { kind, reason, step, issue } = found.verdict;
    const verdict = { kind, reason, ...(step === undefined ? {} : { step }), ...(issue === undefined ? {} : { issue }) };
    return { side, verdict, ms: found.ms, measures: (found.measures ?? []).map(({ bytes, ...row }) => ({ ...row, ...(bytes === undefined ? {} : { bytes }) })) };
  };
  const [base, patched] = [on('base'), on('patched')];
  const costs = base && patched ? compareMeasures(base.measures, patched.measures, given.bounds) : [];
  return {
    name, protects: given.file?.protects ?? '', covers: given.file?.covers ?? [],
    played: { ...(base ? { base } : {}), ...(patched ? { patched } : {}) },
    comparison: base && patched ? comparisonOf({ base: base.verdict, patched: patched.verdict, costs }) : undefined,
    costs,
  };
}

async function withEvidence(
  request: ViewRequest,
  given: Given & { readonly record: RunRecord; readonly scene: SceneView; readonly readers: SceneFiles },
): Promise<SceneView> {
  const { scene, record } = given;
  const told = toldSide(scene);
  const entry = record.scenes.findLast((played) => played.scene === scene.name && played.side === told?.side);
  if (!told || !entry) return scene;
  const at = insideRun(given.dir, entry.dir);
  const [trace, console] = await Promise.all([readBounded(join(at, 'trace'), mostTraceBytes), readBounded(join(at, 'console'), mostConsoleBytes)]);
  const ownFile = given.catalogue.has(wholeOf(scene.name)) && !record.command.some((arg) => /\.ya?ml$/.test(arg)) ? undefined : request.shown(join(at, 'scenario.yaml'));
  const evidence: EvidenceView = {
    where: request.shown(at),
    scene: given.readers.played(scene.name),
    trace: decodeBytes(trace.bytes),
    console: decodeBytes(console.bytes),
    consoleUnread: console.unread,
    hasRepro: await stat(join(at, 'repro.sh')).then((found) => found.isFile(), () => false),
    replay: testCommand(record.command, { scene: scene.name, side: told.side, ownFile }),
  };
  return { ...scene, played: { ...scene.played, [told.side]: { ...told, evidence } } };
}

/** The scenes of a run, each file read once. */
class SceneFiles {
  readonly #dir: string;
  readonly #whole = new Map<string, Scenario | undefined>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The scene as its file says it; undefined when none of its copies can be read. */
  async read(of: readonly PlayedScene[]): Promise<Scenario | undefined> {
    const whole = wholeOf(of[0]?.scene ?? '');
    for (const { dir } of this.#whole.has(whole) ? [] : of) {
      const file = join(insideRun(this.#dir, dir), 'scenario.yaml');
      // The name is the file's, and the run keeps every scene's under the same.
      const scene = await readFile(file, 'utf8').then((text) => ({ ...readScenario(text, file), name: whole })).catch(() => undefined);
      if (scene) this.#whole.set(whole, scene);
    }
    return this.#whole.get(whole);
  }

  /** With its orders written out, as it was played. */
  played(name: string): Scenario | undefined {
    const whole = this.#whole.get(wholeOf(name));
    try {
      return whole && playedScene(whole, name);
    } catch {
      return undefined; // its file is not one of this diorama's any more
    }
  }
}

async function readBounded(file: string, most: number): Promise<{ readonly bytes: Buffer; readonly unread: number }> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return { bytes: Buffer.alloc(0), unread: 0 };
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, most));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return { bytes: buffer.subarray(0, bytesRead), unread: Math.max(0, size - bytesRead) };
  } catch {
    return { bytes: Buffer.alloc(0), unread: 0 };
  } finally {
    await handle.close();
  }
}

/** A run's directory begins with the time of its start (results/run-directory.ts). */
const runName = /^\d{4}-\d\d-\d\dT\d{6}-/;

async function readHistory(dir: string, record: RunRecord): Promise<{ readonly history: RunView['history']; readonly unread: number }> {
  const results = dirname(dir);
  const names = (await readdir(results).catch(() => [])).filter((name) => runName.test(name) && name !== basename(dir)).sort().reverse();
  const earlier = names.filter((name) => name < basename(dir)).slice(0, mostRuns - 1);
  const records: RunRecord[] = [record];
  let unread = 0;
  for (const name of earlier) {
    await readRun(results, name).then((run) => records.push(run.record), () => (unread += 1));
  }
  return { history: historyOf(records), unread };
}
