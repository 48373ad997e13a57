import { appendFile, cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { diorama, readText, root, runJson } from './run-diorama.ts';

const scene = 'write-does-not-overtake-mmap';
const results = t.testdir();
const run = await runJson(join(results, 'here'), ['--series', join(root, 'tests/canaries/overtaking-write.patch'), '--scenario', scene]);
/** The run elsewhere: nothing of it is in a results directory of this machine. */
const moved = join(results, 'moved');
await cp(run.dir, moved, { recursive: true });
const replay = (what: string, ...args: readonly string[]): ReturnType<typeof diorama> => diorama(['replay', what, '--results', join(results, 'there'), ...args]);

await t.test('what failed is replayed from its results alone, with the same trace to the byte', async (t) => {
  const ended = await replay(`${moved}/${scene}`);
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /on patched: the same trace, to the byte: \d+ events/);
  t.match(ended.stdout, /^fail: step 7: w2's pwrite/m);
  const id = run.record.id;
  t.equal(await readText(results, 'there/replay', id, 'patched', scene, 'trace'), await readText(run.dir, 'patched', scene, 'trace'));
});

await t.test('on a machine that has neither the kernel nor its template they are made from what the run kept', async (t) => {
  const cache = join(results, 'cache');
  const before = process.env['DIORAMA_CACHE'];
  process.env['DIORAMA_CACHE'] = cache;
  t.teardown(() => {
    if (before === undefined) delete process.env['DIORAMA_CACHE'];
    else process.env['DIORAMA_CACHE'] = before;
  });
  const ended = await replay(`${moved}/${scene}`, '--side', 'base');
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /on base: the same trace/);
  t.match(ended.stderr, /template .* s$/m, 'it was booted here');
});

await t.test('another trace is 1, and the first event that differs is shown both ways', async (t) => {
  const file = join(moved, 'base', scene, 'trace');
  const trace = await readFile(file, 'latin1');
  const at = trace.split('\n').findIndex((line) => line.includes('"step":5'));
  await writeFile(file, trace.split('\n').map((line, index) => (index === at ? line.replace('"step":5', '"step":5,"ino":9') : line)).join('\n'), 'latin1');
  t.teardown(() => writeFile(file, trace, 'latin1'));
  const ended = await replay(`${moved}/${scene}`, '--side', 'base');
  t.equal(ended.exitCode, 1, ended.stderr);
  t.match(ended.stdout, new RegExp(`another trace, from line ${at + 1} on\\n +was .*"ino":9.*\\n +is .*"step":5`));
  t.match(ended.stdout, /the stored trace is not as the run left it/);
});

await t.test('a run that kept less than is needed says so in one line, and nothing is played', async (t) => {
  const refuses = async (what: string, message: RegExp): Promise<void> => {
    const ended = await replay(what);
    t.equal(ended.exitCode, 2, ended.stderr);
    t.match(ended.stderr.split('\n')[0], message);
    t.equal(ended.stdout, '');
  };
  await refuses('latest', /a run and a scene are needed/);
  await refuses(`${moved}/no-such-scene`, /this run played no scene 'no-such-scene'/);
  const program = join(moved, 'patched', scene, 'program');
  await rename(program, `${program}.gone`);
  await refuses(`${moved}/${scene}`, /program: there is none to play; only scenes have one/);
  await rename(`${program}.gone`, program);
  const module = join(moved, 'machines/patched.fuse.ko');
  await appendFile(module, 'x');
  await refuses(`${moved}/${scene}`, /patched.fuse.ko: is not the file that the run had/);
  await rm(module);
  await refuses(`${moved}/${scene}`, /patched.fuse.ko: is gone/);
  await writeFile(join(moved, 'machines.json'), JSON.stringify({ format: 'diorama machines 1', guest: { machine: 'microvm,firmware=/etc/passwd' } }));
  await refuses(`${moved}/${scene}`, /machines.json: says nothing that can be replayed/);
  await rename(join(moved, 'machines.json'), join(moved, 'gone.json'));
  await refuses(`${moved}/${scene}`, /did not keep what it was played on/);
});
