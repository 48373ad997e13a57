import { excerptStart } from '../judge/excerpt-start.ts';
import { findSplats } from '../judge/find-splats.ts';
import { cutText } from './visible-text.ts';

export interface ConsoleLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** `title`: the complaint itself; `place`: decoded function and offset; `left`: says how many lines of registers and code bytes stood here. */
  readonly kind: 'title' | 'place' | 'plain' | 'left';
}

export interface MarkedExcerpt {
  readonly lines: readonly ConsoleLine[];
  readonly linesBefore: number;
  readonly linesAfter: number;
  /** How many complaints the whole has. */
  readonly splats: number;
}

const linesBeforeSplat = 3;
const mostLines = 60;
const mostCharacters = 8000;
const longestLine = 240;

/** The part of a console that tells: from a little before its first complaint on, or its end where there is none; each line marked with what it is. */
export function markedExcerpt(console: string): MarkedExcerpt {
  const lines = console.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const splats = findSplats(console);
  const titles = new Set(splats.map((splat) => splat.line));
  const from = excerptStart(lines.length, splats, { before: linesBeforeSplat, last: mostLines / 2 });
  const shown: ConsoleLine[] = [];
  let characters = 0;
  let registers = 0;
  let index = from;
  const flush = (): void => {
    if (registers > 0) shown.push({ number: index, text: `… ${registers} ${registers === 1 ? 'line' : 'lines'} of registers and code`, kind: 'left' });
    registers = 0;
  };
  for (; index < lines.length && shown.length < mostLines && characters < mostCharacters; index += 1) {
    const text = cutText(lines[index] ?? '', longestLine);
    if (!titles.has(index + 1) && isRegisters(text)) {
      registers += 1;
      continue;
    }
    flush();
    characters += text.length;
    shown.push({ number: index + 1, text, kind: titles.has(index + 1) ? 'title' : place.test(text) ? 'place' : 'plain' });
  }
  flush();
  return { lines: shown, linesBefore: from, linesAfter: lines.length - index, splats: splats.length };
}

/** `fuse_file_mmap+0x9b/0x130 [fuse]`, with file:line where the kernel's lines were decoded. */
const place = /\b[\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+|\([\w./-]+\.[chS]:\d+\)/;
/** Registers, code bytes, modules: only who reads machine code wants them (arch/x86/kernel/process_64.c, __show_regs()). */
const registersLine = /^(?:\[ *\d+\.\d+\](?:\[[^\]]*\])? ?)?(?:Code: |[ER][A-Z0-9]{2}: |FS: |CS: |CR\d: |DR\d: |PKRU: |Modules linked in)/;

/** Whether a console's line is a dump of registers, code bytes or modules. */
export function isRegisters(text: string): boolean {
  return registersLine.test(text) && !/^(?:\[[^\]]*\] ?)*RIP: 0010:\D/.test(text);
}
