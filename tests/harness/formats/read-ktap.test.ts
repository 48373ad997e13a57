import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readKtap, type KtapGap, type KtapGroup, type KtapReport } from '../../../harness/formats/read-ktap.ts';

const sample = (name: string): KtapReport => readKtap(readFileSync(join(import.meta.dirname, 'ktap', `${name}.txt`), 'utf8'));

/** A tree as lines: two spaces a level, gaps in braces. */
function shown(groups: readonly KtapGroup[], indent = ''): string[] {
  return groups.flatMap((group) => [
    `${indent}[${group.name ?? ''}] ${group.planned === undefined ? 'no plan' : `1..${group.planned}`}${group.incomplete.map(gapText).join('')}`,
    ...group.results.flatMap(({ outcome, number, name, detail, groups: below }) => [
      ...shown(below, `${indent}    `),
      `${indent}  ${number ?? '-'} ${outcome} ${name}${detail === '' ? '' : `: ${detail}`}`,
    ]),
  ]);
}

function gapText(gap: KtapGap): string {
  switch (gap.kind) {
    case 'numbers': return ` {${gap.expected} is ${gap.printed}}`;
    case 'no-plan': case 'unterminated': return ` {${gap.kind}}`;
    default: return ` {${gap.kind} ${gap.printed} of ${gap.planned}}`;
  }
}

t.test('what KUnit prints on a console is read through time stamps and messages of the kernel', async (t) => {
  const read = sample('kunit-boot');
  t.strictSame(shown(read.groups), [
    '[] 1..2',
    '    [fuse_iomode] 1..3',
    '      1 pass cached_then_uncached',
    '      2 fail uncached_then_cached',
    '      3 skip passthrough: CONFIG_FUSE_PASSTHROUGH is not set',
    '  1 fail fuse_iomode',
    '    [fuse_dio] 1..1',
    '        [sizes] no plan {no-plan}',
    '          1 pass 4096',
    '          2 pass 65536',
    '      1 pass sizes',
    '  2 pass fuse_dio',
  ]);
  t.equal(read.incomplete, false, 'a parameterised test has no plan, but its result came');
  const failed = read.groups[0]?.results[0]?.groups[0]?.results[1];
  t.strictSame(failed?.diagnostics.map((line) => line.trim()), [
    'random: crng init done', '# uncached_then_cached: EXPECTATION FAILED at fs/fuse/iomode_test.c:71', 'Expected fi->iocachectr == 0, but', 'fi->iocachectr == 1 (0x1)',
  ]);
});

t.test('the runner of kselftest nests with `# `, and each directive is told', async (t) => {
  const read = sample('kselftest-fuse');
  t.strictSame(shown(read.groups), [
    '[] 1..3',
    '    [] 1..4',
    '      1 pass global.mount',
    '      2 fail global.dio',
    '      3 skip : no user namespaces',
    '      4 xfail global.umount: leaks the superblock',
    '  1 fail selftests: filesystems/fuse: fuse_mnt: exit=1',
    '  2 timeout selftests: filesystems/fuse: fusectl_test: 45 seconds',
    '  3 skip selftests: filesystems/fuse: needs_root.sh',
  ]);
  t.equal(read.incomplete, false);
  t.ok(read.groups[0]?.results[0]?.groups[0]?.results[1]?.diagnostics.some((line) => line.includes('Expected 4096')), 'the reason stays with its test');
});

t.test('when the kernel dies in the middle, what was printed is there, and what is missing is said', async (t) => {
  const read = sample('dies-in-the-middle');
  t.strictSame(shown(read.groups), [
    '[] 1..3 {fewer-than-planned 0 of 3} {unterminated}',
    '    [dio_write] 1..4 {fewer-than-planned 2 of 4}',
    '      1 pass one_writer',
    '      2 pass two_writers',
    '  - incomplete dio_write: its result line was never printed',
  ]);
  t.equal(read.incomplete, true);
  t.match(read.diagnostics.join('\n'), /kernel BUG at fs\/fuse\/dir\.c:1824!/, 'with its last words');
});

t.test('a plan may be missing or come last, and a number that was lost is told', async (t) => {
  const read = sample('no-plan-and-late-plan');
  t.strictSame(shown(read.groups), [
    '[] no plan {no-plan} {3 is 4}',
    '  1 pass opens',
    '    [] 1..2',
    '      1 pass inner one',
    '      2 pass inner two',
    '  2 pass nested',
    '  4 pass a number is missing',
  ]);
});

t.test('two runs on one console are two, and a bail-out is told with its reason', async (t) => {
  const read = sample('two-runs');
  t.strictSame(shown(read.groups), ['[] 1..2 {fewer-than-planned 1 of 2}', '  1 pass first', '[] 1..2', '  1 pass first', '  2 error second: cannot open /dev/fuse']);
  t.equal(read.bailOut, 'no /dev/fuse');
  t.equal(read.incomplete, true);
  t.strictSame(read.diagnostics, ['# and some last words']);
});

t.test('TAP 14 with subtests four spaces deep and escapes is read too', async (t) => {
  t.strictSame(shown(sample('tap14').groups), [
    '[] 1..2 {fewer-than-planned 1 of 2} {unterminated}',
    '    [base] 1..2',
    '      1 pass write # 1 \\ 2',
    '      2 todo reads: K3 is known',
    '  1 pass base',
    '    [patched] no plan {no-plan}',
    '      1 pass write',
    '  - incomplete patched: its result line was never printed',
  ]);
});

t.test('a last line without its end may be cut, and says so', async (t) => {
  t.equal(readKtap('1..1\nok 1 a # SK').groups[0]?.results[0]?.mayBeCut, true);
  t.equal(readKtap('1..1\nok 1 a\n').groups[0]?.results[0]?.mayBeCut, undefined);
});

t.test('sentences that begin like a result are none', async (t) => {
  for (const line of ['okay', 'ok, so far', 'ok 1.5 GB', 'not okay', 'not ok so', 'notok 1', 'OK 1 x', '1..', '1..x', 'xKTAP version 1']) t.strictSame(readKtap(`${line}\n`).groups, [], line);
  t.equal(readKtap('ok\n').groups[0]?.results.length, 1);
  t.equal(readKtap('not ok - named\n').groups[0]?.results[0]?.name, 'named');
  t.equal(readKtap('ok 12345678901234567890 huge\n').groups[0]?.results[0]?.name, 'huge');
});

interface Printed {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip' | 'timeout';
  readonly below: readonly Printed[];
  readonly noise: readonly string[];
  readonly plan: 'first' | 'last' | 'none';
  readonly version: boolean;
}

const noise = fc.constantFrom('random: crng init done', '# a diagnostic', '------------[ cut here ]------------', '   Call Trace:', '', '<TASK>', '#', '# ok, then');
const { tree } = fc.letrec<{ tree: Printed }>((tie) => ({
  tree: fc.record({
    name: fc.stringMatching(/^[a-z][a-z_ ]{0,8}[a-z]$/),
    outcome: fc.constantFrom('pass', 'fail', 'skip', 'timeout'),
    below: fc.oneof({ depthSize: 'small' }, fc.constant([]), fc.array(tie('tree'), { minLength: 1, maxLength: 4 })),
    noise: fc.array(noise, { maxLength: 2 }),
    plan: fc.constantFrom('first', 'last', 'none'),
    version: fc.boolean(),
  }),
}));

/** Lines of a group as KTAP prints them. */
function printGroup(group: readonly Printed[], given: { readonly indent: string; readonly step: string; readonly plan: Printed['plan']; readonly version: boolean }): string[] {
  const { indent, step, plan } = given;
  const planLine = `${indent}1..${group.length}`;
  return [
    ...(given.version ? [`${indent}KTAP version 1`] : []),
    ...(plan === 'first' ? [planLine] : []),
    ...group.flatMap((test, index) => [
      ...(test.below.length > 0 ? printGroup(test.below, { indent: indent + step, step, plan: test.plan, version: test.version }) : []),
      ...test.noise,
      `${indent}${test.outcome === 'fail' || test.outcome === 'timeout' ? 'not ok' : 'ok'} ${index + 1} ${test.name}${{ pass: '', fail: '', skip: ' # SKIP why', timeout: ' # TIMEOUT 45 seconds' }[test.outcome]}`,
    ]),
    ...(plan === 'last' ? [planLine] : []),
  ];
}

const resultLine = /^\s*(?:# )*(not ok|ok) (\d+) ([a-z_ ]*?)(?: # (SKIP|TIMEOUT) .*)?$/;
const resultsIn = (lines: readonly string[]): string[] => lines.flatMap((line) => {
  const found = resultLine.exec(line);
  if (!found) return [];
  return [`${found[2]} ${found[3]} ${found[4] === 'SKIP' ? 'skip' : found[4] === 'TIMEOUT' ? 'timeout' : found[1] === 'ok' ? 'pass' : 'fail'}`];
});
const resultsOf = (groups: readonly KtapGroup[]): string[] => groups.flatMap((group) => group.results.flatMap(({ outcome, number, name, groups: below }) =>
  [...resultsOf(below), ...(outcome === 'incomplete' ? [] : [`${number ?? '-'} ${name} ${outcome}`])]));

const document = fc.record({
  tests: fc.array(tree, { minLength: 1, maxLength: 4 }), plan: fc.constantFrom('first' as const, 'last' as const, 'none' as const), step: fc.constantFrom('  ', '    ', '# '), stamps: fc.boolean(),
});
const printDocument = ({ tests, plan, step, stamps }: { readonly tests: readonly Printed[]; readonly plan: Printed['plan']; readonly step: string; readonly stamps: boolean }): string[] =>
  printGroup(tests, { indent: '', step, plan, version: true }).map((line, index) => (stamps ? `[${String(index).padStart(5)}.000001] ${line}` : line));

t.test('wherever the output is cut, every result printed before is there, in its order', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(document, fc.nat(), (given, at) => {
    const lines = printDocument(given);
    const cut = at % (lines.length + 1);
    const plain = printGroup(given.tests, { indent: '', step: given.step, plan: given.plan, version: true }).slice(0, cut);
    const read = readKtap(lines.slice(0, cut).map((line) => `${line}\n`).join(''));
    return JSON.stringify(resultsOf(read.groups)) === JSON.stringify(resultsIn(plain));
  }), { numRuns: 500 }));
});

t.test('what was printed whole, with its plans, is nested as it was and misses nothing', async (t) => {
  const nested = (tests: readonly Printed[]): unknown => tests.map(({ name, outcome, below }) => [name, outcome, nested(below)]);
  const found = (groups: readonly KtapGroup[]): unknown => groups.flatMap((group) => group.results.map(({ name, outcome, groups: below }) => [name, outcome, found(below)]));
  const planned = (test: Printed): Printed => ({ ...test, plan: test.plan === 'none' ? 'last' : test.plan, below: test.below.map(planned) });
  t.doesNotThrow(() => fc.assert(fc.property(document, (given) => {
    const tests = given.tests.map(planned);
    const read = readKtap(`${printDocument({ ...given, tests, plan: 'first' }).join('\n')}\n`);
    return !read.incomplete && JSON.stringify(found(read.groups)) === JSON.stringify(nested(tests));
  }), { numRuns: 500 }));
});

t.test('a document that is cut before its end never seems whole', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), fc.nat(), (tests, at) => {
    const lines = printGroup(tests, { indent: '', step: '  ', plan: 'first', version: true });
    const lastResult = lines.length - 1;
    return readKtap(lines.slice(0, 2 + (at % Math.max(1, lastResult - 1))).map((line) => `${line}\n`).join('')).incomplete;
  })));
});

t.test('nothing that comes in is too much: it ends, throws nothing, and takes no quadratic time', async (t) => {
  const hostile = [
    'x'.repeat(1_000_000), ' '.repeat(1_000_000), `ok 1 ${'# '.repeat(500_000)}`, `${'# '.repeat(500_000)}ok 1 x`, `[${' '.repeat(1_000_000)}`, `ok 1 ${' '.repeat(1_000_000)}#`,
    '1..999999999\n'.repeat(50_000), 'KTAP version 1\n'.repeat(50_000), `${'  KTAP version 1\nok 1\n'.repeat(30_000)}`, '1..0\nBail out!\n'.repeat(1000), `ok 1 ${'\\'.repeat(1_000_000)}`,
    Array.from({ length: 2000 }, (_, depth) => `${'  '.repeat(depth)}1..1`).join('\n'),
  ];
  for (const text of hostile) {
    const began = performance.now();
    t.ok(readKtap(text), text.slice(0, 20));
    t.ok(performance.now() - began < 5000, 'in time');
  }
  const words = fc.constantFrom('ok 1', 'not ok 2 x', '1..3', 'KTAP version 1', '# Subtest: a', '  ', '# ', '\n', '\r', 'Bail out!', '---', '[    1.000000] ', '<script>', '\u001b[2J', '\u0000', 'ok', '# SKIP');
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 }), (parts) => {
    readKtap(parts.join(''));
  })));
});
