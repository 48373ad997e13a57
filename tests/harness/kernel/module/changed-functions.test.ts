import { readFileSync } from 'node:fs';
import t from 'tap';
import { changedFunctions, type ModuleChange } from '../../../../harness/kernel/module/changed-functions.ts';
import { readModule } from '../../../../harness/kernel/module/read-module.ts';
import { compileModule } from './compile-module.ts';

const file = `
extern int printk(const char *text, ...), kernel(int), other(int);
extern int io_end(int);
struct ops { int (*open)(int), (*close)(int); };
static int limit = 7;
static __attribute__((noinline)) int helper(int x) { return kernel(x) + limit; }
static inline int inlined(int x) { return x * 3 + 1; }
__attribute__((noinline)) int fuse_open(int x) { limit++; return helper(x) + 1; }
__attribute__((noinline)) int fuse_read(int x) { if (x > 9) printk("long read\\n"); return helper(x) + inlined(x); }
__attribute__((noinline)) int fuse_write(int x) { return fuse_open(x) * fuse_read(x + 2) + io_end(x); }
int fuse_ioctl(int x) { switch (x) { case 0: return kernel(3); case 1: return other(9); case 2: return kernel(11); case 3: return other(6); case 4: return kernel(5); case 5: return other(4); default: return -1; } }
const struct ops fuse_ops = { fuse_open, fuse_write };
int __attribute__((section(".init.text"))) fuse_init(void) { return kernel(1); }
`;
const iomode = 'extern int kernel(int); int io_begin(int x) { return kernel(x) - 5; } int io_end(int x) { return kernel(x) - 6; }\n';

t.test('what changed is told by function, however far the rest has moved', async (t) => {
  const home = t.testdir();
  const base = compileModule(home, { 'file.c': file, 'iomode.c': iomode });
  const after = (from: string | RegExp, to: string, more = iomode): ModuleChange => {
    const text = file.replace(from, to);
    if (text === file && more === iomode) throw new Error(`${String(from)} is not there`);
    return changedFunctions(base, compileModule(home, { 'file.c': text, 'iomode.c': more }));
  };
  const functions = (...names: string[]): ModuleChange => ({ kind: 'functions', names });
  t.same(after('\nextern int printk', '\n/* a comment */\n\nextern int printk'), { kind: 'nothing' });
  t.same(after('kernel(x) + limit', 'kernel(x) + kernel(x + 1) + kernel(x + 2) + kernel(x + 3) + limit'), functions('helper'), 'its callers moved, and are the same');
  t.same(after('x * 3 + 1', 'x * 5 + 1'), functions('fuse_read'), 'what is inlined changes who it went into');
  t.same(after('fuse_open(x) *', 'fuse_read(x) *'), functions('fuse_write'), 'a call of another function of the file has no relocation');
  t.same(after('helper(x) + 1;', 'kernel(x) + 1;'), functions('fuse_open'));
  t.same(after('long read', 'slow read'), functions('fuse_read'), 'a text of the same length');
  t.same(after('case 0: return kernel(3); case 1: return other(9)', 'case 1: return kernel(3); case 0: return other(9)'), functions('fuse_ioctl'), 'a table of jumps, code as it was');
  t.same(after(/$/, 'int fuse_more(int x) { return kernel(x) ^ 77; }\n'), functions('fuse_more'), 'a new one');
  t.same(after(/x/, 'x', iomode.replace('x) - 5', 'x) - kernel(8)')), functions('io_begin'), 'another file, which moves what is behind it');
  t.same(after(/x/, 'x', 'extern int kernel(int); int io_end(int x) { return kernel(x) - 6; }\n'), functions('io_begin'), 'one that is gone');
  t.match(after('limit = 7', 'limit = 8'), { kind: 'everything', why: 'limit changed' });
  t.match(after('{ fuse_open, fuse_write }', '{ fuse_read, fuse_write }'), { kind: 'everything', why: 'fuse_ops changed' });
  t.match(after('return kernel(1)', 'return kernel(2)'), { kind: 'everything', why: /fuse_init/ });
});

t.test('a function that the compiler splits or copies is known by its name in the source', async (t) => {
  const home = t.testdir();
  const text = (sum: string): string => `
extern int kernel(int); extern void cold(const char *) __attribute__((cold));
static __attribute__((noinline)) int twice(int x, int y) { return kernel(x)${sum} + y; }
int a(int x) { if (__builtin_expect(x == 3, 0)) { cold("three"); cold("more"); } return twice(x, 4); }
int b(int x) { return twice(x, 4) + 2; }
`;
  const base = compileModule(home, { 'a.c': text('') });
  t.ok(base.symbols.some(({ name }) => name === 'twice.constprop.0' || name === 'twice.isra.0'), 'gcc made a copy');
  t.same(changedFunctions(base, compileModule(home, { 'a.c': text(' * 9') })), { kind: 'functions', names: ['twice'] });
  t.same(changedFunctions(base, compileModule(home, { 'a.c': text('').replace('cold("more")', 'cold("less")') })), { kind: 'functions', names: ['a'] }, 'in its cold part');
});

t.test('a file that is no module, or is cut short, is refused', async (t) => {
  t.throws(() => readModule(Buffer.from('no module')), /not an ELF object/);
  const whole = readFileSync(process.execPath).subarray(0, 4096);
  t.throws(() => readModule(whole));
});
