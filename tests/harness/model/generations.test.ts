import t from 'tap';
import { chooseGeneration, findGeneration, generations } from '../../../harness/model/generations.ts';
import { initFlags } from '../../../harness/scenario/fuse-names.ts';

const passthrough = initFlags['PASSTHROUGH'] ?? 0n;
const chosen = (version: string, minor = 41, offered = passthrough): string | undefined => chooseGeneration({ version, minor, offered })?.name;

t.test('the version chooses the generation, also of a candidate and of a distributor', async (t) => {
  const rows: readonly (readonly [name: string, ...versions: string[]])[] = [
    ['6.9', '6.9', '6.9.0', '6.9.12', '6.10.10', '6.11.11'],
    ['6.12', '6.12', '6.12.0-rc1', '6.12.1', '6.12.63', '6.13.0', '6.16.1', '6.18.99'],
    ['6.12.64', '6.12.64', '6.12.107', '6.12.107-deb13', '6.19.0-rc1', '6.19', '7.0.1', '7.1.13'],
    ['7.2', '7.2.0-rc1', '7.2', '7.2.12'],
    ['7.3', '7.3.0-rc2', '7.3', '7.3.4', '7.10.1', '8.0'],
  ];
  for (const [name, ...versions] of rows) for (const version of versions) t.equal(chosen(version), name, version);
});

t.test('a kernel before passthrough with FUSE 7.39 is one of v2, and an older one has no io modes', async (t) => {
  t.equal(chosen('6.8.0', 39, 0n), 'v2');
  t.equal(chosen('6.12.107', 39, 0n), 'v2', 'what it offers goes before what it is called');
  t.equal(chosen('6.12.107', 39, passthrough), '6.12.64', 'passthrough came after v2');
  t.equal(chosen('6.12.107', 40, 0n), '6.12.64', 'from 7.40 on it may be configured out');
  for (const minor of [31, 38]) t.equal(chosen('6.12.107', minor), undefined, `7.${minor}`);
});

t.test('each generation has a name of its own, by which it is found', async (t) => {
  for (const generation of generations) t.equal(findGeneration(generation.name), generation);
  t.equal(findGeneration('nonsense'), undefined);
  t.strictSame(generations.map(({ name }) => name), ['v2', '6.9', '6.12', '6.12.64', '7.2', '7.3']);
});

t.test('no two generations are the same but for their names', async (t) => {
  const facts = generations.map((generation) => JSON.stringify({ ...generation, name: '', meaning: '' }));
  t.equal(new Set(facts).size, generations.length);
});
