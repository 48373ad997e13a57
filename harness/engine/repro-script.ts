import { isAbsolute, resolve } from 'node:path';
import type { Side } from '../events.ts';
import { shellWord } from '../shell-words.ts';
import type { RunRequest } from './run-scenes.ts';

/**
 * A shell script that plays one scene of a run again from the run's own directory: the scene and the patches as they were, on the
 * kernel as it was named. DIORAMA says where diorama is, when it has moved.
 */
export function reproScript(
  root: string,
  given: { readonly request: Pick<RunRequest, 'kernelText' | 'guestWords' | 'configNames' | 'model'>; readonly side: Side; readonly seriesFiles: readonly string[] },
): string {
  const { request, side } = given;
  const words = ['test', '"$here/scenario.yaml"', '--kernel', shellWord(absoluteSpec(request.kernelText)), ...request.guestWords.map(shellWord)];
  if (request.model !== undefined) words.push('--model', shellWord(request.model));
  for (const name of request.configNames) words.push('--config', shellWord(name));
  if (side === 'patched') for (const file of given.seriesFiles) words.push('--series', `"$here/../../series/${file}"`);
  return [
    '#!/bin/sh',
    '# Plays this scene again and shows its trace.',
    'here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)',
    `diorama=\${DIORAMA:-${shellWord(`${root}/diorama`)}}`,
    `exec "$diorama" ${words.join(' ')} "$@"`,
    '',
  ].join('\n');
}

/** Paths in a spec are relative to where the run was started. */
function absoluteSpec(text: string): string {
  const found = /^(dir|git|tar|image):(.*)$/s.exec(text);
  if (!found || /^image:(?:host$|debian:)/.test(text) || /^https?:/.test(found[2] ?? '') || isAbsolute(found[2] ?? '')) return text;
  return `${found[1] ?? ''}:${resolve(found[2] ?? '')}`;
}
