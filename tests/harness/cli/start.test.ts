import { build } from 'esbuild';
import { execa } from 'execa';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t from 'tap';

const start = resolve(import.meta.dirname, '../../../harness/cli/start.ts');
/** Longer than start.ts wants a start to be before it keeps its code. */
const waits = 'const until = performance.now() + 800; while (performance.now() < until);';

async function home(dir: string, text: string): Promise<string> {
  await build({ entryPoints: [start], outfile: join(dir, 'start.cjs'), bundle: true, format: 'cjs', platform: 'node', logLevel: 'error' });
  await writeFile(join(dir, 'main.cjs'), text);
  return join(dir, 'start.cjs');
}

async function codes(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith('.code'));
}

t.test('a start keeps its compiled code, and the next one runs from it', async (t) => {
  const dir = t.testdir();
  const file = await home(dir, `${waits} console.log('one', require('node:path').basename(process.argv[1]), process.argv[2]);`);
  t.equal((await execa('node', [file, 'a'])).stdout, 'one start.cjs a');
  t.equal((await codes(dir)).length, 1);
  t.equal((await execa('node', [file, 'b'])).stdout, 'one start.cjs b');
  t.equal((await codes(dir)).length, 1, 'and the second keeps none of its own');
});

t.test('a bundle of the same length is another bundle', async (t) => {
  const dir = t.testdir();
  const file = await home(dir, `${waits} console.log('one');`);
  await execa('node', [file]);
  await writeFile(join(dir, 'main.cjs'), `${waits} console.log('two');`);
  await utimes(join(dir, 'main.cjs'), new Date(), new Date());
  t.equal((await execa('node', [file])).stdout, 'two');
});

t.test('code that is cut short or somebody else\'s is not run', async (t) => {
  const dir = t.testdir();
  const file = await home(dir, `${waits} console.log('one');`);
  await execa('node', [file]);
  const [code = ''] = await codes(dir);
  await writeFile(join(dir, code), 'no code of V8');
  t.equal((await execa('node', [file])).stdout, 'one');
});

t.test('a library is imported from where the bundle is, from kept code too, and what it throws ends it', async (t) => {
  const dir = t.testdir({ node_modules: { lib: { 'package.json': '{"type":"module","main":"lib.js"}', 'lib.js': 'export const word = "imported";' } } });
  const file = await home(dir, `${waits} globalThis.dioramaImport('lib').then(({ word }) => { console.log(word); throw new Error('thrown'); });`);
  for (const kept of [0, 1]) {
    t.equal((await codes(dir)).length, kept);
    const ran = await execa('node', [file], { reject: false });
    t.equal(ran.stdout, 'imported');
    t.match(ran.stderr, /Error: thrown/);
    t.equal(ran.exitCode, 1);
  }
});
