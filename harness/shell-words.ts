/** Words as one line that a POSIX shell reads back as the same words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A word as it is where no shell sees more in it than itself (bash and zsh expand `~` and `=` in some places), else in single quotes. */
export function shellWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What begins with `=`, or is an assignment where a command stands first, is not plain. */
const plain = /^(?!\w*=)[\w@%+=:,./-]+$/;
