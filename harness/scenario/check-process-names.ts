import type { NumberedStep, Wrong } from './flatten-steps.ts';
import { checkFile, type Named } from './named.ts';
import type { Call } from './types.ts';

/** What each process has named so far, and in which step each forked actor was made. */
export interface NameBook {
  readonly fds: Set<string>;
  readonly maps: Set<string>;
  readonly forks: Map<string, number>;
}

interface Place {
  readonly step: NumberedStep;
  readonly book: NameBook;
  /** The first step since the last rest. */
  readonly first: number;
  readonly wrong: Wrong;
}

/** The names in an actor's call: its process's open files and mappings, and whom it forks. */
export function checkProcessNames(scene: Named, place: Place): void {
  const { book, first } = place;
  const { call, actor = '' } = place.step;
  const wrong = (field: string, message: string): void => place.wrong([actor, field], message);
  if (scene.actors[actor]?.forked === true && (book.forks.get(actor) ?? Infinity) >= first) {
    place.wrong([], book.forks.has(actor) ? `${actor} is forked in this very block, and may not live yet` : `${actor} is not forked yet`, actor);
  }
  if (!call) return;
  const process = scene.actors[actor]?.process ?? actor;
  const needs = (set: Set<string>, given: { readonly name: string | undefined; readonly field: string; readonly verb: string }): void => {
    if (given.name !== undefined && !set.has(`${process} ${given.name}`)) wrong(given.field, `'${given.name}' was not ${given.verb} by ${process} in an earlier step`);
  };
  const word = wordOf(call);
  if ('file' in call) checkFile(scene, call.file, (message) => wrong(word, message));
  if ('handle' in call && call.kind !== 'open') needs(book.fds, { name: call.handle, field: word, verb: 'opened' });
  if ('mapping' in call && call.kind !== 'mmap') needs(book.maps, { name: call.mapping, field: word, verb: 'mapped' });
  if (call.kind === 'copy') needs(book.fds, { name: call.to, field: 'to', verb: 'opened' });
  if (call.kind === 'pread') needs(book.maps, { name: call.to, field: 'to', verb: 'mapped' });
  if (call.kind === 'pwrite') needs(book.maps, { name: call.from, field: 'from', verb: 'mapped' });
  if (call.kind === 'open') learn(book.fds, { process, name: call.handle, wrong: (message) => wrong('open', message) });
  if (call.kind === 'dup') learn(book.fds, { process, name: call.copy, wrong: (message) => wrong('as', message) });
  if (call.kind === 'mmap') learn(book.maps, { process, name: call.mapping, wrong: (message) => wrong('mmap', message) });
  if (call.kind === 'fork') checkFork(scene, { call, process, place, wrong: (message) => wrong('fork', message) });
}

/** The key of a call in the scene's file. */
function wordOf(call: Call): string {
  return call.kind === 'submit' ? `${call.through}-${call.io}` : call.kind;
}

function checkFork(scene: Named, given: { readonly call: Extract<Call, { kind: 'fork' }>; readonly process: string; readonly place: Place; readonly wrong: (message: string) => void }): void {
  const { call: { child }, process, place, wrong } = given;
  const { book, step } = place;
  const earlier = book.forks.get(child);
  if (!Object.hasOwn(scene.actors, child)) wrong(`'${child}' is no actor of this scene (${Object.keys(scene.actors).join(', ')})`);
  else if (scene.actors[child]?.forked !== true) wrong(`${child} lives from the beginning; an actor that is to be forked is '${child}: {forked: true}'`);
  else if (earlier !== undefined) wrong(`${child} was forked in step ${earlier} already`);
  book.forks.set(child, earlier ?? step.number);
  for (const set of [book.fds, book.maps]) {
    for (const entry of [...set]) if (entry.startsWith(`${process} `)) set.add(`${child}${entry.slice(process.length)}`);
  }
}

/** MAX_HANDLES in guests/stage/program.h: what a process has room for, of either. */
const mostHandles = 64;

function learn(set: Set<string>, given: { readonly process: string; readonly name: string; readonly wrong: (message: string) => void }): void {
  set.add(`${given.process} ${given.name}`);
  const many = [...set].filter((entry) => entry.startsWith(`${given.process} `)).length;
  if (many > mostHandles) given.wrong(`a process names at most ${mostHandles} open files and ${mostHandles} mappings`);
}
