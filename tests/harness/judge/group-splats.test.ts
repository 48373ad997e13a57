import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { functionOf, groupSplats } from '../../../harness/judge/group-splats.ts';

const console = (name: string): string => readFileSync(join(import.meta.dirname, 'consoles', `${name}.txt`), 'latin1');

void t.test('a complaint has the functions of its call trace, without those that only report', async (t) => {
  t.match(groupSplats(console('warn-on-6.12')), [{
    kind: 'warning', count: 1, line: 3, title: 'WARNING: CPU: 0 PID: 87 at fs/fuse/iomode.c:38 fuse_file_cached_io_open+0x11c/0x130 [fuse]',
    places: ['fuse_file_cached_io_open+0x11c/0x130 [fuse]', 'fuse_file_mmap+0x9b/0x130 [fuse]'],
  }]);
  t.match(groupSplats(console('lockdep-circular')), [{ kind: 'lockdep', places: ['fuse_file_mmap+0x54/0x130 [fuse]', 'vm_mmap_pgoff+0x9c/0x1b0'] }]);
});

void t.test('a BUG, its Oops and the panic that follows are one', async (t) => {
  const [bug, ...others] = groupSplats(`${console('bug-on-6.12')}\n[    9.0] Kernel panic - not syncing: Fatal exception\n`);
  t.same(others, []);
  t.match(bug, { kind: 'bug', title: 'kernel BUG at fs/fuse/iomode.c:38!' });
  t.same(bug?.places.slice(0, 2), ['fuse_file_cached_io_open+0x127/0x130 [fuse]', 'fuse_file_mmap+0x9b/0x130 [fuse]']);
});

void t.test('a panic of its own counts', async (t) => {
  t.match(groupSplats('[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs\n'), [{ kind: 'panic' }]);
});

void t.test('the same complaint is counted once, whoever ran into it and wherever fuse.ko is', async (t) => {
  const again = console('warn-on-6.12').replace('PID: 87', 'PID: 912').replace('CPU: 0', 'CPU: 1');
  t.match(groupSplats(console('warn-on-6.12') + again), [{ count: 2 }]);
  const elsewhere = console('warn-on-6.12').replaceAll('fuse_file_cached_io_open', 'fuse_file_cached_io_release');
  t.match(groupSplats(console('warn-on-6.12') + elsewhere), [{ count: 1 }, { count: 1 }], 'another function is another complaint');
});

void t.test('what was only found on the stack is no place', async (t) => {
  const [splat] = groupSplats('[    1.0] WARNING: CPU: 0 PID: 1 at x\n[    1.0]  ? old_call+0x1/0x20 [fuse]\n[    1.0]  real_call.isra.0+0x1/0x20 [fuse]\n');
  t.same(splat?.places, ['real_call.isra.0+0x1/0x20 [fuse]']);
  t.equal(functionOf('real_call.isra.0+0x1/0x20 [fuse]'), 'real_call');
});
