import { firstInode } from '../scenario/program-names.ts';
import type { Scenario, ServerAction } from '../scenario/types.ts';
import { type Event, type Progress, processOf } from './staging-progress.ts';

type Course = Event<'begin' | 'strike' | 'step' | 'rest' | 'restless' | 'end'>;
type Word = Event<'released' | 'content' | 'backing' | 'invalidated' | 'killed' | 'dropped' | 'aborted' | 'dead'>;

/** Whether the trace's steps follow each other as those of the scene, and every one has said what it must before it came to rest. */
export function checkCourse(scene: Scenario, progress: Progress, event: Course): string | undefined {
  const phase = { begin: 'before', strike: 'play', end: 'strike', step: 'play', rest: 'play', restless: 'play' }[event.e];
  if (progress.phase !== phase) return `${event.e} out of its place`;
  switch (event.e) {
    case 'begin':
      progress.phase = 'play';
      return progress.init ? undefined : 'it began before the kernel had said INIT';
    case 'step':
      return beginStep(scene, progress, event.step);
    case 'rest':
    case 'restless':
      return comeToRest(scene, progress, event);
    case 'strike':
      progress.phase = 'strike';
      return progress.trouble || progress.block.size === 0 ? undefined : `step ${progress.step} never came to rest`;
    case 'end':
      progress.phase = 'end';
      return event.stuck === progress.stuck ? undefined : `${event.stuck} were stuck, and ${progress.stuck} were named`;
  }
}

function beginStep(scene: Scenario, progress: Progress, number: number): string | undefined {
  const step = scene.steps[number - 1];
  if (number !== progress.step + 1 || !step || step.joins !== progress.block.size > 0) return `step ${number} follows step ${progress.step}`;
  if (!step.joins) Object.assign(progress, { answers: 0, released: 0 });
  progress.step = number;
  progress.block.add(number);
  if (step.kind !== 'server') return undefined;
  const { action } = step;
  if (action.kind === 'open-flags') {
    const inode = inodeOf(scene, action.file);
    progress.openFlags.set(inode, [...(progress.openFlags.get(inode) ?? []), action.flags]);
  }
  if (action.kind === 'kill' && action.signal !== 'USR1') progress.ended.add(processOf(scene, action.actor));
  if (action.kind === 'abort' || action.kind === 'die') progress.severed = true;
  return undefined;
}

function comeToRest(scene: Scenario, progress: Progress, event: Event<'step' | 'rest' | 'restless'>): string | undefined {
  const number = event.step;
  if (progress.block.size === 0 || number !== progress.step) return `step ${number} came to rest, and step ${progress.step} was played`;
  if (scene.steps[number]?.joins === true) return `step ${number} came to rest, and step ${number + 1} joins it`;
  for (const played of progress.block) {
    const order = scene.steps[played - 1];
    if (event.e === 'rest' && order?.kind === 'order' && !progress.called.has(played)) return `${order.actor} never began its ${order.call.kind} of step ${played}`;
    const action = actionOf(scene, played);
    const word = action && words[action.kind];
    if (action?.kind === 'release' && !progress.said.has(`released ${played}`)) return 'nobody said what the server released';
    if (word !== undefined && action?.kind !== 'invalidate' && !progress.said.has(`${word} ${played}`)) return `nobody said what came of step ${played} (${action?.kind})`;
  }
  for (const [inode, flags] of progress.openFlags) progress.openFlags.set(inode, flags.slice(-1));
  progress.block.clear();
  return undefined;
}

/** What each action says of itself. */
const words: Readonly<Partial<Record<ServerAction['kind'], Word['e']>>> = {
  release: 'released', content: 'content', backing: 'backing', 'backing-close': 'backing', invalidate: 'invalidated', kill: 'killed',
  'drop-caches': 'dropped', abort: 'aborted', die: 'dead',
};

/** Whether a step of the scene says this of itself, once, and before it comes to rest; an invalidation may take longer. */
export function checkWord(scene: Scenario, progress: Progress, event: Word): string | undefined {
  const action = actionOf(scene, event.step);
  const key = `${event.e} ${event.step}`;
  const late = event.e === 'invalidated' && event.step <= progress.step && (progress.phase === 'play' || progress.phase === 'strike');
  const inTime = progress.phase === 'play' && progress.block.has(event.step);
  if (!action || words[action.kind] !== event.e || progress.said.has(key) || !(inTime || late)) {
    return event.e === 'released' ? 'a release that no step asked for' : `${event.e}, which no step asked for`;
  }
  progress.said.add(key);
  if (event.e === 'killed' && action.kind === 'kill' && (event.who !== action.actor || event.signal !== action.signal)) return `not the signal that step ${event.step} asks for`;
  if (event.e !== 'released') return undefined;
  progress.released += event.count;
  return progress.released > progress.answers ? `${event.count} were released, and ${progress.answers} answered` : undefined;
}

function actionOf(scene: Scenario, number: number): ServerAction | undefined {
  const step = scene.steps[number - 1];
  return step?.kind === 'server' ? step.action : undefined;
}

function inodeOf(scene: Scenario, file: string): number {
  return firstInode + scene.files.findIndex(({ name }) => name === file);
}
