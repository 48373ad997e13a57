/** Characters that a terminal shows two columns wide: East Asian scripts (UAX 11), pictographs. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Extended_Pictographic}|\p{Regional_Indicator}/u;

/** How many columns a line without controls takes, or one more. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + columnsOfCharacter(character), 0);
}

/**
 * Text as lines of at most `columns`, broken at spaces, and within a word that is longer than a line. The first line begins with `first`, the
 * others with `rest`; both count.
 */
export function wrapText(text: string, given: { readonly columns: number; readonly first?: string; readonly rest?: string }): string[] {
  const { columns, first = '', rest = first } = given;
  const lines: string[] = [];
  let line = '';
  const room = (): number => columns - columnsOf(lines.length === 0 ? first : rest);
  const end = (): void => {
    lines.push(`${lines.length === 0 ? first : rest}${line}`.trimEnd());
    line = '';
  };
  for (const word of text.split(' ').filter(Boolean)) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > room()) end();
    let left = line === '' ? word : `${line} ${word}`;
    while (columnsOf(left) > room()) {
      line = headOf(left, room());
      left = left.slice(line.length);
      end();
    }
    line = left;
  }
  if (line !== '' || lines.length === 0) end();
  return lines;
}

function headOf(text: string, columns: number): string {
  let head = '';
  let taken = 0;
  for (const character of text) {
    taken += columnsOfCharacter(character);
    if (taken > columns && head !== '') break;
    head += character;
  }
  return head;
}

function columnsOfCharacter(character: string): number {
  return wide.test(character) ? 2 : 1;
}
