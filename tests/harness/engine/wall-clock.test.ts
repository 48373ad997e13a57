import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as hdr from 'hdr-histogram-js';
import t from 'tap';
import { z } from 'zod';
import { runRecordSchema } from '../../../harness/results/run-record.ts';
import { diorama, root } from './run-diorama.ts';

const fileSchema = z.object({ histograms: z.array(z.object({ side: z.string(), operation: z.string(), mode: z.string(), writers: z.number(), histogram: z.string() })) });

await t.test('a run measures both kernels on the wall clock, and keeps histograms that others read', async (t) => {
  const args = ['run', '--json', '--results', t.testdir(), '--scenario', 'write-does-not-overtake-mmap', '--series', join(root, 'tests/canaries/same-if-else.patch'), '--wall-clock', '1'];
  const { exitCode, stdout, stderr } = await diorama(args);
  t.equal(exitCode, 0, stderr);
  const record = runRecordSchema.extend({ dir: z.string() }).parse(JSON.parse(stdout));
  t.strictSame(record.scenes.filter(({ scene }) => scene === 'wall-clock').map(({ side, verdict }) => [side, verdict]), [['base', { kind: 'pass', reason: '' }], ['patched', { kind: 'pass', reason: '' }]]);
  const { wallClock } = record;
  t.equal(wallClock?.judged, wallClock?.accelerator === 'kvm');
  for (const operation of ['pwrite', 'pread', 'open', 'mmap', 'load', 'store', 'msync', 'munmap', 'close']) {
    const figure = wallClock?.figures.find((one) => one.operation === operation && one.mode === 'mapped' && one.quantity === 'median');
    t.match(figure, { base: [Number], patched: [Number], word: '~', p: 1 }, operation);
  }
  t.strictSame([...new Set(wallClock?.figures.map(({ writers }) => writers))], [1, 2, 4, 8]);
  const { histograms } = fileSchema.parse(JSON.parse(await readFile(join(record.dir, wallClock?.file ?? ''), 'utf8')));
  const pwrite = histograms.find(({ side, operation, mode, writers }) => side === 'patched' && operation === 'pwrite' && mode === 'alone' && writers === 8);
  t.ok(hdr.decodeFromCompressedBase64(pwrite?.histogram ?? '').totalCount > 0);
});

await t.test('a kernel that dies of what is measured is broken by the series, and its console is kept', async (t) => {
  const args = ['run', '--json', '--results', t.testdir(), '--scenario', 'backing-needs-passthrough', '--series', join(root, 'tests/harness/engine/broken/oopses.patch'), '--wall-clock', '1'];
  const { exitCode, stdout, stderr } = await diorama(args);
  t.equal(exitCode, 1, stderr);
  const record = runRecordSchema.extend({ dir: z.string() }).parse(JSON.parse(stdout));
  const [base, patched] = ['base', 'patched'].map((side) => record.scenes.find((played) => played.scene === 'wall-clock' && played.side === side));
  t.match(base?.verdict, { kind: 'pass' });
  t.match(patched, { verdict: { kind: 'crash', reason: /^boot 1: the kernel said: / }, dir: 'patched/wall-clock/boot-01' });
  t.match(await readFile(join(record.dir, patched?.dir ?? '', 'console'), 'utf8'), /Call Trace/);
});
