import type { RunRecord } from '../results/run-record.ts';
import { shellWord } from '../shell-words.ts';

/** More scenes than this are all of them, for a person who copies a command. */
const mostNamed = 6;

/**
 * The words, quoted for a shell, of a command that plays a run again on another machine: paths of this one become PATH, DIRECTORY and SERIES. With `scenes`, only those.
 */
export function portableCommand(record: RunRecord, scenes: readonly string[] = []): string[] {
  const words = ['./diorama', 'run', '--kernel', portableSpec(record)];
  for (const name of record.config.split('+').slice(1)) words.push('--config', name);
  if (record.guest !== 'deterministic') words.push('--guest', record.guest);
  const model = modelOf(record.command);
  if (model !== undefined) words.push('--model', model);
  if (record.series) words.push('--series', 'SERIES');
  if (scenes.length <= mostNamed) for (const scene of scenes) words.push('--scenario', scene.replace(/\.\d+$/, ''));
  return words.map(shellWord);
}

/** A kernel spec without the paths of this machine: what is at the end of them is told by the origin. */
export function portableSpec({ kernel, command }: Pick<RunRecord, 'kernel' | 'command'>): string {
  const asked = kernel?.spec ?? valueOf(command, '--kernel') ?? 'debian:6.12';
  if (asked.startsWith('dir:')) return 'dir:DIRECTORY';
  if (asked.startsWith('git:')) return `git:PATH${/@[^@]*$/s.exec(asked)?.[0] ?? ''}`;
  const [, file] = /^tar:(?!https?:).*?([^/]*)$/s.exec(asked) ?? [];
  return file === undefined ? asked : `tar:${file}`;
}

/** `tree X of /home/me/linux` is told without its path. */
export function portableOrigin(origin: string): string {
  return origin.replace(/^(tree [0-9a-f]+) of .*$/s, '$1');
}

function modelOf(command: readonly string[]): string | undefined {
  return valueOf(command, '--model');
}

/** Of an option that was given as `--option value` or `--option=value`. */
export function valueOf(command: readonly string[], option: string): string | undefined {
  const at = command.indexOf(option);
  return at >= 0 ? command[at + 1] : command.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
}
