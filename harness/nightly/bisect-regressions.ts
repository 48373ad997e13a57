import { join } from 'node:path';
import { bisectKernel } from '../engine/bisect-kernel.ts';
import { findConfig } from '../engine/find-config.ts';
import { findGuest, guestWords } from '../engine/find-guest.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { Entry } from './list-entries.ts';
import type { CommitRange } from './night-state.ts';

type Bisected = NonNullable<CommitRange['bisected']>[number];

/** More scenes than this are seldom broken by as many commits, and each costs builds. */
const mostScenes = 3;
/** 2^14 commits are more than ever come in one night. */
const mostSteps = 14;

/** Looks for the commit that broke each of some scenes, as long as `stop` lets it. What cannot be bisected is said. */
export async function bisectRegressions(
  host: Host,
  given: {
    readonly entry: Entry; readonly range: CommitRange; readonly path: string; readonly scenes: readonly string[]; readonly scenarios: readonly string[];
    readonly results: string; readonly stop: AbortSignal;
  },
): Promise<Bisected[]> {
  const { entry, range, stop } = given;
  const all = await findScenarios(host, given.scenarios);
  const guest = await findGuest(host, { guest: entry.guest });
  const config = await findConfig(host.root, entry.config);
  const found: Bisected[] = [];
  for (const name of given.scenes.slice(0, mostScenes)) {
    const scene = all.find((one) => one.name === name);
    if (!scene) continue;
    try {
      const { end } = await bisectKernel({ ...host, signal: AbortSignal.any([host.signal, stop]) }, {
        path: given.path, good: range.from, bad: range.to, scene, config, configNames: entry.config, guest, guestWords: guestWords({ guest: entry.guest }), anyFailure: false,
        mostSteps, dir: join(given.results, 'bisect'),
      });
      found.push(end.kind === 'found'
        ? { scene: name, commit: { id: end.commit.id, subject: end.commit.subject, author: end.commit.author }, said: 'found' }
        : { scene: name, said: `one of ${String(end.of)} commits: ${end.why === 'skipped' ? 'those between could not be tested' : 'not all were tested'}` });
    } catch (error) {
      host.signal.throwIfAborted();
      if (stop.aborted) return [...found, { scene: name, said: 'the budget ended' }];
      if (!(error instanceof DioramaError)) throw error;
      found.push({ scene: name, said: printable(error.message, 300) });
    }
  }
  return found;
}
