import type { z } from 'zod';
import { checkProcessNames, type NameBook } from './check-process-names.ts';
import { blocksOf, type NumberedStep, type Wrong } from './flatten-steps.ts';
import { checkFile, type Named } from './named.ts';
import type { ServerAction } from './types.ts';

/** MAX_BACKINGS of the stage's program: slots 0 to 7. */
const mostBackings = 8;

/**
 * Every name in a scene's steps must be one that the scene has: actors, files, backing files, and the open files and mappings that
 * the same process has made in an earlier step. A forked actor acts after its fork.
 */
export function checkNames(scene: Named, context: z.core.$RefinementCtx): void {
  const book: NameBook = { fds: new Set(), maps: new Set(), forks: new Map() };
  const backings = new Map<string, number>();
  const wrongAt: Wrong = (path, message, key) => {
    context.issues.push({ code: 'custom', input: scene, path: [...path], message, ...(key === undefined ? {} : { params: { key } }) });
  };
  checkProcesses(scene, wrongAt);
  const sessions = Object.entries(scene.sessions ?? {}).flatMap(([name, entries]) => blocksOf(entries, ['sessions', name]));
  for (const block of [...blocksOf(scene.steps), ...sessions]) {
    for (const step of block.steps) {
      const wrong: Wrong = (path, message, key) => wrongAt([...step.path, ...path], message, key);
      checkActor(scene, { name: step.actor, path: [], wrong, key: step.actor });
      checkAction(scene, { step, backings, wrong });
      if (step.actor !== undefined && Object.hasOwn(scene.actors, step.actor)) checkProcessNames(scene, { step, book, first: block.steps[0]?.number ?? step.number, wrong });
    }
    for (const name of block.then.keys()) checkActor(scene, { name, path: ['then'], wrong: (path, message, key) => wrongAt([...block.path, ...path], message, key), key: name });
  }
}

/** Nobody is a thread of a forked actor's process. */
function checkProcesses(scene: Named, wrong: Wrong): void {
  for (const [name, actor] of Object.entries(scene.actors)) {
    const forked = actor?.process !== undefined && Object.hasOwn(scene.actors, actor.process) && scene.actors[actor.process]?.forked === true;
    if (forked) wrong(['actors', name, 'process'], `${actor.process} is forked, and so the only thread of its process`);
  }
}

function checkActor(scene: Named, given: { readonly name: string | undefined; readonly path: readonly string[]; readonly wrong: Wrong; readonly key?: string | undefined }): void {
  const { name, path, wrong, key } = given;
  if (name !== undefined && !Object.hasOwn(scene.actors, name)) wrong(path, `'${name}' is no actor of this scene (${Object.keys(scene.actors).join(', ')})`, key);
}

function checkAction(scene: Named, given: { readonly step: NumberedStep; readonly backings: Map<string, number>; readonly wrong: Wrong }): void {
  const { backings, wrong } = given;
  const { action, number } = given.step;
  if (!action) return;
  if ('match' in action) {
    checkActor(scene, { name: action.match.by, path: [action.kind], wrong });
    checkFile(scene, action.match.file, (message) => wrong([action.kind], message));
  }
  if ('file' in action && action.file !== undefined) checkFile(scene, action.file, (message) => wrong([action.kind, 'file'], message));
  if (action.kind === 'kill') checkActor(scene, { name: action.actor, path: ['kill'], wrong });
  if (action.kind === 'backing') {
    const earlier = backings.get(action.name);
    if (earlier !== undefined) wrong(['backing', 'name'], `'${action.name}' is a backing file of step ${earlier} already`);
    else if (backings.size === mostBackings) wrong(['backing', 'name'], `a scene has at most ${mostBackings} backing files`);
    else backings.set(action.name, number);
  } else {
    const backing = backingIn(action);
    if (backing !== undefined && !backings.has(backing)) wrong(action.kind === 'backing-close' ? [action.kind] : [action.kind, 'backing'], `'${backing}' is no backing file of an earlier step`);
  }
}

function backingIn(action: ServerAction): string | undefined {
  if (action.kind === 'backing-close') return typeof action.name === 'string' ? action.name : undefined;
  if (action.kind !== 'open-flags' && action.kind !== 'content') return undefined;
  return typeof action.backing === 'string' ? action.backing : undefined;
}
