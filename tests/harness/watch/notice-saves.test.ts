import type { watch } from 'node:fs';
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { noticeSaves, type Saved, type SaveNoticer } from '../../../harness/watch/notice-saves.ts';

/** A noticer of a small tree, and the saves that it told; `next` waits for one more, 20 s at most. */
async function noticed(t: Test, watchDirectory?: typeof watch): Promise<{ root: string; saves: Saved[]; noticer: SaveNoticer; next: () => Promise<string[]> }> {
  const root = realpathSync(t.testdir({ fs: { fuse: { 'file.c': 'int a;\n' } }, mm: { 'x.c': '' }, '.git': { HEAD: '' } }));
  const saves: Saved[] = [];
  const noticer = await noticeSaves({ trees: [root], flat: [], onSave: (saved) => saves.push(saved), ...(watchDirectory && { watchDirectory }) });
  t.teardown(() => noticer.close());
  let seen = 0;
  const next = async (): Promise<string[]> => {
    for (let looks = 0; saves.length === seen && looks < 400; looks += 1) await new Promise((done) => setTimeout(done, 50));
    seen = saves.length;
    return (saves.at(-1)?.paths ?? []).map((path) => path.slice(root.length + 1));
  };
  return { root, saves, noticer, next };
}

t.test('a save is told once, however an editor makes it', async (t) => {
  const { root, saves, noticer, next } = await noticed(t);
  t.equal(noticer.watched, 4, 'the tree and three directories; git keeps its own');
  const file = join(root, 'fs/fuse/file.c');
  writeFileSync(file, 'int b;\n');
  t.same(await next(), ['fs/fuse/file.c']);
  writeFileSync(join(root, 'fs/fuse/.file.c.swp'), '');
  writeFileSync(join(root, 'fs/fuse/4913'), '');
  rmSync(join(root, 'fs/fuse/4913'));
  renameSync(file, `${file}~`);
  writeFileSync(file, 'int c;\n');
  t.same(await next(), ['fs/fuse/file.c'], 'as vim writes');
  writeFileSync(join(root, 'fs/fuse/new'), 'int d;\n');
  renameSync(join(root, 'fs/fuse/new'), file);
  t.same(await next(), ['fs/fuse/file.c'], 'written aside and renamed');
  t.same(saves.at(-1)?.gone.map((path) => path.slice(root.length + 1)), ['fs/fuse/new']);
  writeFileSync(join(root, '.git/HEAD'), 'x');
  rmSync(join(root, 'mm/x.c'));
  t.same(await next(), [], 'nothing is there of what was removed');
  t.same(saves.at(-1)?.gone, [join(root, 'mm/x.c')], 'and what git keeps is no source');
  t.ok((saves.at(-1)?.noticedMs ?? 0) >= (saves.at(-1)?.savedMs ?? 0));
});

t.test('a directory that comes later is watched, with what was in it at once', async (t) => {
  const { root, next } = await noticed(t);
  mkdirSync(join(root, 'fs/new/deep'), { recursive: true });
  writeFileSync(join(root, 'fs/new/deep/a.c'), '');
  t.ok((await next()).some((path) => path.startsWith('fs/new')));
  await new Promise((done) => setTimeout(done, 700));
  await next();
  writeFileSync(join(root, 'fs/new/deep/a.c'), 'int a;\n');
  t.same(await next(), ['fs/new/deep/a.c']);
});

t.test('where inotify has no room, directories are looked at', async (t) => {
  const full = (() => {
    throw Object.assign(new Error('no watches left'), { code: 'ENOSPC' });
  }) as unknown as typeof watch;
  const { root, noticer, next } = await noticed(t, full);
  t.same([noticer.watched, noticer.polled], [0, 4]);
  writeFileSync(join(root, 'fs/fuse/file.c'), 'int longer;\n');
  t.same(await next(), ['fs/fuse/file.c']);
});
