import { formatDuration } from '../../format-units.ts';
import { printable, printableColumns } from '../../printable.ts';
import type { WatchEvent } from '../../watch/watch-events.ts';
import { shown } from '../results-paths.ts';
import { describeBuilt, describeSaved, describeTimes } from './screen-lines.ts';

/** What an event is to somebody who reads lines, one change of state each; nothing for what is only on the way. */
export function plainLines(event: WatchEvent, root: string): string[] {
  switch (event.kind) {
    case 'watching':
      return [`watching ${event.watched + event.polled} directories${event.polled > 0 ? `; inotify has no watches left, so ${event.polled} of them are looked at every 2 s` : ''}`];
    case 'pass':
      return event.cause.kind === 'save' ? [`saved ${describeSaved(event.cause.saved, root)}`] : [];
    case 'unchanged':
      return ['nothing changed'];
    case 'superseded':
      return ['saved meanwhile: starting over'];
    case 'chosen':
      return [event.pattern === undefined ? 'all scenes' : `only ${printable(event.pattern)}`];
    case 'refused':
      return [printable(event.text)];
    case 'engine':
      return engineLines(event);
    case 'built':
      return [`playing ${event.scenes} ${event.scenes === 1 ? 'scene' : 'scenes'}: ${describeBuilt(event)}`];
    case 'failure':
      return [printable(`${event.verdict.kind} ${event.scene.name}: ${event.verdict.reason}`, 700)];
    case 'verdict':
      return [printable(event.outcome.summary, 300), describeTimes(event.times).join(': '), `evidence in ${shown(event.dir)}`];
    case 'trouble':
      return [
        printable(event.error.message, 700),
        ...(event.compiler.length > 0
          ? event.compiler.flatMap(({ head, excerpt }) => [`    ${printable(head, 300)}`, ...excerpt.map((line) => `    ${printableColumns(line, 200)}`)])
          : event.error.details.map((line) => `    ${printable(line, 300)}`)),
      ];
  }
}

function engineLines({ event }: Extract<WatchEvent, { kind: 'engine' }>): string[] {
  if (event.kind === 'note') return [`note ${printable(event.text, 400)}`];
  if (event.kind === 'stage-start' && (event.stage === 'config' || event.stage === 'build')) return [event.stage === 'config' ? 'configuring' : 'building'];
  if (event.kind === 'stage-end' && event.stage === 'build') return [event.reused ? 'built before' : `built in ${formatDuration(event.ms)}`];
  return [];
}
