import type { Emit, EngineEvent } from '../events.ts';
import { formatDuration } from '../format-units.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';

const redrawEveryMs = 80;
/** Without a terminal a long stage says where it is this often. */
const plainEveryMs = 20_000;
const clearLine = '\r\u001b[K';

/** Where progress is shown: one line that is drawn over on a terminal, plain lines elsewhere. */
export interface Progress {
  readonly emit: Emit;
  /** Takes the moving line away; nothing is drawn after it. */
  end(): void;
}

/** Shows the engine's events on `stream`. Each stage leaves one line with its time; scenes are counted. */
export function showProgress(
  stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown },
  given: { readonly colours: Colours; readonly scenes: number },
): Progress {
  const moving = stream.isTTY === true;
  let played = 0;
  let drawn = moving ? 0 : performance.now();
  let current = '';
  const draw = (text: string, force = false): void => {
    current = text;
    if (!moving && performance.now() - drawn > plainEveryMs) {
      drawn = performance.now();
      stream.write(`${printable(text, 120)}\n`);
    }
    if (!moving || (!force && performance.now() - drawn < redrawEveryMs)) return;
    drawn = performance.now();
    stream.write(clearLine + printable(text, (stream.columns ?? 80) - 1));
  };
  const say = (text: string): void => {
    stream.write(`${moving ? clearLine : ''}${text}\n`);
    if (moving && current) stream.write(current);
  };
  const emit = (event: EngineEvent): void => {
    switch (event.kind) {
      case 'stage-start':
        draw(`${event.stage}  ${event.label}`, true);
        break;
      case 'stage-progress':
        draw(`${event.stage}  ${event.detail}`);
        break;
      case 'stage-end':
        current = '';
        say(`${event.stage.padEnd(8)}  ${printable(event.label)}${event.why === undefined ? '' : `: ${printable(event.why)}`}  ${given.colours.dim(event.reused ? 'from the cache' : formatDuration(event.ms))}`);
        break;
      case 'scene-start':
        draw(`playing ${played} of ${given.scenes}  ${event.scene}`, true);
        break;
      case 'scene-end':
        played += 1;
        if (event.verdict.kind !== 'pass' && event.verdict.kind !== 'skip') {
          current = '';
          say(printable(`${event.verdict.kind.padEnd(8)}  ${event.scene} (${event.patch === undefined ? event.side : `patch ${event.patch}`}): ${event.verdict.reason}`, moving ? (stream.columns ?? 80) - 1 : 400));
        }
        draw(`playing ${played} of ${given.scenes}`, true);
        break;
      case 'note':
        current = '';
        say(`note      ${printable(event.text, 400)}`);
        break;
    }
  };
  return {
    emit,
    end: () => {
      current = '';
      if (moving) stream.write(clearLine);
    },
  };
}
