import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import type { EngineEvent } from '../../../../harness/events.ts';
import { findConfig } from '../../../../harness/engine/find-config.ts';
import type { Host } from '../../../../harness/host/host.ts';
import { withLock } from '../../../../harness/host/lock.ts';
import { cacheRoot } from '../../../../harness/host/paths.ts';
import { buildVariant } from '../../../../harness/kernel/build/build-variant.ts';
import { kernelFacts } from '../../../../harness/kernel/build/kernel-facts.ts';
import { moduleMisfit } from '../../../../harness/kernel/module/module-fit.ts';
import { storedVmlinux } from '../../../../harness/kernel/build/vmlinux-store.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { BuiltVariant, Source } from '../../../../harness/kernel/types.ts';

const root = resolve(import.meta.dirname, '../../../..');
const spec = 'debian:6.12';
/** So that nothing of an earlier run of these tests is in the cache. */
const now = `${Date.now()}`;

interface Built {
  readonly variant: BuiltVariant;
  readonly why: string | undefined;
}

/** The real kernel of the real cache, with text put behind files. */
async function bench(t: Test): Promise<{ readonly host: Host; readonly source: Source; readonly build: (edits: Readonly<Record<string, string>>) => Promise<Built> }> {
  const events: EngineEvent[] = [];
  const host: Host = { cache: cacheRoot(), root, jobs: 2, signal: new AbortController().signal, emit: (event) => events.push(event) };
  const source = await obtainSource(host, parseKernelSpec(spec), spec);
  const scratch = mkdtempSync(join(tmpdir(), 'incremental-'));
  t.teardown(() => rmSync(scratch, { recursive: true }));
  const env = { ...process.env, GIT_DIR: source.lineage.gitDir, GIT_INDEX_FILE: join(scratch, 'index') };
  const git = (args: readonly string[], input = ''): string => execFileSync('git', args, { env, input, encoding: 'utf8', maxBuffer: 1e9 });
  const config = await findConfig(root, []);
  const build = async (edits: Readonly<Record<string, string>>): Promise<Built> => {
    git(['read-tree', source.treeId]);
    for (const [path, text] of Object.entries(edits)) {
      const blob = git(['hash-object', '-w', '--stdin'], `${git(['cat-file', 'blob', `${source.treeId}:${path}`])}${text}\n`).trim();
      git(['update-index', '--cacheinfo', `100644,${blob},${path}`]);
    }
    const treeId = git(['write-tree']).trim();
    events.length = 0;
    const touched = new Map(Object.keys(edits).map((path) => [path, 'a patch']));
    const variant = await buildVariant(host, { source, treeId, touched }, config, { buildMs: 45 * 60_000 }, join(scratch, 'build.log'));
    return { variant, why: events.flatMap((event) => (event.kind === 'stage-end' && event.stage === 'build' ? [event.why] : []))[0] };
  };
  return { host, source, build };
}

await t.test('objects that are made again by their own commands give what make gives from nothing, to the byte', { timeout: 3_600_000 }, async (t) => {
  const { host, source, build } = await bench(t);
  await build({ 'fs/fuse/dev.c': `/* ${now} */` });
  const edits = { 'fs/fuse/file.c': `int diorama_${now}(int a);\nint diorama_${now}(int a) { return a + 1; }`, 'fs/fuse/fuse_i.h': `struct diorama_${now};` };
  const alone = await build(edits);
  t.match(alone.why, /^fuse\.ko alone: fs\/fuse\/\S+ is read by nothing else, and \d more$/);
  const bytes = readFileSync(alone.variant.fuseModule);
  t.ok(bytes.includes(`diorama_${now}`));
  await withLock({ file: source.lineage.lockFile, timeoutMs: 1_800_000, signal: host.signal }, async () => {
    const builds = join(source.lineage.dir, 'build');
    for (const name of readdirSync(builds).filter((one) => one.startsWith('default-'))) {
      const fuse = join(builds, name, 'fs/fuse');
      for (const made of readdirSync(fuse).filter((one) => /\.(?:o|ko|mod|c|cmd)$/.test(one))) rmSync(join(fuse, made));
      rmSync(join(builds, name, 'diorama-state.json'), { force: true });
    }
    rmSync(dirname(alone.variant.fuseModule), { recursive: true });
  });
  const whole = await build(edits);
  t.match(whole.why, /^configuration, vmlinux and modules: nothing built before can be relied on/);
  t.ok(readFileSync(whole.variant.fuseModule).equals(bytes), 'the same fuse.ko');
  t.equal(whole.variant.vmlinuxId, alone.variant.vmlinuxId, 'and the same vmlinux');
});

await t.test('a symbol that mm exports for fuse makes both, and the module fits no other kernel', { timeout: 3_600_000 }, async (t) => {
  const { host, build } = await bench(t);
  const base = await build({ 'fs/fuse/dev.c': `/* base ${now} */` });
  const symbol = `diorama_probe_${now}`;
  const both = await build({
    'mm/util.c': `int ${symbol}(void);\nint ${symbol}(void) { return 1; }\nEXPORT_SYMBOL(${symbol});`,
    'fs/fuse/file.c': `int ${symbol}(void);\nint diorama_uses(void);\nint diorama_uses(void) { return ${symbol}(); }`,
  });
  t.equal(both.why, 'vmlinux and modules: mm/util.c is read by 1 object outside fs/fuse');
  t.not(both.variant.vmlinuxId, base.variant.vmlinuxId);
  const module = readFileSync(both.variant.fuseModule);
  t.equal(moduleMisfit(module, await kernelFacts(storedVmlinux(host, both.variant.vmlinuxId))), undefined);
  t.equal(moduleMisfit(module, await kernelFacts(storedVmlinux(host, base.variant.vmlinuxId))), `it needs ${symbol}, which vmlinux does not export`);
  const back = await build({ 'fs/fuse/dev.c': `/* back ${now} */` });
  t.equal(back.why, 'vmlinux and modules: mm/util.c is read by 1 object outside fs/fuse');
  t.equal(back.variant.vmlinuxId, base.variant.vmlinuxId, 'the same kernel as before');
});
