import fc from 'fast-check';
import t from 'tap';
import { applyKnown, compareVersions, type KnownIssue } from '../../../harness/judge/known-issues.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';

const scene = 'pages-read-while-mmap-waits';
const unmended: KnownIssue = {
  id: 'K6', scenes: [scene], from: '6.9', kinds: ['fail', 'crash'], signature: /^step 11: .* saw a\*4096/, summary: 'old pages show', page: 'docs/findings/k6.md',
};
const issue: KnownIssue = { ...unmended, until: '6.16' };
const fail: Verdict = { kind: 'fail', reason: "step 11: m's load saw a*4096", step: 11 };
const pass: Verdict = { kind: 'pass', reason: '' };
const on = (version: string, verdict: Verdict = fail, issues: readonly KnownIssue[] = [issue]): Verdict => applyKnown(verdict, { scene, version, model: undefined }, issues);

t.test('a failure with the signature is known from the first version that has it to the last, and keeps its step', async (t) => {
  t.strictSame(on('6.12.107'), { kind: 'known', reason: "K6, old pages show: step 11: m's load saw a*4096", step: 11, issue: 'K6' });
  for (const version of ['6.9', '6.9.0', '6.9.12', '6.12.107', '6.15.99', '6.16.0-rc1', '6.16-rc7']) t.equal(on(version).kind, 'known', version);
  for (const version of ['6.8.12', '6.9.0-rc1', '6.16', '6.16.0', '6.16.1', '7.3.0-rc2', '7.3.4']) t.strictSame(on(version), fail, version);
  t.equal(on('7.3.4', fail, [unmended]).kind, 'known', 'one that nobody has mended goes on');
});

t.test('another failure of the same scene is no part of an issue', async (t) => {
  for (const other of [
    { ...fail, reason: `after ${fail.reason}` }, { ...fail, reason: "step 7: m's mmap returned 0" }, { ...fail, kind: 'splat' }, { ...fail, kind: 'hang' }, { ...fail, kind: 'error' },
    { ...fail, kind: 'skip' },
  ] as const) t.strictSame(on('6.12.107', other), other, `${other.kind}: ${other.reason}`);
  t.equal(on('6.12.107', { ...fail, kind: 'crash' }).kind, 'known', 'each of its kinds is');
  t.strictSame(applyKnown(fail, { scene: 'another-scene', version: '6.12.107', model: undefined }, [issue]), fail, 'nor is the same failure of another scene');
});

t.test('the issue whose signature it is names a failure, of several that a scene has', async (t) => {
  const other: KnownIssue = { ...issue, id: 'K9', signature: /^step 3:/ };
  t.equal(on('6.12.107', fail, [other, issue]).issue, 'K6');
  t.equal(on('6.12.107', { ...fail, reason: 'step 3: m died' }, [issue, other]).issue, 'K9');
});

t.test('a pass on a kernel that should have the issue says which, and on another one does not', async (t) => {
  t.strictSame(on('6.12.107', pass), { kind: 'pass', reason: '', issue: 'K6' });
  t.strictSame(on('6.16', pass), pass);
  t.strictSame(on('6.8.12', pass), pass);
  t.strictSame(applyKnown(pass, { scene: 'another-scene', version: '6.12.107', model: undefined }, [issue]), pass);
});

t.test('an issue of a model is one only where that model judges', async (t) => {
  const bound: KnownIssue = { ...issue, model: 'v2' };
  const under = (model: string | undefined, verdict: Verdict): Verdict => applyKnown(verdict, { scene, version: '6.12.107', model }, [bound]);
  t.equal(under('v2', fail).kind, 'known');
  t.strictSame(under(undefined, fail), fail);
  t.strictSame(under('7.3', fail), fail);
  t.strictSame(under(undefined, pass), pass);
  t.equal(applyKnown(fail, { scene, version: '6.12.107', model: 'v2' }, [issue]).kind, 'known', 'one of no model is one under all');
});

t.test('versions stand in the order in which they came out', async (t) => {
  const order = ['5.0', '6.1.192', '6.9-rc1', '6.9', '6.9.12', '6.12-rc2', '6.12.0-rc10', '6.12', '6.12.63', '6.12.64', '6.12.107', '6.19', '7.3.0-rc2', '7.3.0-rc7', '7.3.0', '7.3.4', '10.0'];
  order.forEach((a, left) => order.forEach((b, right) => {
    t.equal(Math.sign(compareVersions(a, b)), Math.sign(left - right), `${a} and ${b}`);
  }));
  t.equal(compareVersions('6.12', '6.12.0'), 0);
  t.equal(compareVersions('7.3-rc2', '7.3.0-rc2'), 0);
  t.ok(compareVersions('6.12.107-deb13', '6.12.107') === 0, 'a distributor says more, and means the same');
});

/** Small numbers, so that equal ones come often. */
const number = fc.oneof(fc.nat(3), fc.nat(300));
const version = fc.tuple(number, number, fc.option(number), fc.option(number))
  .map(([major, minor, patch, rc]) => `${major}.${minor}${patch === null ? '' : `.${patch}`}${rc === null ? '' : `-rc${rc}`}`);

t.test('of any versions the order is total: antisymmetric, transitive, and a candidate comes before its release', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(version, version, version, (a, b, c) => {
    const [ab, ba, bc, ac] = [compareVersions(a, b), compareVersions(b, a), compareVersions(b, c), compareVersions(a, c)];
    if (!Number.isSafeInteger(ab) || compareVersions(a, a) !== 0) throw new Error(a);
    if (Math.sign(ab) !== -Math.sign(ba)) throw new Error(`${a} and ${b}`);
    if (ab <= 0 && bc <= 0 && ac > 0) throw new Error(`${a}, ${b}, ${c}`);
    if (ab === 0 && Math.sign(bc) !== Math.sign(ac)) throw new Error(`${a} is ${b}, but not to ${c}`);
  }), { numRuns: 3000 }));
  t.doesNotThrow(() => fc.assert(fc.property(number, number, number, (major, minor, rc) => compareVersions(`${major}.${minor}-rc${rc}`, `${major}.${minor}`) < 0)));
});
