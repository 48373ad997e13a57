import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { report } from '../../../harness/cli/report.ts';
import type { Host } from '../../../harness/host/host.ts';
import { makeRun, overtaken, regressed, root } from '../report/make-run.ts';

const host: Host = { cache: '/nonexistent', root, emit: () => undefined, signal: new AbortController().signal, jobs: 1 };

t.test('the report lands in the run, or where it is asked for, and its path is printed', async (t) => {
  const results = t.testdir();
  const dir = await makeRun(results, regressed(overtaken), { id: '2026-11-23T034212-b97c' });
  const printed = t.capture(process.stdout, 'write', () => true); // TAP goes there too
  const codes = [await report(host, '2026-11-23T034212-b97c', { format: 'html', results }), await report(host, dir, { format: 'html', output: join(results, 'other.html') })];
  printed.restore();
  t.strictSame(codes, [0, 0]);
  t.match(printed().map(({ args }) => args[0]), [/2026-11-23T034212-b97c\/report\.html\n$/, /other\.html\n$/]);
  for (const file of [join(dir, 'report.html'), join(results, 'other.html')]) {
    t.match(await readFile(file, 'utf8'), /^<!doctype html>[^]*1 regression[^]*<\/html>\n$/);
  }
});

t.test('a run that is not there, and a file that cannot be written, are clear errors', async (t) => {
  const results = t.testdir();
  await t.rejects(report(host, 'latest', { format: 'html', results }), { code: 'bad-usage', blame: 'usage' });
  const dir = await makeRun(results, []);
  await t.rejects(report(host, dir, { format: 'html', output: join(results, 'no', 'such', 'directory.html') }), { name: 'DioramaError' });
});
