import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { describeLanguage, mistakesIn } from '../../../harness/scenario/describe-language.ts';
import { mistakeExamples } from '../../../harness/scenario/mistake-examples.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';

const docs = join(import.meta.dirname, '../../../docs');
const intro = readFileSync(join(docs, 'scenes-intro.md'), 'utf8');

t.test('docs/scenes.md is what ./diorama docs writes', async (t) => {
  t.equal(readFileSync(join(docs, 'scenes.md'), 'utf8'), describeLanguage({ intro }));
});

t.test('the scene of the introduction is one, and its snippets are steps of one', async (t) => {
  const [scene = '', ...snippets] = [...intro.matchAll(/```yaml\n([^]*?)```/g)].map((found) => found[1] ?? '');
  t.equal(readScenario(scene, 'first.yaml').steps.length, 8);
  t.equal(snippets.length, 5);
  const head = 'protects: a sentence of words\nsource: s\nfiles: {f: {}}\nactors: {w1: , m: , w: }\nsteps:\n  - w1: {open: f}\n  - m: {open: f}\n';
  for (const snippet of snippets) {
    const { steps, sessions, measure } = readScenario(head + snippet, 'snippet.yaml');
    t.ok(steps.length + (sessions?.size ?? 0) + (measure?.modes.size ?? 0) > 2);
  }
});

t.test('every example of a mistake is one', async (t) => {
  for (const [what, steps] of mistakeExamples) t.ok(mistakesIn(steps).length > 0, what);
});

t.test('every line of a table lines up with its head', async (t) => {
  const tables = describeLanguage({ intro }).split('\n\n').filter((part) => part.startsWith('|'));
  t.ok(tables.length > 40);
  for (const table of tables) {
    const bars = table.split('\n').map((line) => [...line.replaceAll('\\|', '..').matchAll(/\|/g)].slice(0, -1).map((found) => found.index).join());
    t.equal(new Set(bars).size, 1, table);
  }
});
