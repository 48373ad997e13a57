import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './run-diorama.ts';

const home = join(root, 'tests/canaries');

/** The files of a directory with a series: `0001.patch` and so on. */
export function numbered(patches: readonly string[]): Record<string, string> {
  return Object.fromEntries(patches.map((text, at) => [`${String(at + 1).padStart(4, '0')}.patch`, text]));
}

export function canary(name: string): Promise<string> {
  return readFile(join(home, `${name}.patch`), 'utf8');
}

/** The patch that takes one back, made of nothing but its lines: added ones are removed and the other way round. */
export function revertOf(patch: string): string {
  const subject = /^Subject: \[PATCH\] (.*)$/m.exec(patch)?.[1] ?? '';
  const lines = patch.slice(patch.indexOf('\ndiff --git') + 1).split('\n');
  const turned = lines.map((line) => {
    if (/^(?:---|\+\+\+) /.test(line)) return line;
    const hunk = /^@@ -(\S+) \+(\S+) @@(.*)$/.exec(line);
    if (hunk) return `@@ -${hunk[2] ?? ''} +${hunk[1] ?? ''} @@${hunk[3] ?? ''}`;
    if (line.startsWith('index ')) return line.replace(/index (\w+)\.\.(\w+)/, 'index $2..$1');
    return line.startsWith('+') ? `-${line.slice(1)}` : line.startsWith('-') ? `+${line.slice(1)}` : line;
  });
  return `From: diorama\nSubject: [PATCH] Revert "${subject}"\n\n---\n${inOrder(turned).join('\n')}`;
}

/** git wants removed lines before added ones in no particular order, but people read them so. */
function inOrder(lines: readonly string[]): string[] {
  const result: string[] = [];
  let added: string[] = [];
  for (const line of lines) {
    const changed = /^[+-](?!\+\+ |-- )/.exec(line)?.[0];
    if (changed === '+') added.push(line);
    else if (changed === '-') result.push(line);
    else {
      result.push(...added, line);
      added = [];
    }
  }
  return [...result, ...added];
}

/** Adds `line` below fs/fuse/iomode.c's first include. */
export function withLine(subject: string, line: string): string {
  return `From: somebody
Subject: [PATCH] ${subject}

---
--- a/fs/fuse/iomode.c
+++ b/fs/fuse/iomode.c
@@ -9,4 +9,5 @@
 #include "fuse_i.h"
 
 #include <linux/kernel.h>
+${line}
 #include <linux/sched.h>
`;
}
