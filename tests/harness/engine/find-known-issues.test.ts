import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { findKnownIssues } from '../../../harness/engine/find-known-issues.ts';
import { DioramaError } from '../../../harness/errors.ts';

const own = resolve(import.meta.dirname, '../../..');
const good = `- id: K8
  scenes: [some-scene]
  kernels: {from: "6.9", until: "6.16-rc1"}
  model: v2
  shows: [fail, hang]
  signature: "^step 5: .* waits"
  summary: words
  page: docs/findings/k8.md
  seen: ["6.12.107"]
`;

function issuesOf(t: Test, text: string): ReturnType<typeof findKnownIssues> {
  return findKnownIssues(t.testdir({ tests: { 'known-issues.yaml': text } }));
}

/** What is wrong with a list, each mistake from its line on. */
async function mistakesOf(t: Test, text: string): Promise<string[]> {
  const error = await issuesOf(t, text).then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof DioramaError)) throw new Error(`nothing was refused in ${text}`);
  t.match(error, { code: 'bad-file', blame: 'scene' });
  return [error.message, ...error.details].map((line) => {
    const [, place] = /known-issues\.yaml:(.*)$/s.exec(line) ?? [];
    return place ?? `no place: ${line}`;
  });
}

t.test('an entry is read whole, and what may be left out may', async (t) => {
  const [issue, ...rest] = await issuesOf(t, good);
  t.strictSame(rest, []);
  t.match(issue, { id: 'K8', from: '6.9', until: '6.16-rc1', model: 'v2', kinds: ['fail', 'hang'], summary: 'words', page: 'docs/findings/k8.md' });
  t.ok(issue?.signature.test('step 5: m waits') && !issue.signature.test('at step 5: m waits'));
  const [short] = await issuesOf(t, good.replace(', until: "6.16-rc1"', '').replace(/ {2}model.*\n/, ''));
  t.notOk(short && ('until' in short || 'model' in short));
});

t.test('every mistake is told with its line and column', async (t) => {
  const cases: readonly (readonly [from: string | RegExp, to: string, said: string])[] = [
    ['id: K8', 'id: k8', '1:7: expected a letter and a number, such as K8'],
    ['from: "6.9"', 'from: six', '3:19: expected a kernel version, such as "6.12" or "6.12.64"'],
    ['until: "6.16-rc1"', 'until: "6"', '3:33: expected a kernel version, such as "6.12" or "6.12.64"'],
    ['from: "6.9"', 'from: 6.9', '3:19: expected a text, found the number 6.9'],
    ['from: "6.9", ', '', "3:12: 'from' is missing: expected a text"],
    ['model: v2', 'model: v3', '4:10: expected one of v2, 6.9, 6.12, 6.12.64, 7.2, 7.3'],
    ['[fail, hang]', '[fail, pass]', '5:17: expected one of fail, splat, hang, crash'],
    ['[fail, hang]', '[]', '5:10: expected at least 1, found an empty list'],
    ['"^step 5: .* waits"', '"^step 5: (.* waits"', '6:14: expected a regular expression: Invalid regular expression: /^step 5: (.* waits/: Unterminated group'],
    ['  summary: words\n', '', "1:3: 'summary' is missing: expected a text"],
    ['page:', 'pages:', "8:3: unknown key 'pages'"],
    ['["6.12.107"]', '["6.12.107", "7.3.x"]', '9:22: expected a kernel version, such as "6.12" or "6.12.64"'],
  ];
  for (const [from, to, said] of cases) t.ok((await mistakesOf(t, good.replace(from, to))).includes(said), `${said}, of ${(await mistakesOf(t, good.replace(from, to))).join('; ')}`);
  t.strictSame(await mistakesOf(t, 'id: K8\n'), ['1:1: expected a list, found a map']);
  t.match(await mistakesOf(t, `${good}- id: [\n`), [/^1[01]:\d+: /]);
});

t.test('the mistakes of all entries are told at once, in their order', async (t) => {
  const text = good.replace('id: K8', 'id: k8').replace('model: v2', 'model: v3') + good.replace('[fail, hang]', '[]');
  t.strictSame((await mistakesOf(t, text)).map((line) => line.split(': ')[0]), ['1:7', '4:10', '14:10']);
});

t.test("the project's own list is read, and each entry's scene and page exist and name it", async (t) => {
  const issues = await findKnownIssues(own);
  t.ok(issues.length >= 6);
  t.equal(new Set(issues.map(({ id }) => id)).size, issues.length, 'each id is given once');
  for (const issue of issues) {
    // `stress` is a command; its failures have signatures too.
    for (const scene of issue.scenes.filter((name) => name !== 'stress')) t.ok(existsSync(join(own, 'tests/scenarios', `${scene}.yaml`)), `${issue.id}: ${scene}`);
    t.match(readFileSync(join(own, issue.page), 'utf8'), new RegExp(`\\b${issue.id}\\b`), `${issue.page} is about ${issue.id}`);
  }
});
