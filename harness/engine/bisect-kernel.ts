import { DioramaError } from '../errors.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { markOf, type Mark } from '../judge/bisect-mark.ts';
import type { Verdict } from '../judge/verdict.ts';
import { bisectCommits, checkRange, type Bisected, type CommitNote, type Left } from '../kernel/bisect-commits.ts';
import { findCommit } from '../kernel/source/git-source.ts';
import type { KernelConfig } from '../kernel/types.ts';
import { printable } from '../printable.ts';
import type { Scenario } from '../scenario/types.ts';
import { buildStage } from '../stage/build-stage.ts';
import { openBisectMemory, type BisectMemory, type TestedCommit } from './bisect-memory.ts';
import { testCommit } from './test-commit.ts';

export interface BisectRequest {
  /** The user's repository, as an absolute path. */
  readonly path: string;
  readonly good: string;
  readonly bad: string;
  readonly scene: Scenario;
  readonly config: KernelConfig;
  readonly configNames: readonly string[];
  readonly guest: Guest;
  readonly guestWords: readonly string[];
  /** The generation whose model judges; undefined for each kernel's own. */
  readonly model?: string;
  /** Every failure is bad, not only the one that is seen at `bad`. */
  readonly anyFailure: boolean;
  /** No more commits than this are tested, the two ends not counted. */
  readonly mostSteps: number;
  /** Evidence and memory go to a directory of their own below this. */
  readonly dir: string;
}

export interface Step extends CommitNote {
  readonly mark: Mark;
  readonly tested: TestedCommit;
  /** It was tested by an earlier bisect, and is remembered. */
  readonly remembered: boolean;
}

export interface BisectResult {
  readonly end: Bisected;
  /** The failure whose origin was looked for, as the bad commit shows it. */
  readonly sought: Verdict;
  readonly good: string;
  readonly bad: string;
  /** Everything in between that was tested, in that order. */
  readonly steps: readonly Step[];
  readonly dir: string;
  /** Of the commit that is to blame, or else of the bad one. */
  readonly evidence: TestedCommit;
}

/**
 * Looks for the commit of a repository that broke a scene. Both ends are tested first, since a bisect that starts wrong ends anywhere.
 * What was found of a commit is kept with its evidence, so one that was ended goes on where it was.
 * @throws DioramaError `bad-usage` when good fails, bad passes or they are no ancestor and descendant; of the kernel when an end does not
 * build or boot; of the machine
 */
export async function bisectKernel(host: Host, request: BisectRequest): Promise<BisectResult> {
  const find = (rev: string): ReturnType<typeof findCommit> => findCommit(host, { path: request.path, rev, spec: `git:${request.path}@${rev}` });
  const range = { good: await find(request.good), bad: await find(request.bad), goodText: request.good, badText: request.bad };
  await checkRange(host, range);
  const stage = await buildStage(host);
  const memory = await openBisectMemory(host, { ...request, stage, objects: range.bad.objects });
  return memory.holding(async () => {
    const test = (id: string): Promise<{ tested: TestedCommit; remembered: boolean }> => remembering(memory, id, () => testCommit(host, { request, stage, dir: memory.dir, id }));
    const good = (await test(range.good.commit)).tested;
    expectEnd(good, { option: '--good', rev: request.good, scene: request.scene.name, wanted: 'good' });
    const bad = (await test(range.bad.commit)).tested;
    const sought = expectEnd(bad, { option: '--bad', rev: request.bad, scene: request.scene.name, wanted: 'bad' });
    const steps: Step[] = [];
    const judge = async (commit: CommitNote, left: Left): Promise<Mark | 'stop'> => {
      if (steps.length >= request.mostSteps) return 'stop';
      host.emit({ kind: 'note', text: `${commit.id.slice(0, 12)} "${commit.subject}": ${left.revisions} commits left after this one, some ${left.steps} steps` });
      const { tested, remembered } = await test(commit.id);
      const mark = tested.verdict ? markOf(tested.verdict, request.anyFailure ? undefined : sought) : 'skip';
      steps.push({ ...commit, mark, tested, remembered });
      host.emit({ kind: 'note', text: `${commit.id.slice(0, 12)} ${mark}${remembered ? ' (remembered)' : ''}${whyOf(tested)}` });
      return mark;
    };
    const end = await bisectCommits(host, range, judge);
    const id = end.kind === 'found' ? end.commit.id : range.bad.commit;
    const evidence = steps.find((step) => step.id === id)?.tested ?? bad;
    return { end, sought, good: range.good.commit, bad: range.bad.commit, steps, dir: memory.dir, evidence };
  });
}

/** `: fail, step 7: …`, or what it does not do; nothing for a pass. */
export function whyOf({ verdict, trouble }: TestedCommit): string {
  if (trouble) return `: ${printable(trouble.details[0] !== undefined && trouble.code === 'build-failed' ? `does not build: ${trouble.details[0]}` : trouble.message, 400)}`;
  return verdict && verdict.kind !== 'pass' ? `: ${verdict.kind}, ${printable(verdict.reason, 400)}` : '';
}

async function remembering(
  memory: BisectMemory,
  id: string,
  work: () => Promise<TestedCommit>,
): Promise<{ readonly tested: TestedCommit; readonly remembered: boolean }> {
  const known = await memory.recall(id);
  if (known) return { tested: known, remembered: true };
  const tested = await work();
  await memory.keep(id, tested);
  return { tested, remembered: false };
}

/** @returns the verdict of an end that is as it must be */
function expectEnd(tested: TestedCommit, given: { readonly option: string; readonly rev: string; readonly scene: string; readonly wanted: 'good' | 'bad' }): Verdict {
  const { trouble, verdict } = tested;
  const where = `${given.option} ${printable(given.rev)}`;
  if (trouble) {
    const { evidence, ...rest } = trouble;
    throw new DioramaError({ ...rest, blame: trouble.code === 'bad-kernel-spec' ? 'usage' : 'kernel', message: `${where}: ${trouble.message}`, ...(evidence === undefined ? {} : { evidence }), next: 'give an end that builds and boots' });
  }
  if (!verdict) throw new Error(`${given.rev} was tested without a verdict`);
  if (verdict.kind === 'error') {
    throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `${where}: ${given.scene} could not be judged: ${verdict.reason}`, evidence: tested.dir });
  }
  const mark = markOf(verdict, undefined);
  if (mark === given.wanted) return verdict;
  const why = mark === 'good' ? 'passes there' : mark === 'bad' ? `is not good there: ${verdict.kind}, ${verdict.reason}` : `cannot be played there: it ${verdict.reason}`;
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `${where}: ${given.scene} ${why}`, evidence: tested.dir,
    next: given.wanted === 'good' ? 'give an older commit, where the scene passes' : 'give a commit where the scene fails, and the kernel config and guest that show it',
  });
}
