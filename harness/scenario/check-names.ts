import type { z } from 'zod';
import type { RawStep } from './step-schema.ts';

interface Named {
  readonly files: Readonly<Record<string, unknown>>;
  readonly actors: Readonly<Record<string, { readonly process?: string | undefined } | null>>;
  readonly steps: readonly RawStep[];
}

/**
 * Every name in a scene's steps must be one that the scene has: actors, files, and the handles and mappings that the same
 * process has opened and mapped in an earlier step.
 */
export function checkNames(scene: Named, context: z.core.$RefinementCtx): void {
  const known = new Set<string>();
  scene.steps.forEach((step, index) => {
    const wrong = (path: readonly string[], message: string, key?: string): void => {
      context.issues.push({ code: 'custom', input: scene, path: ['steps', index, ...path], message, ...(key === undefined ? {} : { params: { key } }) });
    };
    const actor = (name: string | undefined, path: readonly string[], key?: string): void => {
      if (name !== undefined && !Object.hasOwn(scene.actors, name)) wrong(path, `'${name}' is no actor of this scene (${Object.keys(scene.actors).join(', ')})`, key);
    };
    actor(step.actor, [], step.actor);
    for (const name of step.then.keys()) actor(name, ['then'], name);
    if (step.action && 'match' in step.action) {
      actor(step.action.match.by, [step.action.kind]);
      checkFile(scene, step.action.match.file, (message) => wrong([step.action?.kind ?? ''], message));
    }
    const { action } = step;
    if (action?.kind === 'open-flags' || action?.kind === 'size') checkFile(scene, action.file, (message) => wrong([action.kind, 'file'], message));
    if (step.actor !== undefined && Object.hasOwn(scene.actors, step.actor)) checkCall(scene, step, known, (path, message) => wrong([step.actor ?? '', path], message));
  });
}

function checkFile(scene: Named, file: string | undefined, wrong: (message: string) => void): void {
  if (file !== undefined && !Object.hasOwn(scene.files, file)) wrong(`'${file}' is no file of this scene (${Object.keys(scene.files).join(', ')})`);
}

function checkCall(scene: Named, step: RawStep, known: Set<string>, wrong: (path: string, message: string) => void): void {
  const { call, actor } = step;
  if (!call || actor === undefined) return;
  const process = scene.actors[actor]?.process ?? actor;
  if (call.kind === 'open') {
    checkFile(scene, call.file, (message) => wrong('open', message));
    learn(known, `${process} fd `, call.handle, (message) => wrong('open', message));
    return;
  }
  if ('handle' in call && !known.has(`${process} fd ${call.handle}`)) {
    wrong(call.kind, `'${call.handle}' was not opened by ${process} in an earlier step`);
  }
  if (call.kind === 'mmap') {
    learn(known, `${process} map `, call.mapping, (message) => wrong('mmap', message));
  } else if ('mapping' in call && !known.has(`${process} map ${call.mapping}`)) {
    wrong(call.kind, `'${call.mapping}' was not mapped by ${process} in an earlier step`);
  }
}

/** MAX_HANDLES in guests/stage/program.h: what a process has room for, of either. */
const mostHandles = 32;

function learn(known: Set<string>, prefix: string, name: string, wrong: (message: string) => void): void {
  known.add(prefix + name);
  if ([...known].filter((entry) => entry.startsWith(prefix)).length > mostHandles) wrong(`a process names at most ${mostHandles} open files and ${mostHandles} mappings`);
}
