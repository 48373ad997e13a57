/** One file of a diff, as its headers tell it. Names are as written: unquoted, but with their `a/` and `b/`. */
export interface FileDiff {
  /** Line of the diff, from 1, where its header starts. */
  readonly line: number;
  /** Whether the header is `diff --git`. */
  readonly git: boolean;
  /** Absent for /dev/null. */
  readonly oldName?: string;
  readonly newName?: string;
  /** `rename from`, `copy from`: never with a prefix. */
  readonly movedFrom?: string;
  readonly movedTo?: string;
  /** Abbreviated blob id of the left side of the `index` line. */
  readonly preImage?: string;
  /** File modes named anywhere in the header, e.g. `100644`. */
  readonly modes: readonly string[];
  /** `missing`: the diff only says that binary files differ. */
  readonly content: 'text' | 'binary' | 'missing';
  readonly hunks: readonly Hunk[];
}

export interface Hunk {
  /** Line of the diff, from 1. */
  readonly line: number;
  /** The whole `@@ -12,7 +12,8 @@ function` line. */
  readonly header: string;
  readonly oldStart: number;
  /** With their first character: space, plus, minus or backslash. */
  readonly lines: readonly string[];
}

type Draft = { -readonly [K in keyof FileDiff]: FileDiff[K] } & { modes: string[]; hunks: Hunk[] };

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * What a diff says it changes, for checks and messages; text around the files is skipped, as git apply does. It never fails: damage
 * that matters is found by git apply itself.
 */
export function parseDiff(diff: Buffer): FileDiff[] {
  const lines = diff.toString('utf8').split('\n');
  const files: Draft[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const file = files.at(-1);
    if (line.startsWith('diff --git ')) files.push(gitFile(line, at + 1));
    else if (isPlainHeader(lines, at)) {
      if (file?.git !== true || file.hunks.length > 0 || file.content !== 'text') files.push(emptyFile(at + 1, false));
      setNames(files.at(-1), line, lines[at + 1] ?? '');
      at += 1;
    } else if (file && hunkHeader.test(line)) {
      const hunk = readHunk(lines, at);
      file.hunks.push(hunk);
      at += hunk.lines.length;
    } else if (file && file.hunks.length === 0) readExtendedHeader(file, line);
  }
  return files;
}

/** What `-p<strip>` makes of a path. */
export function withoutPrefix(path: string, strip: number): string {
  return path.split('/').slice(strip).join('/');
}

function emptyFile(line: number, git: boolean): Draft {
  return { line, git, modes: [], content: 'text', hunks: [] };
}

/** `diff --git a/x b/x`: the two names are told apart by being the same but for their prefixes; other cases say `rename` or `---`. */
function gitFile(header: string, line: number): Draft {
  const file = emptyFile(line, true);
  const names = header.slice('diff --git '.length).trimEnd();
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(names);
  const half = (names.length - 1) / 2;
  const even = Number.isInteger(half) && names[half] === ' ' && withoutFirst(names.slice(0, half)) === withoutFirst(names.slice(half + 1));
  const [oldName, newName] = even ? [names.slice(0, half), names.slice(half + 1)] : [quoted?.[1], quoted?.[2]];
  if (oldName !== undefined) file.oldName = unquote(oldName);
  if (newName !== undefined) file.newName = unquote(newName);
  return file;
}

function withoutFirst(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

function isPlainHeader(lines: readonly string[], at: number): boolean {
  return (
    (lines[at] ?? '').startsWith('--- ') && (lines[at + 1] ?? '').startsWith('+++ ') && (lines[at + 2] ?? '').startsWith('@@ -')
  );
}

function setNames(file: Draft | undefined, oldLine: string, newLine: string): void {
  if (!file) return;
  const oldName = plainName(oldLine.slice(4));
  const newName = plainName(newLine.slice(4));
  delete file.oldName;
  delete file.newName;
  if (oldName !== '/dev/null') file.oldName = oldName;
  if (newName !== '/dev/null') file.newName = newName;
}

/** Up to the tab, or to the time stamp some diffs put after spaces. */
function plainName(text: string): string {
  const name = text.replace(/\r$/, '');
  if (name.startsWith('"')) return unquote(/^"(?:[^"\\]|\\.)*"/.exec(name)?.[0] ?? name);
  return (name.split('\t')[0] ?? '').replace(/ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*$/, '').trimEnd();
}

function readExtendedHeader(file: Draft, line: string): void {
  const index = /^index ([0-9a-f]{4,64})\.\.[0-9a-f]{4,64}(?: (\d{6}))?\s*$/.exec(line);
  if (index?.[1] !== undefined) file.preImage = index[1];
  const mode = index?.[2] ?? /^(?:old mode|new mode|new file mode|deleted file mode) (\d{6})\s*$/.exec(line)?.[1];
  if (mode !== undefined) file.modes.push(mode);
  const moved = /^(?:rename|copy) (from|to) (.+?)\r?$/.exec(line);
  if (moved?.[1] === 'from') file.movedFrom = unquote(moved[2] ?? '');
  if (moved?.[1] === 'to') file.movedTo = unquote(moved[2] ?? '');
  if (line.startsWith('new file mode ')) delete file.oldName;
  if (line.startsWith('deleted file mode ')) delete file.newName;
  if (/^GIT binary patch\r?$/.test(line)) file.content = 'binary';
  if (/^Binary files .* differ\r?$/.test(line)) file.content = 'missing';
}

function readHunk(lines: readonly string[], at: number): Hunk {
  const header = lines[at] ?? '';
  const [, start, oldCount, newCount] = hunkHeader.exec(header) ?? [];
  let oldLeft = Number(oldCount ?? 1);
  let newLeft = Number(newCount ?? 1);
  let end = at + 1;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? '';
    const sign = line[0] ?? ' ';
    if (sign === '\\') continue;
    if ((oldLeft <= 0 && newLeft <= 0) || !' -+\t\r'.includes(sign)) break;
    if (sign !== '+') oldLeft -= 1;
    if (sign !== '-') newLeft -= 1;
  }
  return { line: at + 1, header, oldStart: Number(start), lines: lines.slice(at + 1, end) };
}

const escaped: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** Undoes git's C-style quoting of path names: octal bytes and the usual letters (git-config(1), core.quotePath). */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  const inside = Buffer.from(name.slice(1, name.endsWith('"') ? -1 : undefined), 'utf8').toString('latin1');
  const bytes = inside.replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : String.fromCharCode(escaped[code] ?? code.charCodeAt(0)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
