import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { disagreements } from '../../../harness/model/agree.ts';
import { findGeneration } from '../../../harness/model/generations.ts';
import { describeRules } from '../../../harness/model/describe-rules.ts';
import { rules } from '../../../harness/model/rules.ts';
import { sceneFor, writtenFor } from '../../../harness/model/scene-for.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';

const root = join(import.meta.dirname, '../../..');
const home = join(root, 'tests/scenarios');
const scenes: readonly Scenario[] = readdirSync(home).filter((file) => file.endsWith('.yaml')).sort()
  .map((file) => readScenario(readFileSync(join(home, file), 'utf8'), join(home, file)));

const generation = (name: string): NonNullable<ReturnType<typeof findGeneration>> => {
  const found = findGeneration(name);
  if (!found) throw new Error(`no generation ${name}`);
  return found;
};

const reworded = scenes.filter((scene) => disagreements(scene, generation('7.3')).length > 0);

t.test('what a scene says and what the model says is the same', async (t) => {
  for (const scene of scenes) t.strictSame(disagreements(scene, generation(writtenFor)).map((one) => one.message), [], scene.name);
});

t.test('a scene that the model contradicts is told, with the rule that decides', async (t) => {
  const file = join(home, 'write-does-not-overtake-mmap.yaml');
  const text = readFileSync(file, 'utf8').replace('expect: {waits: inode-lock}', 'expect: held');
  const [first] = disagreements(readScenario(text, file), generation(writtenFor));
  t.match(first?.message, /step 7: the scene says w2's pwrite is held, the model \(6\.12\.64\) says it waits for the inode lock: exclusive: somebody waits for caching mode \(m\)/);
});

t.test('for another generation a scene says what its model says, and agrees with it', async (t) => {
  for (const scene of scenes) {
    const said = disagreements(sceneFor(scene, generation('7.3')), generation('7.3')).map((one) => one.message);
    t.strictSame(said, [], scene.name);
  }
  t.ok(reworded.some((scene) => scene.name === 'close-waits-for-writers'), '7.3 closes without the inode lock');
});

t.test('every rule has a scene, and every scene a rule', async (t) => {
  const covered = new Set(scenes.flatMap((scene) => scene.covers));
  t.strictSame([...rules.keys()].filter((id) => !covered.has(id)), [], 'rules that no scene protects');
  t.strictSame(scenes.flatMap((scene) => scene.covers.filter((id) => !rules.has(id)).map((id) => `${scene.name}: ${id}`)), [], 'rules that there are not');
  t.strictSame(scenes.filter((scene) => scene.covers.length === 0).map((scene) => scene.name), [], 'scenes that protect nothing');
});

t.test('docs/rules.md is what ./diorama docs writes', async (t) => {
  t.equal(readFileSync(join(root, 'docs/rules.md'), 'utf8'), describeRules(scenes), 'run ./diorama docs');
});
