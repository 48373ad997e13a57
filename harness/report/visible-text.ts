/** Controls, format characters (direction overrides, zero width), lone surrogates, private and unassigned ones; a line's end and a tab are text. */
const unseen = /[^\P{C}\n\t]/gu;

/**
 * Text of strangers with everything in it that would not be seen made visible: ESC is ␛, NUL is ␀, a direction override is ‹U+202E›. Nothing
 * is left out, so an escape sequence can be read, and does nothing.
 */
export function visibleText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(unseen, nameOf);
}

/** At most `most` characters, and how many more there were. Cuts before anything looks at the whole. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${head}… (${text.length - head.length} more characters)`;
}

/** The controls have pictures of their own from U+2400 on. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
