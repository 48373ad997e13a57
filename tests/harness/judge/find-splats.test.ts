import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findSplats, type Splat } from '../../../harness/judge/find-splats.ts';
import { judge } from './played.ts';

const home = join(import.meta.dirname, 'consoles');
const consoleOf = (name: string): string => readFileSync(join(home, `${name}.txt`), 'latin1');

/** For each console: what its first complaint is, and the words of the verdict. */
const complaints: Readonly<Record<string, readonly [Splat['kind'], string]>> = {
  'bug-on-6.1': ['bug', 'kernel BUG at fs/fuse/dir.c:2062! (console line 3)'],
  'bug-on-6.12': ['bug', 'kernel BUG at fs/fuse/iomode.c:38! (console line 3)'],
  'bug-then-panic': ['bug', 'kernel BUG at fs/fuse/iomode.c:38! (console line 2)'],
  'busy-dentry': ['bug', 'BUG: Dentry 00000000d1b1a5f8{i=2,n=f} still in use (1) [unmount of fuse diorama] (console line 3)'],
  'busy-inodes': ['warning', 'VFS: Busy inodes after unmount of diorama (fuse) (console line 2)'],
  'caller-stamps': ['warning', 'WARNING: CPU: 0 PID: 87 at fs/fuse/file.c:1405 fuse_dio_lock+0x11c/0x130 [fuse] (console line 2)'],
  'general-protection': ['oops', 'Oops: general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP (console line 2)'],
  'hard-lockup': ['lockup', 'watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 0 (console line 2)'],
  'hung-task': ['hung-task', 'INFO: task m:87 blocked for more than 120 seconds. (console line 2)'],
  'hung-task-7.3': ['hung-task', 'INFO: task w1:85 blocked in I/O wait for more than 120 seconds. (console line 2)'],
  kasan: ['sanitizer', 'BUG: KASAN: slab-use-after-free in fuse_file_io_release+0x5c/0x70 [fuse] (console line 3)'],
  kmemleak: ['leak', 'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak) (console line 2)'],
  'list-corruption': ['list', 'list_del corruption. next->prev should be ffff888003b1a5f8, but was ffff888003b1a600. (next=ffff888003b1b000) (console line 2)'],
  'lockdep-circular': ['lockdep', 'WARNING: possible circular locking dependency detected (console line 3)'],
  'lockdep-wait-context': ['lockdep', '[ BUG: Invalid wait context ] (console line 3)'],
  'no-stamps': ['warning', 'WARNING: CPU: 0 PID: 87 at fs/fuse/file.c:1405 fuse_dio_lock+0x11c/0x130 [fuse] (console line 2)'],
  'null-dereference': ['bug', 'BUG: kernel NULL pointer dereference, address: 0000000000000018 (console line 2)'],
  'page-fault': ['bug', 'BUG: unable to handle page fault for address: ffffc90000241000 (console line 2)'],
  panic: ['panic', 'Kernel panic - not syncing: broken on purpose (console line 2)'],
  'rcu-stall': ['rcu', 'rcu: INFO: rcu_preempt self-detected stall on CPU (console line 2)'],
  'rcu-tasks-stall': ['rcu', 'INFO: rcu_tasks detected stalls on tasks: (console line 2)'],
  refcount: ['refcount', 'refcount_t: underflow; use-after-free. (console line 3)'],
  'slab-6.12': ['slab', 'BUG fuse_inode (Not tainted): Objects remaining in fuse_inode on __kmem_cache_shutdown() (console line 3)'],
  'slab-7.3': ['slab', 'BUG fuse_request (Not tainted): Objects remaining on __kmem_cache_shutdown() (console line 2)'],
  'sleeping-in-atomic': ['atomic', 'BUG: sleeping function called from invalid context at fs/fuse/file.c:1600 (console line 2)'],
  'soft-lockup': ['lockup', 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [w1:85] (console line 2)'],
  ubsan: ['sanitizer', 'UBSAN: shift-out-of-bounds in fs/fuse/file.c:1432:28 (console line 3)'],
  'warn-cut-at-once': ['warning', 'cut here (console line 2)'],
  'warn-cut-short': ['warning', 'fuse_inode 2: somebody still counts 1 (console line 2)'],
  'warn-on-6.12': ['warning', 'WARNING: CPU: 0 PID: 87 at fs/fuse/iomode.c:38 fuse_file_cached_io_open+0x11c/0x130 [fuse] (console line 3)'],
  'warn-on-7.3': ['warning', 'WARNING: fs/fuse/iomode.c:41 at fuse_file_cached_io_open+0x11c/0x130 [fuse], CPU#0: m/87 (console line 3)'],
  'weird-page': ['fuse', 'fuse: trying to steal weird page (console line 2)'],
};

for (const [name, [kind, words]] of Object.entries(complaints)) {
  t.test(`${name}: a scene whose steps passed is a splat`, async (t) => {
    t.equal(findSplats(consoleOf(name))[0]?.kind, kind);
    t.match(judge('parallel-writes-meet', { console: consoleOf(name) }), { kind: 'splat', reason: `the kernel said: ${words}` });
  });
}

for (const name of ['clean-6.1', 'clean-6.12', 'clean-7.3', 'clean-boot', 'clean-hostile']) {
  t.test(`${name}: there is no complaint`, async (t) => {
    t.strictSame(findSplats(consoleOf(name)), []);
    t.equal(judge('parallel-writes-meet', { console: consoleOf(name) }).kind, 'pass');
  });
}

t.test('every captured console has its verdict here', async (t) => {
  const named = [...Object.keys(complaints), 'clean-6.1', 'clean-6.12', 'clean-7.3', 'clean-boot', 'clean-hostile'];
  t.strictSame(readdirSync(home).sort(), named.map((name) => `${name}.txt`).sort());
});

t.test('a cut-here line counts once, with the complaint below it', async (t) => {
  t.equal(findSplats(consoleOf('warn-on-6.12')).length, 1);
  t.equal(findSplats(consoleOf('warn-on-6.12').repeat(2)).length, 2);
});

t.test('a complaint stays one when its lines end in CR LF', async (t) => {
  t.equal(findSplats(consoleOf('warn-on-6.12').replaceAll('\n', '\r\n'))[0]?.kind, 'warning');
});

t.test('a console of 10 MB in one line takes no longer than a blink', async (t) => {
  const began = performance.now();
  for (const part of ['BUG a (', 'INFO: task x blocked ', '] a.b+0', 'WARNING: ', '-----']) findSplats(part.repeat(Math.ceil(10_000_000 / part.length)));
  t.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
});

t.test('any complaint in the middle of any text is found', async (t) => {
  const names = Object.keys(complaints).filter((name) => !name.startsWith('warn-cut'));
  t.doesNotThrow(() => fc.assert(fc.property(fc.constantFrom(...names), fc.array(fc.string({ maxLength: 40 })), fc.array(fc.string({ maxLength: 40 })), (name, before, after) =>
    findSplats([...before, consoleOf(name), ...after].join('\n')).some((splat) => splat.kind === complaints[name]?.[0]))));
});
