import { shellWord } from '../shell-words.ts';
import type { ServerName, Suite } from './read-suite.ts';

/** Says that the script could not begin: nothing was tested. */
export const notBegun = 99;

/**
 * What a guest runs for a suite on a server: it mounts the file system, runs the suite's own lines, and takes the file system down. It exits with
 * what those came to, `notBegun` before them.
 * @param given.variables what the lines find in their environment, PASSTHROUGH_HP for every server but the stage's
 */
export function suiteScript(suite: Suite, given: { readonly server: ServerName; readonly variables: ReadonlyMap<string, string> }): string {
  const { server, variables } = given;
  const hp = server === 'hp' || server === 'hp-direct';
  const options = server === 'hp-direct' ? '--direct-io --nopassthrough' : '';
  const mounted = hp && suite.mounts !== true;
  return [
    '#!/bin/sh',
    `# ${suite.name} on ${server}: ${suite.about}`.replaceAll('\n', ' '),
    `export SERVER=${server}`,
    ...[...variables].map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...(suite.case === undefined ? [] : [`export CASE=${shellWord(suite.case)}`]),
    ...(server === 'stage' ? ['export MNT=/mnt'] : []),
    ...(hp ? [`export HP_OPTIONS=${shellWord(options)}`] : []),
    ...(mounted ? mountHp() : []),
    '(set -e',
    suite.run.trimEnd(),
    ')',
    'code=$?',
    ...(mounted ? ['cd /; umount "$MNT" || { echo "umount failed: somebody still uses it"; [ $code -ne 0 ] || code=98; }', 'wait'] : []),
    'exit $code',
    '',
  ].join('\n');
}

function mountHp(): string[] {
  return [
    'export MNT=/run/diorama/mnt',
    `mkdir -p "$MNT" /run/diorama/source || exit ${notBegun}`,
    '"$PASSTHROUGH_HP" --foreground $HP_OPTIONS /run/diorama/source "$MNT" &',
    'tries=0',
    `until grep -q " $MNT fuse" /proc/mounts; do tries=$((tries + 1)); [ $tries -lt 300 ] || exit ${notBegun}; sleep 0.1; done`,
  ];
}
