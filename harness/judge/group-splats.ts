import { printable } from '../printable.ts';
import { findSplats, type Splat } from './find-splats.ts';

/** A complaint of the kernel, however often it came. */
export interface SplatGroup {
  readonly kind: Splat['kind'];
  /** As it was said the first time. */
  readonly title: string;
  readonly count: number;
  /** 1-based line of the console where it came first. */
  readonly line: number;
  /** The functions of its first call trace, innermost first, as the kernel names places: `fuse_dio_lock+0x1a/0x90 [fuse]`. */
  readonly places: readonly string[];
}

/** Where a report that lists a stack may end at the latest. */
const longestReport = 120;
const mostPlaces = 24;
/** Lines from one to the other (arch/x86/kernel/dumpstack.c, __die_header()). */
const oopsBehindBug = 6;
const place = /(?:^|[\s(:])((?:[A-Za-z_][\w.]*)\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[\w+\])?)/;
/** Functions that print, not that went wrong (mm/kasan/report.c, kernel/locking/lockdep.c, lib/dump_stack.c). */
const reporters = /^(?:dump_stack|show_stack|print_|kasan_|__kasan|kcsan_|__tsan|check_|__lock_acquire|lock_acquire|validate_chain|__might_resched|__warn|report_bug|handle_bug|exc_|asm_exc_|panic|__report|ubsan_|dump_)/;

/**
 * The complaints on a console, the same one counted once: by its words without numbers, and by the function that it is about, which is the first of its call trace
 * that only reports.
 */
export function groupSplats(console: string): SplatGroup[] {
  const lines = console.split(/\r?\n/);
  const splats = causesAmong(findSplats(console));
  const groups = new Map<string, SplatGroup>();
  splats.forEach((splat, index) => {
    const until = Math.min(splats[index + 1]?.line ?? Infinity, splat.line + longestReport);
    const places = placesIn(lines.slice(splat.line - 1, until - 1));
    const key = `${splat.kind} ${withoutNumbers(splat.title)} ${functionOf(places[0] ?? '')}`;
    const known = groups.get(key);
    groups.set(key, known ? { ...known, count: known.count + 1 } : { kind: splat.kind, title: printable(splat.title, 200), count: 1, line: splat.line, places });
  });
  return [...groups.values()];
}

/** Behind a BUG comes the Oops that it is, and a panic is what becomes of either. */
function causesAmong(splats: readonly Splat[]): Splat[] {
  return splats.filter((splat, index) => {
    const before = splats.slice(0, index).filter(({ fatal }) => fatal);
    if (splat.kind === 'panic') return before.length === 0;
    return splat.kind !== 'oops' || !before.some(({ kind, line }) => kind === 'bug' && splat.line - line <= oopsBehindBug);
  });
}

/** `fuse_dio_lock` of `fuse_dio_lock+0x1a/0x90 [fuse]`; what the compiler made of it (.isra, .constprop) is the same function. */
export function functionOf(where: string): string {
  return /^[A-Za-z_]\w*/.exec(where)?.[0] ?? '';
}

/** A line that begins with `? ` is only what was found on the stack (arch/x86/kernel/dumpstack.c). */
function placesIn(lines: readonly string[]): string[] {
  const all = lines.filter((line) => !/\]\s+\? |^\s*\? /.test(line)).map((line) => place.exec(line)?.[1]).filter((found) => found !== undefined);
  // A title names the place that RIP: names once more.
  return [...new Set(all.filter((found) => !reporters.test(found)))].slice(0, mostPlaces);
}

function withoutNumbers(title: string): string {
  return title.replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+/g, '#');
}
