import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeScene, type Evidence } from '../../../harness/judge/judge-scene.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';

const captured = (file: string): string => readFileSync(join(import.meta.dirname, file), 'latin1');

/** A console on which the kernel had nothing to complain about. */
export const cleanConsole = captured('consoles/clean-6.12.txt');

/** A trace that a real guest wrote. */
export const traceOf = (name: string): string => captured(`traces/${name}.trace`);

/** The text of the scene that was played for it. */
export const sceneText = (name: string): string => captured(`traces/${name}.yaml`);

/** The scene that was played for it; `edit`, a text and its replacement, makes another scene of it. */
export function sceneOf(name: string, ...edit: [] | [string, string]): Scenario {
  const text = sceneText(name);
  const [from = '', to = ''] = edit;
  if (!text.includes(from)) throw new Error(`${name} does not say '${from}'`);
  return readScenario(text.replace(from, to), `${name}.yaml`);
}

/** What is known of a scene that was played to its end on a good kernel, but for what `given` says. */
export function evidenceOf(name: string, given: Partial<Evidence> = {}): Evidence {
  return {
    trace: given.trace ?? traceOf(name), console: cleanConsole, ended: 'exit', exitCode: 1, stderr: '', version: '6.12.107',
    limits: { clone: 20_000, scene: 60_000, console: 8 * 1024 * 1024 },
    ...given,
  };
}

export function judge(name: string, given: Partial<Evidence> = {}): Verdict {
  return judgeScene(sceneOf(name), evidenceOf(name, given));
}

/** Numbers the lines of an edited trace again, so that only what they say is wrong with it. */
export function renumbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${line.replace(/"n":\d+/, `"n":${index + 2}`)}\n`).join('');
}
