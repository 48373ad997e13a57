import type { ReadStream, WriteStream } from 'node:tty';
import type { ScreenSize } from './screen-lines.ts';

/** A whole screen of the terminal, which is given back as it was. */
export interface Terminal {
  size(): ScreenSize;
  /** Shows these lines, one a row; only rows that differ from what is there are written. */
  draw(lines: readonly string[]): void;
  /** Gives the screen back. */
  leave(): void;
}

/**
 * xterm's control sequences (ctlseqs): the alternate screen, no cursor, and no wrapping, so that a line that is wider than it seems cannot push
 * the others down. What a terminal does not know it leaves alone.
 */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const leave = '\u001b[?7h\u001b[?25h\u001b[0m\u001b[?1049l';
/** Synchronised output: what is between the two is shown at once. */
const [begin, end] = ['\u001b[?2026h', '\u001b[?2026l'];

/**
 * Takes the terminal: `onKeys` is given what is typed, `onResize` is called when its size changed, and when the process goes on after Ctrl-Z.
 * However the process ends, but for SIGKILL, the terminal is as it was: 'exit' is told of a crash too, and node writes to a terminal at once.
 */
export function takeTerminal(given: { readonly input: ReadStream; readonly output: WriteStream; readonly onKeys: (text: string) => void; readonly onResize: () => void }): Terminal {
  const { input, output, onKeys } = given;
  let drawn: readonly string[] = [];
  let taken = false;
  const take = (): void => {
    if (taken) return;
    taken = true;
    drawn = [];
    input.setRawMode(true);
    input.resume();
    output.write(enter);
  };
  const giveBack = (): void => {
    if (!taken) return;
    taken = false;
    output.write(leave);
    try {
      input.setRawMode(false);
    } catch {
      // It was closed.
    }
    input.pause();
  };
  const onData = (chunk: Buffer): void => {
    const text = chunk.toString('utf8');
    if (text.includes(ctrlZ)) {
      giveBack();
      process.kill(process.pid, 'SIGTSTP');
    } else onKeys(text);
  };
  const onContinue = (): void => {
    take();
    given.onResize();
  };
  const onResize = (): void => {
    drawn = [];
    given.onResize();
  };
  input.on('data', onData);
  output.on('resize', onResize);
  process.on('exit', giveBack);
  process.on('SIGCONT', onContinue);
  take();
  return {
    size: () => ({ columns: output.columns || 80, rows: output.rows || 24 }),
    draw: (lines) => {
      if (!taken) return;
      const whole = drawn.length !== lines.length;
      const rows = lines.flatMap((line, row) => (whole || drawn[row] !== line ? [`\u001b[${row + 1};1H${line}\u001b[K`] : []));
      drawn = [...lines];
      if (rows.length > 0) output.write(`${begin}${whole ? '\u001b[2J' : ''}${rows.join('')}${end}`);
    },
    leave: () => {
      giveBack();
      input.off('data', onData);
      output.off('resize', onResize);
      process.off('exit', giveBack);
      process.off('SIGCONT', onContinue);
    },
  };
}

/** In raw mode the terminal does not stop a program by itself. */
const ctrlZ = '\u001a';
