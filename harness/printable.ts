/**
 * CSI, OSC and other string sequences, and two-character escapes: ECMA-48 5.4, 5.6 and xterm's OSC ended by BEL. A string ends before the
 * start of another, so that a megabyte of starts takes no longer than its length.
 */
const escapes = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g;
/** Controls, format characters (direction overrides, zero width), lone surrogates, and what is assigned to nobody. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * Text of strangers (a subject, a path, a log line, what git says about them) as one harmless line for a terminal: without escape
 * sequences, controls and direction overrides; white space runs become one space. At most `max` characters, the last of them `…`
 * when something is missing.
 */
export function printable(text: string, max = 200): string {
  return cutAt(text.replace(escapes, '').replace(/\s+/g, ' ').replace(unseen, '').trim(), max);
}

/** The same, with its spaces as they were, for what stands in columns: a console, a stack. Tabs become two spaces. */
export function printableColumns(text: string, max = 200): string {
  return cutAt(text.replace(escapes, '').replace(/\t/g, '  ').replace(/\s/g, ' ').replace(unseen, '').trimEnd(), max);
}

function cutAt(line: string, max: number): string {
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, Math.max(0, max - 1)).join('').trimEnd()}…`;
}
