const patterns: readonly (readonly [RegExp, string])[] = [
  [/^(?:RCS file: |retrieving revision )/m, 'a CVS diff, whose paths git apply cannot place: make it again with git diff or diff -u a b'],
  [/^diff --(?:cc|combined) /m, "a merge's combined diff, which cannot be applied: use git format-patch"],
  [/^\*{3} .+\n--- .+\n\*{15}/m, 'a context diff (diff -c): make a unified one (diff -u)'],
];

/** Used when there is no diff to be seen. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:<!doctype html|<html|<\?xml)/i, 'an HTML page, not the patch itself: lore has it under /raw or /t.mbox.gz, patchwork under /mbox/'],
  [/^> ?(?:diff --git |--- a\/)/m, 'only a quoted diff ("> diff …"): a reply, not a patch'],
  [/^commit [0-9a-f]{40}$/m, 'a log without its diffs: use git format-patch'],
];

const logEntry = /^commit [0-9a-f]{40}(?: \(.*\))?\n(?:Merge|Author): /gm;

/** Why a text cannot be given to git apply, as far as its kind tells; undefined when it may be a unified diff. */
export function whyNoDiff(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1').replaceAll('\r\n', '\n');
  if (text.trim() === '') return 'empty';
  if (text.includes('\0')) return 'NUL bytes: binary data, or text in UTF-16';
  const known = patterns.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  if (!holdsDiff(bytes)) return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'no diff in it';
  if ((text.match(logEntry) ?? []).length > 1) return 'git log output, newest commit first: use git format-patch';
  return undefined;
}

/** Whether some text has a diff in it, of whatever quality. */
export function holdsDiff(bytes: Buffer): boolean {
  return /^(?:diff --(?:git|cc|combined) |--- .+\r?\n\+\+\+ |RCS file: |\*{3} .+\r?\n--- .+\r?\n\*{15}|Binary files .+ differ|GIT binary patch)/m.test(
    bytes.toString('latin1'),
  );
}
