import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { onPath } from '../../../../harness/host/on-path.ts';
import { buildVariant } from '../../../../harness/kernel/build/build-variant.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { BuiltVariant, PatchedTree } from '../../../../harness/kernel/types.ts';
import { writeBuildableKernel } from '../buildable-kernel.ts';
import { errorOf, testHost } from '../kernel-fixture.ts';

interface Bench {
  readonly host: ReturnType<typeof testHost>;
  readonly dir: string;
  readonly log: string;
  readonly fragment: string;
  write(path: string, text: string): void;
  /** Builds the directory as it is now; `touched` are the paths that a patch called "a patch" touched. */
  build(given?: { readonly touched?: readonly string[]; readonly buildMs?: number; readonly host?: Host }): Promise<BuiltVariant>;
  /** What make was told to make since the last time this was asked. */
  made(): string[];
}

function bench(t: Test): Bench {
  const host = testHost(t);
  const dir = writeBuildableKernel(join(host.dir, 'kernel'));
  const log = join(host.dir, 'build.log');
  const fragment = join(host.dir, 'base.config');
  writeFileSync(fragment, 'CONFIG_BASE=y\nCONFIG_FUSE_FS=m\n');
  return {
    host,
    dir,
    log,
    fragment,
    write: (path, text) => writeFileSync(join(dir, path), text),
    build: async (given = {}) => {
      const source = await obtainSource(host, parseKernelSpec(`dir:${dir}`), `dir:${dir}`);
      const touched = new Map((given.touched ?? []).map((path) => [path, 'a patch']));
      const tree: PatchedTree = { source, treeId: source.treeId, touched };
      return buildVariant(given.host ?? host, tree, { name: 'default', fragments: [fragment] }, { buildMs: given.buildMs ?? 60_000 }, log);
    },
    made: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
      rmSync(log, { force: true });
      return lines.filter((line) => line.startsWith('made ')).map((line) => line.slice('made '.length));
    },
  };
}

const whole = ['tinyconfig', 'olddefconfig', 'vmlinux modules'];
const moduleOnly = ['fs/fuse/fuse.ko'];

t.test('each stage is told once and ends before the next begins', async (t) => {
  const at = bench(t);
  const told = async (touched: readonly string[] = []): Promise<string[]> => {
    at.host.events.length = 0;
    await at.build({ touched });
    return at.host.events.flatMap((event) => {
      if (event.kind === 'stage-start') return [`${event.stage} starts`];
      return event.kind === 'stage-end' ? [`${event.stage} ends${event.reused ? ', reused' : ''}`] : [];
    });
  };
  t.same(await told(), ['source starts', 'source ends', 'config starts', 'config ends', 'build starts', 'build ends']);
  t.same(await told(), ['source starts', 'source ends, reused', 'build starts', 'build ends, reused']);
  at.write('fs/fuse/file.c', 'int other;\n');
  t.same(await told(['fs/fuse/file.c']), ['source starts', 'source ends', 'build starts', 'build ends']);
});

t.test('a variant is configured and built once, and then taken from the cache without a process', async (t) => {
  const at = bench(t);
  const variant = await at.build();
  t.same(at.made(), whole);
  t.match(variant, { release: '6.12.7', configName: 'default', reused: false, compiler: /gcc|cc/i });
  for (const path of [variant.vmlinux, variant.systemMap, variant.fuseModule, variant.dotConfig]) t.ok(existsSync(path), path);
  t.match(readFileSync(variant.dotConfig, 'utf8'), 'CONFIG_FUSE_FS=m');
  const source = variant.source;
  const bin = join(at.host.dir, 'bin');
  mkdirSync(bin);
  for (const name of ['gcc', 'ld']) symlinkSync((await onPath(name)) ?? '', join(bin, name));
  const tree = { source, treeId: source.treeId, touched: new Map<string, string>() };
  const config = { name: 'default', fragments: [at.fragment] };
  const path = process.env['PATH'] ?? '';
  t.teardown(() => (process.env['PATH'] = path));
  // The toolchain's paths are part of what is remembered, so it is asked once more with this PATH.
  process.env['PATH'] = bin;
  const again = await buildVariant(at.host, tree, config, { buildMs: 1 }, at.log);
  process.env['PATH'] = path;
  t.same({ ...again, reused: false }, variant);
  t.ok(again.reused);
  t.same(at.made(), []);
});

t.test('a change below fs/fuse makes the module alone and shares vmlinux', async (t) => {
  const at = bench(t);
  const base = await at.build();
  at.made();
  at.write('fs/fuse/file.c', 'int fuse = 2;\n');
  const patched = await at.build();
  t.same(at.made(), moduleOnly);
  t.equal(patched.vmlinux, base.vmlinux);
  t.not(patched.id, base.id);
  t.notSame(readFileSync(patched.fuseModule), readFileSync(base.fuseModule));
  at.write('fs/fuse/file.c', '#include <linux/x.h>\nint fuse;\n');
  t.match(await at.build(), { id: base.id, reused: true });
});

t.test('a change elsewhere makes everything, one of Kconfig or of a fragment configures anew', async (t) => {
  const at = bench(t);
  const base = await at.build();
  at.made();
  at.write('init.c', 'int init = 2;\n');
  const patched = await at.build();
  t.same(at.made(), ['vmlinux modules']);
  t.not(patched.vmlinuxId, base.vmlinuxId);
  at.write('fs/fuse/Kconfig', 'config FUSE_FS\n\ttristate "fuse"\nconfig FUSE_NEW\n\tbool "new"\n');
  await at.build();
  t.same(at.made(), whole);
  writeFileSync(at.fragment, '# a comment changes nothing\nCONFIG_BASE=y\nCONFIG_FUSE_FS=m\n');
  t.ok((await at.build()).reused);
  writeFileSync(at.fragment, 'CONFIG_BASE=y\nCONFIG_FUSE_FS=m\nCONFIG_FUSE_NEW=y\n');
  t.match(readFileSync((await at.build()).dotConfig, 'utf8'), 'CONFIG_FUSE_NEW=y');
  t.same(at.made(), whole);
});

t.test('what is made follows from what was read, and is told with its reason', async (t) => {
  const at = bench(t);
  const why = async (): Promise<string | undefined> => {
    at.host.events.length = 0;
    at.made();
    await at.build();
    return at.host.events.flatMap((event) => (event.kind === 'stage-end' && event.stage === 'build' ? [event.why] : []))[0];
  };
  t.match(await why(), /^configuration, vmlinux and modules: nothing built before/);
  t.equal(await why(), undefined, 'what is in the cache has no reason');
  at.write('include/linux/x.h', 'int x(int);\n');
  t.equal(await why(), 'fuse.ko alone: include/linux/x.h is read by nothing else');
  t.same(at.made(), moduleOnly);
  at.write('include/linux/both.h', 'int both(int);\n');
  t.equal(await why(), 'vmlinux and modules: include/linux/both.h is read by 1 object outside fs/fuse');
  t.same(at.made(), ['vmlinux modules']);
  at.write('MAINTAINERS', 'nobody\n');
  t.equal(await why(), 'fuse.ko and vmlinux as they were: MAINTAINERS is read by nothing');
  t.same(at.made(), []);
  at.write('fs/fuse/file.c', '#include <linux/both.h>\nint fuse;\n');
  t.equal(await why(), 'fuse.ko alone: fs/fuse/file.c is read by nothing else');
  at.write('include/linux/x.h', 'int x(long);\n');
  t.match(await why(), /^vmlinux and modules: include\/linux\/x\.h is where generated files come from/, 'the module does not read it any more');
  at.write('fs/fuse/Kconfig', 'config FUSE_FS\n\ttristate "FUSE, again"\n');
  t.equal(await why(), 'configuration, vmlinux and modules: fs/fuse/Kconfig has a say in the configuration');
});

t.test('the record of what was read is not believed when another build has been there, and is made again', async (t) => {
  const at = bench(t);
  const { source } = await at.build();
  const builds = join(source.lineage.dir, 'build');
  const record = join(builds, readdirSync(builds)[0] ?? '', 'diorama-reads.json');
  const right = readFileSync(record, 'utf8');
  writeFileSync(record, right.replace('"init.c"', '"other.c"'));
  at.made();
  at.write('init.c', 'int init = 5;\n');
  await at.build();
  t.same(at.made(), ['vmlinux modules']);
  t.notMatch(readFileSync(record, 'utf8'), 'other.c');
  rmSync(record);
  at.write('fs/fuse/file.c', 'int fuse = 5;\n');
  await at.build();
  t.same(at.made(), moduleOnly);
  t.match(readFileSync(record, 'utf8'), '"init.c"');
});

t.test('a module that does not fit its kernel is built again with it, and one that never does is an error', async (t) => {
  const at = bench(t);
  const base = await at.build();
  at.made();
  at.write('fs/fuse/file.c', 'int fuse; /* STRANGE */\n');
  const patched = await at.build();
  t.same(at.made(), [...moduleOnly, ...whole]);
  // On a busy machine another note says that a lock took its time.
  t.match(at.host.events.filter((event) => event.kind === 'note' && !event.text.startsWith('waiting')), [{ text: /does not fit its kernel.*"6\.12\.6", and the kernel is "6\.12\.7"/ }]);
  t.not(patched.id, base.id);
  t.equal((await at.build()).id, patched.id);
  at.write('fs/fuse/file.c', 'int missing(void);\nint fuse(void) { return missing(); }\n');
  t.match(await errorOf(at.build()), { blame: 'kernel', code: 'build-failed', message: /it needs missing, which vmlinux does not export/ });
});

t.test('a cached module that was damaged, or changed for another, is not used', async (t) => {
  const at = bench(t);
  const { fuseModule, vmlinux, systemMap } = await at.build();
  const [right, kernel] = [readFileSync(fuseModule), readFileSync(vmlinux)];
  const spoil: readonly (readonly [string, string, Buffer])[] = [
    [fuseModule, 'cut short', right.subarray(0, right.length / 2)],
    [fuseModule, 'empty', Buffer.alloc(0)],
    [fuseModule, 'of another kernel', Buffer.from(right.toString('latin1').replace('vermagic=6.12.7', 'vermagic=6.12.8'), 'latin1')],
    [vmlinux, 'a kernel that says something else', Buffer.from(kernel.toString('latin1').replaceAll('6.12.7 ', '6.12.9 '), 'latin1')],
    [systemMap, 'a map of nothing', Buffer.from('map\n')],
  ];
  for (const [path, how, bytes] of spoil) {
    writeFileSync(path, bytes);
    const again = await at.build();
    t.notOk(again.reused, how);
    t.same(readFileSync(again.fuseModule), right, how);
    t.same(readFileSync(again.vmlinux), kernel, how);
    t.ok((await at.build()).reused, how);
  }
});

t.test('a patch that does not compile is blamed by its subject, and mending it costs the module', async (t) => {
  const at = bench(t);
  await at.build();
  at.made();
  at.write('fs/fuse/file.c', 'int fuse = ;\n');
  const error = await errorOf(at.build({ touched: ['fs/fuse/file.c'] }));
  t.match(error, { blame: 'series', code: 'build-failed', message: /"a patch".*fs\/fuse\/file\.c:1:\d+: error:/, evidence: at.log });
  t.match(error.details.join('\n'), /touched by "a patch"/);
  at.made();
  at.write('fs/fuse/file.c', 'int fuse = 3;\n');
  await at.build();
  t.same(at.made(), moduleOnly);
});

t.test('a kernel that does not compile by itself is to blame itself', async (t) => {
  const at = bench(t);
  at.write('init.c', 'int init = ;\n');
  const error = await errorOf(at.build({ touched: ['fs/fuse/file.c'] }));
  t.match(error, { blame: 'kernel', code: 'build-failed', message: /init\.c:1:/ });
  at.made();
  at.write('init.c', 'int init = 1;\n');
  await at.build();
  t.same(at.made(), ['vmlinux modules'], 'it stays configured');
});

t.test('a symbol that did not make it into .config is named with what it lacks', async (t) => {
  const at = bench(t);
  writeFileSync(at.fragment, 'CONFIG_NEEDS_BASE=y\n\n# CONFIG_TINY is not set\n# optional: CONFIG_OF_ANOTHER_KERNEL=y\nCONFIG_NOWHERE=y\n');
  const error = await errorOf(at.build());
  t.match(error, { blame: 'kernel', code: 'config-unmet' });
  t.match(error.details, [/^base\.config:1: CONFIG_NEEDS_BASE=y became n: it needs BASE/, /^base\.config:3: CONFIG_TINY=n became y/, /^base\.config:5: CONFIG_NOWHERE=y .*no such symbol/]);
  t.equal(error.details.length, 3);
  t.same(at.made(), ['tinyconfig', 'olddefconfig'], 'nothing is built');
  writeFileSync(at.fragment, 'CONFIG_BASE\n# CONFIG_TINY is unset\n');
  t.match(await errorOf(at.build()), { blame: 'usage', code: 'bad-file', details: [/^base\.config:1:/] });
});

t.test('a build that takes too long, or is killed, leaves nothing that the next one trusts', async (t) => {
  const at = bench(t);
  const { source } = await at.build();
  const builds = join(source.lineage.dir, 'build');
  const dir = join(builds, readdirSync(builds)[0] ?? '');
  // What an ended make may leave: a target younger than the note that says how it was made.
  const half = join(dir, 'fs/fuse/half.o');
  const leave = (): void => {
    writeFileSync(half, 'half');
    writeFileSync(join(dir, 'fs/fuse/.half.o.cmd'), 'old');
    const old = new Date(2000, 1);
    utimesSync(join(dir, 'fs/fuse/.half.o.cmd'), old, old);
  };
  leave();
  at.write('fs/fuse/file.c', 'int fuse = 2; /* SLEEP */\n');
  t.match(await errorOf(at.build({ buildMs: 1500 })), { blame: 'machine', code: 'timed-out', message: /building the kernel.* 2 s/ });
  t.notOk(existsSync(half));
  at.made();
  at.write('fs/fuse/file.c', 'int fuse = 4;\n');
  await at.build();
  t.same(at.made(), moduleOnly, 'what was ended costs what it had begun');
  leave();
  rmSync(join(dir, 'diorama-state.json'));
  at.write('fs/fuse/file.c', 'int fuse = 5;\n');
  await at.build();
  t.same(at.made(), whole, 'after a kill everything is looked at again');
  t.notOk(existsSync(half));
});

t.test('an interrupt ends make and passes on its reason', async (t) => {
  const at = bench(t);
  at.write('fs/fuse/file.c', 'int fuse; /* SLEEP */\n');
  const work = at.build();
  const trees = join(at.host.cache, 'trees');
  const asleep = (): boolean => existsSync(trees) && readdirSync(trees, { recursive: true }).some((name) => String(name).endsWith('/asleep'));
  for (let tries = 0; tries < 200 && !asleep(); tries++) await new Promise((done) => setTimeout(done, 50));
  at.host.abort();
  await t.rejects(work, /aborted by the test/);
});

t.test('a vmlinux that was removed from the store comes back', async (t) => {
  const at = bench(t);
  const before = await at.build();
  rmSync(join(at.host.cache, 'vmlinux'), { recursive: true });
  const after = await at.build();
  t.equal(after.vmlinuxId, before.vmlinuxId);
  t.ok(existsSync(after.vmlinux));
  t.notOk(after.reused);
});

t.test('two builds of the same at once build it once', async (t) => {
  const at = bench(t);
  const [one, two] = await Promise.all([at.build(), at.build()]);
  t.equal(one.id, two.id);
  t.same(at.made(), whole);
});

t.test('a cache whose path make cannot take is refused', async (t) => {
  const at = bench(t);
  const source = await obtainSource(at.host, parseKernelSpec(`dir:${at.dir}`), `dir:${at.dir}`);
  const tree = { source: { ...source, lineage: { ...source.lineage, dir: '/tmp/a b' } }, treeId: source.treeId, touched: new Map<string, string>() };
  const error = await errorOf(buildVariant(at.host, tree, { name: 'default', fragments: [at.fragment] }, { buildMs: 1000 }, at.log));
  t.match(error, { blame: 'usage', next: /DIORAMA_CACHE/ });
});
