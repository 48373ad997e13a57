/** A complaint of the kernel on its console. */
export interface Splat {
  readonly kind: 'panic' | 'bug' | 'oops' | 'warning' | 'lockdep' | 'hung-task' | 'lockup' | 'refcount' | 'list' | 'slab' | 'sanitizer' | 'rcu' | 'fuse' | 'atomic';
  /** The line without its time stamp. */
  readonly title: string;
  /** 1-based line of the console. */
  readonly line: number;
  /** Whether the kernel, or the task that ran into it, cannot have gone on. */
  readonly fatal: boolean;
}

interface Pattern {
  readonly kind: Splat['kind'];
  readonly pattern: RegExp;
  readonly fatal?: boolean;
}

/**
 * What a kernel writes when something is wrong, most telling first: the first pattern that a line matches names it. The texts are
 * those of 6.1 to 7.3: lib/bug.c, arch/x86/kernel/dumpstack.c, mm/{page_alloc,slub,kasan}, kernel/{panic,hung_task,watchdog}.c,
 * kernel/locking/lockdep.c, lib/{list_debug,refcount}.c, fs/fuse.
 */
const patterns: readonly Pattern[] = [
  { kind: 'panic', pattern: /Kernel panic - not syncing/, fatal: true },
  { kind: 'sanitizer', pattern: /BUG: (KASAN|KCSAN|KFENCE|KMSAN): / },
  { kind: 'sanitizer', pattern: /^UBSAN: / },
  { kind: 'atomic', pattern: /BUG: (sleeping function called from invalid context|scheduling while atomic)/ },
  { kind: 'lockup', pattern: /(BUG: soft lockup|watchdog: BUG: soft lockup|NMI watchdog: Watchdog detected hard LOCKUP)/ },
  { kind: 'lockdep', pattern: /(possible circular locking dependency|possible recursive locking|inconsistent lock state|suspicious RCU usage|bad unlock balance|held lock freed|possible deadlock|INFO: trying to register non-static key|WARNING: possible irq lock inversion|lock held when returning to user space|BUG: held lock)/ },
  { kind: 'slab', pattern: /(Objects remaining|BUG [\w-]+ \(.*\): |Slab cache still has objects|kmem_cache_destroy .*: )/ },
  { kind: 'bug', pattern: /(kernel BUG at |BUG: unable to handle|BUG: Bad page|BUG: Dentry|BUG: non-zero|BUG: spinlock|BUG: workqueue|^BUG: )/, fatal: true },
  { kind: 'oops', pattern: /(Oops: |general protection fault|Unable to handle kernel|divide error: |invalid opcode: |double fault: |stack segment: )/, fatal: true },
  { kind: 'refcount', pattern: /refcount_t: / },
  { kind: 'list', pattern: /list_(add|del) corruption/ },
  { kind: 'hung-task', pattern: /INFO: task .* blocked for more than \d+ seconds/ },
  { kind: 'rcu', pattern: /rcu: INFO: rcu_\w+ (self-)?detected|rcu_preempt detected/ },
  { kind: 'warning', pattern: /^WARNING: / },
  { kind: 'warning', pattern: /\b(cut here|Busy inodes after unmount)\b/ },
  { kind: 'fuse', pattern: /^fuse: (?!init \(API version|module verification)/ },
];

const cutHere = /------------\[ cut here \]------------/;
const timestamp = /^(<\d+>)?\[ *\d+\.\d+\](\[[^\]]*\])? ?/;

/**
 * Every complaint on a console, in its order. A `cut here` line counts through the line that follows it; only one that nothing
 * follows stands for itself, since then the console ended in the middle.
 */
export function findSplats(console: string): Splat[] {
  const splats: Splat[] = [];
  const lines = console.split(/\r?\n/);
  lines.forEach((raw, index) => {
    const title = raw.replace(timestamp, '').trim();
    if (cutHere.test(title) && lines.slice(index + 1).some((line) => line.trim() !== '')) return;
    const found = patterns.find((entry) => entry.pattern.test(title));
    if (found) splats.push({ kind: found.kind, title, line: index + 1, fatal: found.fatal ?? false });
  });
  return splats;
}
