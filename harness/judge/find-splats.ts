/** A complaint of the kernel on its console. */
export interface Splat {
  readonly kind: 'panic' | 'bug' | 'oops' | 'warning' | 'lockdep' | 'hung-task' | 'lockup' | 'refcount' | 'list' | 'slab' | 'sanitizer' | 'rcu' | 'leak' | 'fuse' | 'atomic';
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
 * those of 6.1 to 7.3: lib/bug.c, arch/x86/kernel/dumpstack.c, mm/{page_alloc,slub,kasan,kmemleak}, kernel/{panic,hung_task,watchdog}.c,
 * kernel/locking/lockdep.c, lib/{list_debug,refcount}.c, fs/fuse.
 */
const patterns: readonly Pattern[] = [
  { kind: 'panic', pattern: /Kernel panic - not syncing/, fatal: true },
  { kind: 'sanitizer', pattern: /BUG: (KASAN|KCSAN|KFENCE|KMSAN): / },
  { kind: 'sanitizer', pattern: /^UBSAN: / },
  { kind: 'atomic', pattern: /BUG: (sleeping function called from invalid context|scheduling while atomic)/ },
  { kind: 'lockup', pattern: /(BUG: soft lockup|watchdog: BUG: soft lockup|Watchdog detected hard LOCKUP)/ },
  { kind: 'lockdep', pattern: /(possible circular locking dependency|possible recursive locking|inconsistent lock state|suspicious RCU usage|bad unlock balance|held lock freed|possible deadlock|INFO: trying to register non-static key|WARNING: possible irq lock inversion|lock held when returning to user space|BUG: held lock|^\[ BUG: )/ },
  { kind: 'slab', pattern: /(Objects remaining|BUG [\w-]+ \(.*\): |Slab cache still has objects|kmem_cache_destroy .*: )/ },
  { kind: 'bug', pattern: /(kernel BUG at |BUG: unable to handle|BUG: Bad page|BUG: Dentry|BUG: non-zero|BUG: spinlock|BUG: workqueue|^BUG: )/, fatal: true },
  { kind: 'oops', pattern: /(Oops: |^general protection fault|Unable to handle kernel|divide error: |invalid opcode: |double fault: |stack segment: )/, fatal: true },
  { kind: 'refcount', pattern: /refcount_t: / },
  { kind: 'list', pattern: /list_(add|del) corruption/ },
  { kind: 'hung-task', pattern: /INFO: task .* blocked .*for more than \d+ seconds/ },
  { kind: 'leak', pattern: /^kmemleak: \d+ new suspected memory leaks/ },
  { kind: 'rcu', pattern: /INFO: rcu_\w+ (self-)?detected/ },
  { kind: 'warning', pattern: /^WARNING: / },
  { kind: 'warning', pattern: /\bBusy inodes after unmount\b/ },
  { kind: 'fuse', pattern: /^fuse: (?!init \(API version|module verification|loading out-of-tree module)/ },
];

const cutHere = /------------\[ cut here \]------------/;
const timestamp = /^(?:<\d+>)?(?:\[ *\d+\.\d+\](?:\[[^\]]*\])? ?)?/;

/** printk cuts a message at 1024 bytes (PRINTKRB_RECORD_MAX, kernel/printk); what is longer was not the kernel's. */
const longestLine = 1200;

/**
 * Every complaint on a console, in its order. A `cut here` line counts through the complaint that follows it, and stands for
 * itself, with the first line below it, when none does: then the console ended in the middle, or the words are new.
 */
export function findSplats(console: string): Splat[] {
  const splats: Splat[] = [];
  let cut: { readonly line: number; title?: string } | undefined;
  const settle = (): void => {
    if (cut) splats.push({ kind: 'warning', title: cut.title ?? 'cut here', line: cut.line, fatal: false });
    cut = undefined;
  };
  console.split(/\r?\n/).forEach((raw, index) => {
    const title = raw.slice(0, longestLine).replace(timestamp, '').trim();
    if (cutHere.test(title)) {
      settle();
      cut = { line: index + 1 };
      return;
    }
    const found = patterns.find((entry) => entry.pattern.test(title));
    if (found) {
      cut = undefined;
      splats.push({ kind: found.kind, title, line: index + 1, fatal: found.fatal ?? false });
    } else if (cut && cut.title === undefined && title !== '') {
      cut.title = title;
    }
  });
  settle();
  return splats;
}
