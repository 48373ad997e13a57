import { actionWords } from './compile-action.ts';
import { callWords } from './compile-call.ts';
import { initFlags } from './fuse-names.ts';
import { programNames, type ProgramNames } from './program-names.ts';
import type { Actor, Scenario, SceneFile, Step } from './types.ts';

/**
 * The program of a scene: what the stage in the guest reads (guests/stage/program.h describes the lines). It holds what to do and
 * nothing of what should come of it.
 */
export function compileScenario(scene: Scenario): string {
  const names = programNames(scene);
  const flags = scene.server.init.reduce((all, flag) => all | (initFlags[flag] ?? 0n), 0n);
  return [
    'program 1',
    `init flags=0x${flags.toString(16)} max_write=${scene.server.maxWrite} max_pages=${scene.server.maxPages}${scene.server.delayUs === 0 ? '' : ` delay=${scene.server.delayUs}`}${scene.server.stackDepth === 1 ? '' : ` stack=${scene.server.stackDepth}`}${scene.server.extended ? '' : ' short=1'}`,
    ...scene.files.map((file) => fileLine(file, names)),
    ...scene.actors.map((actor) => actorLine(actor, names)),
    ...scene.steps.map((step) => stepLine(step, names)),
    'end',
    '',
  ].join('\n');
}

function fileLine(file: SceneFile, names: ProgramNames): string {
  const line = `file ino=${names.inodes.get(file.name)} name=${file.name} size=${file.size} fill=${file.fill.charCodeAt(0)} open=0x${file.open.toString(16)}`;
  return `${line}${file.kind === 'directory' ? ' dir=1' : ''}${file.absent ? ' absent=1' : ''}`;
}

function actorLine(actor: Actor, names: ProgramNames): string {
  return `actor id=${names.actors.get(actor.name)} name=${actor.name} process=${names.processes.indexOf(actor.process)}${actor.forked ? ' forked=1' : ''}`;
}

function stepLine(step: Step, names: ProgramNames): string {
  const what = step.kind === 'server'
    ? actionWords(step.action, names)
    : `do=order actor=${names.actors.get(step.actor)} ${callWords(step.call, { process: names.processOf(step.actor), names })}`;
  return `step n=${step.number}${step.joins ? ' join=1' : ''} ${what}`;
}
