/** CSI, OSC and other string sequences, and two-character escapes: ECMA-48 5.4, 5.6 and xterm's OSC ended by BEL. */
const escapes = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g;
/** Controls, format characters (direction overrides, zero width), lone surrogates, and what is assigned to nobody. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * Text of strangers (a subject, a path, a log line, what git says about them) as one harmless line for a terminal: without escape
 * sequences, controls and direction overrides; white space runs become one space. At most `max` characters, the last of them `…`
 * when something is missing.
 */
export function printable(text: string, max = 200): string {
  const line = text
    .replace(escapes, '')
    .replace(/\s+/g, ' ')
    .replace(unseen, '')
    .trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, Math.max(0, max - 1)).join('').trimEnd()}…`;
}
