import type { WatchEvent } from '../../watch/watch-events.ts';
import type { WatchSession } from '../../watch/watch-session.ts';
import { coloursFor } from '../colours.ts';
import { readKeys, type Command } from './keys.ts';
import { plainLines } from './plain-line.ts';
import { screenLines } from './screen-lines.ts';
import { firstState, heard } from './screen-state.ts';
import { takeTerminal } from './terminal.ts';

/** Who shows a watch, and hears the keys. */
export interface WatchView {
  readonly emit: (event: WatchEvent) => void;
  /** From now on keys are obeyed. */
  attach(session: WatchSession): void;
  /** Gives the terminal back. */
  end(): void;
}

const redrawEveryMs = 80;
/** So that a build's seconds go on while make says nothing. */
const tickMs = 1000;

/** On a terminal a screen, elsewhere lines on `output`. `quit` is called for q, `interrupt` for Ctrl-C. */
export function showWatch(given: {
  readonly kernel: string; readonly root: string; readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream; readonly quit: () => void; readonly interrupt: () => void;
}): WatchView {
  const { input, output } = given;
  return input.isTTY && output.isTTY && process.env['TERM'] !== 'dumb' ? screenView(given) : {
    emit: (event) => {
      for (const line of plainLines(event, given.root)) output.write(`${line}\n`);
    },
    attach: () => undefined,
    end: () => undefined,
  };
}

function screenView(given: Parameters<typeof showWatch>[0]): WatchView {
  const colours = coloursFor(given.output);
  let state = firstState(given);
  let session: WatchSession | undefined;
  let due: NodeJS.Timeout | undefined;
  let drawnMs = 0;
  const draw = (): void => {
    clearTimeout(due);
    due = undefined;
    drawnMs = Date.now();
    terminal.draw(screenLines(state, terminal.size(), { colours, nowMs: drawnMs }));
  };
  const drawSoon = (): void => {
    due ??= setTimeout(draw, Math.max(0, drawnMs + redrawEveryMs - Date.now()));
  };
  const failures = (): number => state.pass.failures.length;
  const obey = (command: Command): void => {
    switch (command.kind) {
      case 'quit':
        given.quit();
        break;
      case 'interrupt':
        given.interrupt();
        break;
      case 'all':
        session?.choose(undefined);
        break;
      case 'again':
        session?.again();
        break;
      case 'next':
        if (failures() > 0) state = { ...state, at: (state.at + 1) % failures(), moved: 0 };
        break;
      case 'pick': {
        const failure = state.pass.failures[command.number - 1];
        if (failure) session?.choose(failure.scene.name);
        break;
      }
      case 'scroll':
        state = { ...state, moved: state.moved + command.lines };
        break;
      case 'type': {
        const { typed: _, ...rest } = state;
        state = { ...rest, ...(command.typed === undefined ? {} : { typed: command.typed }) };
        break;
      }
      case 'choose': {
        const { typed: _, ...rest } = state;
        state = rest;
        session?.choose(command.pattern);
        break;
      }
    }
  };
  const terminal = takeTerminal({
    input: given.input, output: given.output, onResize: draw,
    onKeys: (text) => {
      for (const command of readKeys(text, state.typed)) obey(command);
      drawSoon();
    },
  });
  const tick = setInterval(() => {
    if (state.pass.activity.kind === 'building') drawSoon();
  }, tickMs);
  draw();
  return {
    emit: (event) => {
      state = heard(state, event, Date.now());
      drawSoon();
    },
    attach: (watched) => {
      session = watched;
    },
    end: () => {
      clearInterval(tick);
      clearTimeout(due);
      terminal.leave();
    },
  };
}
