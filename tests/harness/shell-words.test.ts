import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { shellLine, shellWord } from '../../harness/shell-words.ts';

const strange = ['', ' ', '-n', '=ls', 'A=1', '_b=~/x', '~', '~root', '*', '?', '[a]', '{a,b}', '#x', '!x', '$HOME', '`id`', '$(id)', "it's", "''", '"', '\\', 'a\\', 'a\nb', '\t', ';', '&', '|', '>x', '(a)', 'HEAD~3', 'a^', '\u001b[2J', 'é', '%1'];
/** What a shell has as its words, each ended by NUL. */
const readBack = (shell: string, words: readonly string[]): string[] =>
  execFileSync(shell, ['-c', `for word in ${shellLine(words)}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8', cwd: '/' }).split('\0').slice(0, -1);

for (const shell of ['sh', 'bash']) {
  t.test(`${shell} reads every word back as it was`, async (t) => {
    t.strictSame(readBack(shell, strange), strange);
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }).map((word) => word.replaceAll('\0', '')), { minLength: 1, maxLength: 50 }), (words) => {
      t.strictSame(readBack(shell, words), words);
    }), { numRuns: 20, seed: 1 });
  });
}

t.test('a word that stands first is a command, whatever is in it', async (t) => {
  t.equal(spawnSync('sh', ['-c', shellLine(['FOO=1'])]).status, 127, 'no assignment');
});

t.test('what a person would not quote is not quoted', async (t) => {
  const plain = ['./diorama', '--kernel', 'git:/home/me/linux@v6.12', '--format=junit=x.xml', 'a..b', 'x,y', '100%'];
  t.equal(shellLine(plain), plain.join(' '));
  t.equal(shellWord("it's"), String.raw`'it'\''s'`);
});
