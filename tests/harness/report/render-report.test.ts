import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import t from 'tap';
import { latencyRows } from '../../../harness/report/latency-rows.ts';
import { plotLatency } from '../../../harness/report/latency-plots.ts';
import { plotWallClock } from '../../../harness/report/wall-clock-plots.ts';
import { renderReport } from '../../../harness/report/render-report.ts';
import { writeReport } from '../../../harness/report/write-report.ts';
import { makeRun, overtaken, regressed, root, viewOf, warned } from './make-run.ts';

const megabyte = 1024 * 1024;
const page = async (...runs: readonly string[]): Promise<string> => writeReport(runs, { root, written: new Date(0), shown: (path) => path });

/** JSON leaves out what is undefined. */
const withoutSeries = { series: undefined } as object;

/** What a reader sees: no tags, no style, white space once. */
const read = (text: string): string => text.replace(/<style>[^]*?<\/style>/, '').replace(/<[^>]*>/g, ' ').replaceAll('&#39;', "'").replaceAll('&gt;', '>').replace(/\s+/g, ' ');

t.test('the first screen names what was tested, the verdict, the rule and where it was seen', async (t) => {
  const dir = await makeRun(t.testdir(), [...regressed(overtaken), ...regressed(warned)]);
  const text = read(await page(dir));
  const first = text.slice(0, text.indexOf('What broke', text.indexOf('</nav>')));
  t.match(first, /✕ 2 regressions, 0 of 2 scenes the same v3\.mbox \(“ ?fuse: take the lock shared ?”\) on Linux 6\.12\.107/);
  t.match(text, /The rule that this most likely breaks .*wait\.guard/);
  t.match(text, /expected in step 7 it must wait for the inode lock ✕ came w2's pwrite of 4K at 4K reached the server \(WRITE\)/);
  t.match(text, /WARNING: at fs\/fuse\/inode\.c:175 fuse_evict_inode \[fuse\] in 1 scene/);
});

t.test('a failed scene has its rules, timeline, console and both commands', async (t) => {
  const dir = await makeRun(t.testdir(), regressed(warned));
  const text = read(await page(dir));
  t.match(text, /mode\.final-put The end of caching mode: it ends with the last cached or mapped open file/);
  t.match(text, /Without the series ✓ pass ; with it ✱ splat : ▼ regression/);
  t.match(text, /13 w2: pwrite of 4K at 4K ✕ here they part/);
  t.match(text, /fuse_kill_sb_anon\+0x7d\/0xc0 \[fuse\]/);
  t.match(text, /patched\/live-mapping-serialises\/repro\.sh \.\/diorama test live-mapping-serialises --series v3\.mbox/);
});

t.test('the same run gives the same page to the byte', async (t) => {
  const dir = await makeRun(t.testdir(), regressed(overtaken));
  t.equal(await page(dir), await page(dir));
});

t.test('a run without scenes, one that failed, one that was interrupted and one that was killed say so', async (t) => {
  const results = t.testdir();
  const cases = [
    ['2026-11-23T000001-aaaa', { status: 'failed', error: { blame: 'series', code: 'series-does-not-apply', message: 'v3.mbox: 2/5 does not apply' } }, /\? the run failed: v3\.mbox: 2\/5 does not apply; no scene was played/],
    ['2026-11-23T000002-aaaa', { status: 'interrupted' }, /\? interrupted; no scene was played/],
    ['2026-11-23T000003-aaaa', { status: 'running' }, /\? still running, or killed; no scene was played/],
  ] as const;
  for (const [id, change, wanted] of cases) t.match(read(await page(await makeRun(results, [], { id, ...change }))), wanted);
  const half = await makeRun(results, regressed(overtaken).slice(1), { id: '2026-11-23T000004-aaaa', status: 'interrupted' });
  t.match(read(await page(half)), /interrupted; so far/);
  t.match(read(await page(half)), /Failed 1 .*fail write-does-not-overtake-mmap/, 'a side alone is told too');
});

t.test('evidence that is gone or broken is said to be, and the rest stands', async (t) => {
  const results = t.testdir();
  const dir = await makeRun(results, [...regressed(overtaken), ...regressed(warned, { change: { 'scenario.yaml': '}{ no scene', trace: '{"n":1}\n', console: '' } })]);
  for (const file of ['trace', 'console', 'repro.sh', 'scenario.yaml']) await rm(join(dir, 'patched', overtaken, file));
  const text = read(await page(dir));
  t.match(text, /No timeline: the guest left no trace/);
  t.match(text, /No timeline: the scene's own file is gone, or this diorama does not read it/);
  t.match(text, /Console It is empty/);
});

t.test('a record that points out of its run reads nothing there', async (t) => {
  const results = t.testdir();
  await mkdir(join(results, 'elsewhere'));
  await writeFile(join(results, 'elsewhere', 'console'), 'secret words\n');
  const verdict = { kind: 'fail', reason: 'x' } as const;
  const dir = await makeRun(results, [], { scenes: [{ scene: 'a', side: 'base', verdict, ms: 1, dir: '../elsewhere' }] });
  t.notMatch(await page(dir), /secret words/);
});

t.test('what guests, patches and scenes say stays text', async (t) => {
  const evil = '<script>document.title="x"</script></style></title>"onload="alert(1)" \u001b[31m\u202e\0<img src=x onerror=alert(1)>';
  const console = Buffer.concat([Buffer.from(`${evil}\nWARNING: ${evil}\nnot ok 1 - forged\n`), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]), Buffer.alloc(megabyte, 'x')]);
  const trace = `${JSON.stringify({ n: 2, t: 1, e: 'hello', release: evil })}\n${JSON.stringify({ n: 3, t: 2, e: 'step', step: 1 })}\n${JSON.stringify({ n: 4, t: 3, e: 'arrive', req: 1, op: evil, by: evil, ino: 1 })}\n`;
  const verdict = { kind: 'splat' as const, reason: `the kernel said: ${evil} (console line 2); and step 1: ${evil}'s open, where ${evil}: it ${evil}`, step: 1 };
  const hostile = regressed(overtaken, { change: { console, trace } }).map((scene) => (scene.side === 'patched' ? { ...scene, verdict, measures: [{ operation: 'open' as const, mode: evil, writers: 1, ns: [1, 2] }] } : scene));
  const dir = await makeRun(t.testdir(), hostile, {
    series: { label: evil, patches: [{ subject: evil, from: evil }] }, command: ['run', '--series', evil], guest: evil, config: evil,
    kernel: { spec: evil, version: evil, origin: evil, treeId: evil }, stages: [{ stage: evil, label: evil, ms: 1, reused: false }],
    summary: evil,
  });
  const text = await page(dir);
  const { document } = parseHTML(text) as unknown as { readonly document: { querySelectorAll(selector: string): ArrayLike<{ readonly localName: string; getAttributeNames(): string[] }> } };
  const elements = Array.from(document.querySelectorAll('*'));
  const names = new Set(elements.map(({ localName }) => localName));
  t.notOk(['script', 'img', 'iframe', 'object', 'link', 'base', 'form'].some((name) => names.has(name)), 'no element of theirs');
  t.equal(document.querySelectorAll('style').length, 1 + document.querySelectorAll('svg').length);
  t.ok(document.querySelectorAll('svg').length > 0);
  t.strictSame(elements.flatMap((element) => element.getAttributeNames()).filter((name) => /^on|^src$/.test(name)), [], 'no attribute of theirs');
  t.notOk(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text), 'no control of theirs');
  t.match(text, /\\xff\\xfe\\xc3\(/, 'bytes that are no UTF-8 can be read');
  t.match(text, /␛\[31m‹U\+202E›␀/);
  t.ok(text.length < megabyte / 4);
});

t.test('a whole catalogue that fails on both sides stays below a mebibyte, with measures and 30 runs of history', async (t) => {
  const results = t.testdir();
  const modes = ['direct', 'parallel', 'cached', 'mmap', 'passthrough'];
  const measures = (['open', 'mmap', 'load', 'pread', 'pwrite', 'msync', 'munmap', 'close'] as const).flatMap((operation) => modes.flatMap((mode) => [1, 2, 4, 8].map((writers) => ({ operation, mode, writers, bytes: 4096, ns: Array.from({ length: 32 }, (_, index) => 20_000 + index) }))));
  const scenes = Array.from({ length: 140 }, (_, index) => ({ like: index % 2 === 0 ? overtaken : warned, name: `${index % 2 === 0 ? overtaken : warned}-of-a-long-name-${index}` }));
  const both = scenes.flatMap((scene, index) => [
    { ...scene, side: 'base' as const, verdict: { kind: 'fail' as const, reason: `step 3: ${'a long reason '.repeat(40)}`, step: 3 } },
    { ...scene, side: 'patched' as const, ...(index === 0 ? { measures } : {}) },
  ]);
  const dir = await makeRun(results, both);
  for (let run = 0; run < 29; run += 1) {
    const kind = run % 2 === 0 ? 'pass' : 'splat';
    await makeRun(results, [], { id: `2026-10-${String(run + 1).padStart(2, '0')}T000000-aaaa`, scenes: scenes.map(({ name }) => ({ scene: name, side: 'base', verdict: { kind, reason: 'a reason '.repeat(60) }, ms: 1, dir: 'x' })) });
  }
  const text = await page(dir);
  const bytes = Buffer.byteLength(text);
  t.comment(`${bytes} bytes`);
  t.ok(bytes < megabyte);
  for (const { name } of scenes) t.ok(text.includes(name), name);
  t.match(text, /Timeline and console are left out here/);
});

t.test('history tells the scenes whose verdict moved, and counts runs that cannot be read', async (t) => {
  const results = t.testdir();
  const id = (day: number): string => `2026-11-${day}T000000-aaaa`;
  await makeRun(results, regressed(overtaken).slice(0, 1), { id: id(10) });
  await makeRun(results, [], { id: id(11) });
  await writeFile(join(results, id(11), 'run.json'), 'torn');
  const dir = await makeRun(results, [...regressed(overtaken), { like: warned, side: 'base', verdict: { kind: 'pass', reason: '' } }], { id: id(12) });
  await makeRun(results, [], { id: id(13) });
  const view = await viewOf(dir);
  t.strictSame(view.runs[0]?.history.get(overtaken)?.map(({ run, kernel, verdict }) => [run, kernel, verdict]), [
    [id(12), '6.12.107 + v3.mbox', 'fail'], [id(10), '6.12.107', 'pass'],
  ]);
  const text = read(await page(dir));
  t.match(text, /Of 2 scenes in 2 stored runs, 1 came to more than one verdict/);
  t.match(text, /1 stored run could not be read/);
});

t.test('several runs stand side by side, each with columns of its own', async (t) => {
  const results = t.testdir();
  const first = await makeRun(results, regressed(overtaken), { id: '2026-11-12T000000-aaaa' });
  const second = await makeRun(results, [{ like: warned, side: 'base', verdict: { kind: 'pass', reason: '' } }], { id: '2026-11-13T000000-bbbb', guest: 'parallel', kernel: { spec: 'debian:7.3', version: '7.3.4', origin: 'x', treeId: 'y' }, ...withoutSeries });
  const text = read(await page(first, second));
  t.match(text, /scene base 6\.12\.107 deterministic, default patched 6\.12\.107 \+ v3\.mbox deterministic, default base 7\.3\.4 parallel, default/);
  t.match(text, /live-mapping-serialises not played not played ✓ pass/);
});

t.test('skips say why, known issues have title and page', async (t) => {
  const verdicts = [
    { kind: 'skip', reason: 'needs io-modes' }, { kind: 'known', issue: 'K1', reason: 'K1, a thread in mmap: step 5' }, { kind: 'pass', issue: 'K3', reason: '' },
  ] as const;
  const dir = await makeRun(t.testdir(), verdicts.map((verdict, index) => ({ like: overtaken, name: `scene-${index}`, side: 'base' as const, verdict: { ...verdict } })));
  const text = read(await page(dir));
  t.match(text, /needs io-modes: scene-0 \(base\)/);
  t.match(text, /K1 a thread in mmap and a writer of its own process wait for each other \( docs\/findings\/k1-mmap-lock-deadlock\.md \) : scene-1 \(base\)/);
  t.match(text, /By its version this kernel should have shown, and did not: K3/);
});

t.test('exact latency is plotted and told in nanoseconds', async (t) => {
  const at = (shift: number) => [
    ...[1, 2, 4].map((writers) => ({ operation: 'pwrite' as const, mode: 'parallel', writers, bytes: 4096, ns: [30_000 * writers + shift, 30_000 * writers] })),
  ];
  const scenes = regressed(overtaken).map((scene) => ({ ...scene, measures: at(scene.side === 'base' ? 0 : 1) }));
  const view = await viewOf(await makeRun(t.testdir(), scenes));
  const rows = latencyRows(view.runs[0]?.scenes ?? []);
  const plots = await plotLatency(rows);
  t.strictSame(plots.latency, [], 'a scene that measures several at once is plotted against their number');
  t.strictSame(plots.throughput.map(({ title }) => title), ['pwrite, parallel']);
  for (const { svg } of [...plots.latency, ...plots.throughput]) t.match(svg, /^<svg[^>]*viewBox[^]*var\(--patched\)[^]*<\/svg>$/);
  const text = read(renderReport(view, { latency: [plots], wallClock: [] }));
  t.match(text, /3 of 3 figures differ between base and patched/);
  t.match(text, /pwrite parallel 1 30000 \(30000–30000, 2\) 30000 \(30000–30001, 2\) 0 ns, single ones differ/);
});

t.test('the wall clock has a section of its own, with plots, and never a percentage of change', async (t) => {
  const load = { operation: 'pwrite', mode: 'alone', delayUs: 500 } as const;
  const wallClock = {
    guest: 'parallel', cpus: 2, accelerator: 'tcg', boots: 4, plan: { warmMs: 100, windowMs: 400 }, judged: false, file: 'wall-clock.json', missing: 'FUSE_<b>',
    figures: [
      { ...load, writers: 1, quantity: 'rate' as const, base: [100, 101, 99, 102], patched: [100, 103, 98, 101], ratio: 1, interval: { low: 0.97, high: 1.03, level: 0.971 }, p: 0.886, word: '~' as const },
      { ...load, writers: 8, quantity: 'rate' as const, base: [865, 716, 800, 790], patched: [69, 169, 80, 75], ratio: 0.104, interval: { low: 0.08, high: 0.2, level: 0.971 }, p: 0.0286, word: 'slower' as const },
    ],
  };
  const view = await viewOf(await makeRun(t.testdir(), regressed(overtaken)));
  const [run] = view.runs;
  if (!run) throw new Error('no run');
  const measured = { ...view, runs: [{ ...run, record: { ...run.record, wallClock } }] };
  const plots = await plotWallClock(wallClock);
  t.strictSame(plots.map(({ title }) => title), ['pwrite alone, server after 500 µs']);
  const text = read(renderReport(measured, { latency: [], wallClock: [plots] }));
  t.match(text, /Latency on the wall clock 4 boots of each kernel in turn/);
  t.match(text, /this is a report and no verdict\. The kernel lacks FUSE_&lt;b>, so nobody mapped\. 1 of 2 figures differ with p ≤ 0\.05; by chance alone some 0 would\./);
  t.match(text, /rate of pwrite alone, 8 writers, server after 500 µs 795\/s \(716–865, n=4\) 77\.5\/s \(69–169, n=4\) 0\.104 × \[0\.08, 0\.2\] at 97\.1 %, p=0\.029 slower/);
  t.match(text, /rate of pwrite alone, 1 writer, server after 500 µs .* ~ 1 × \[0\.97, 1\.03\] at 97\.1 %, p=0\.886/);
  t.notMatch(read(renderReport(view, { latency: [], wallClock: [] })), /wall clock/);
});

t.test('each operation of a scene has its plot, with its modes', async (t) => {
  const at = (shift: number) => [
    ...['exclusive', 'parallel'].map((mode) => ({ operation: 'pwrite 2', mode, writers: 1, bytes: 4096, ns: [30_000 + shift] })), { operation: 'open', mode: 'exclusive', writers: 1, ns: [51_000] },
  ];
  const scenes = regressed(overtaken).map((scene) => ({ ...scene, measures: at(scene.side === 'base' ? 0 : 9) }));
  const view = await viewOf(await makeRun(t.testdir(), scenes));
  const plots = await plotLatency(latencyRows(view.runs[0]?.scenes ?? []));
  t.strictSame(plots.latency.map(({ title }) => title), ['pwrite 2', 'open, no difference']);
  t.strictSame(plots.throughput, []);
});

t.test('a scene that is as good as before and slower is told with both figures', async (t) => {
  const scenes = regressed(overtaken).map((scene) => ({
    ...scene, verdict: { kind: 'pass' as const, reason: '' }, measures: [{ operation: 'pwrite', mode: 'parallel', writers: 1, bytes: 4096, ns: [scene.side === 'base' ? 59_592 : 59_601] }],
  }));
  const text = read(await page(await makeRun(t.testdir(), scenes)));
  t.match(text, /1 regression, 1 of them a scene that is slower/);
  t.match(text, /Slower 1/);
  t.match(text, /▽ slower [^]*pwrite, parallel: 59592 ns on the base, 59601 ns with the series/);
  t.match(text, /pwrite parallel 1 59592 59601 \+9/);
});

t.test('nothing measured, no section and no library', async (t) => {
  const dir = await makeRun(t.testdir(), regressed(overtaken));
  t.notMatch(await page(dir), /id="latency"/);
});

t.test('what is no run is one clear error', async (t) => {
  await t.rejects(page(join(t.testdir(), 'nothing')), { code: 'bad-usage' });
});
