import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { fileHash } from '../host/content-key.ts';
import { courseOf } from '../judge/series-course.ts';
import { doesNot, type StepsResult } from '../judge/steps-outcome.ts';
import type { PatchChange, PlayedStep } from '../results/run-record.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import { storedVerdict } from '../results/stored-verdict.ts';
import { playScene } from './play-scene.ts';
import type { Prepared, PreparedSide } from './prepare-sides.ts';
import { stepName, type PreparedStep } from './prepare-steps.ts';
import { reproScript } from './repro-script.ts';
import type { RunRequest } from './run-scenes.ts';
import { variantRow } from './variant-row.ts';
import { workOff } from '../host/work-off.ts';

interface Given {
  readonly run: RunDirectory;
  readonly request: RunRequest;
  readonly prepared: Prepared;
  readonly seriesFiles: readonly string[];
}

/**
 * Plays every scene on every prefix of the series, after base and whole were played, and writes steps and changes into the record. Every
 * prefix plays everything, since what one patch breaks another may mend; a prefix whose fuse.ko and vmlinux are those of another is that
 * other one, and takes its verdicts.
 */
export async function playSteps(host: Host, given: Given): Promise<StepsResult> {
  const { run, request, prepared } = given;
  const rows = await planSteps(host, given);
  const save = (): Promise<void> => run.update({ steps: rows.map(({ row }) => row) });
  await save();
  const jobs = rows.flatMap(({ step, row }) => {
    const { on } = step;
    return on && row.sameAs === undefined ? request.scenes.map((scene) => ({ scene, on, index: step.index, row })) : [];
  });
  await workOff(host.jobs, jobs, async ({ scene, on, index, row }) => {
    const event = { side: 'patched', scene: scene.name, patch: index } as const;
    host.emit({ kind: 'scene-start', ...event });
    const dir = join(stepName(index, prepared.steps.length), scene.name);
    const repro = reproScript(host.root, { request, side: 'patched', seriesFiles: given.seriesFiles.slice(0, index) });
    const { verdict, ms, reused } = await playScene(host, {
      scene, on, guest: request.guest, issues: request.issues, dir: join(run.dir, dir), repro, ...(request.model === undefined ? {} : { model: request.model }),
      ...(request.fresh === true ? { fresh: true } : {}),
    });
    row.scenes.push({ scene: scene.name, verdict: { ...verdict }, ms, dir });
    await save();
    host.emit({ kind: 'scene-end', ...event, verdict, ms, ...(reused ? { reused } : {}) });
  });
  const scenesOf = (name: string): PlayedStep['scenes'] => {
    if (name === 'base' || name === 'patched') return run.record.scenes.filter(({ side }) => side === name).map(({ scene, verdict, ms, dir }) => ({ scene, verdict, ms, dir }));
    return rows.find(({ step }) => stepName(step.index, prepared.steps.length) === name)?.row.scenes ?? [];
  };
  for (const { row } of rows) {
    if (row.sameAs !== undefined) row.scenes = scenesOf(row.sameAs);
    row.scenes.sort((a, b) => (a.scene < b.scene ? -1 : 1));
  }
  const changes = changesOf(run, rows.map(({ row }) => row));
  await run.update({ steps: rows.map(({ row }) => row), changes });
  return {
    of: rows.length,
    changes,
    unmade: rows.flatMap(({ row }) => (row.trouble ? [{ patch: row.index, does: doesNot(row.trouble.code) }] : [])),
    errors: rows.slice(0, -1).flatMap(({ row }) => row.scenes).filter(({ verdict }) => verdict.kind === 'error').length,
  };
}

interface Planned {
  readonly step: PreparedStep;
  readonly row: PlayedStep;
}

/** Every prefix with what it is the same as. The whole series is the side `patched`, which has been played. */
async function planSteps(host: Host, { run, request, prepared }: Given): Promise<Planned[]> {
  const of = prepared.steps.length;
  const seen = new Map<string, string>();
  for (const side of prepared.sides) {
    const key = await contentOf(side);
    if (!seen.has(key)) seen.set(key, side.side);
  }
  const planned: Planned[] = [];
  for (const step of prepared.steps) {
    const row: PlayedStep = { index: step.index, subject: request.series?.patches[step.index - 1]?.subject ?? '', scenes: [] };
    if (step.trouble) row.trouble = troubleRow(step.trouble, run.dir);
    if (step.on) {
      row.variant = variantRow(step.on);
      const key = await contentOf(step.on);
      const same = step.index === of ? 'patched' : seen.get(key);
      if (same === undefined) seen.set(key, stepName(step.index, of));
      else {
        row.sameAs = same;
        if (step.index !== of) host.emit({ kind: 'note', text: `patch ${step.index}/${of}: fuse.ko is that of ${same} to the byte, so its verdicts are taken from there` });
      }
    }
    planned.push({ step, row });
  }
  return planned;
}

/** Everything that a scene's course depends on and that a patch can change. */
async function contentOf({ variant, template }: PreparedSide): Promise<string> {
  return `${template.id} ${variant.fuseModule === undefined ? 'built in' : await fileHash(variant.fuseModule)}`;
}

function troubleRow(error: NonNullable<PreparedStep['trouble']>, dir: string): NonNullable<PlayedStep['trouble']> {
  const { code, message, details, evidence } = error;
  return { code, message, details: [...details], ...(evidence === undefined ? {} : { evidence: evidence.startsWith(`${dir}/`) ? evidence.slice(dir.length + 1) : evidence }) };
}

function changesOf(run: RunDirectory, steps: readonly PlayedStep[]): PatchChange[] {
  const bases = run.record.scenes.filter(({ side }) => side === 'base').sort((a, b) => (a.scene < b.scene ? -1 : 1));
  return bases.flatMap(({ scene, verdict }) => {
    const played = steps.map((step) => step.scenes.find((entry) => entry.scene === scene));
    const changes = courseOf(storedVerdict(verdict), played.map((entry) => entry && storedVerdict(entry.verdict)));
    return changes.map(({ word, patches, from, to }) => ({
      scene, word, patches: [...patches], from: { ...from }, to: { ...to }, dir: played[(patches.at(-1) ?? 1) - 1]?.dir ?? '',
    }));
  });
}
