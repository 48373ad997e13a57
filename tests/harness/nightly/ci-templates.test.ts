import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { onPath } from '../../../harness/host/on-path.ts';
import { parseNightlyConfig } from '../../../harness/nightly/nightly-config.ts';
import { root } from '../engine/run-diorama.ts';

const step = z.strictObject({
  name: z.string().optional(), uses: z.string().regex(/^actions\/[\w/-]+@v\d+$/).optional(), if: z.string().optional(), shell: z.literal('bash').optional(),
  run: z.string().optional(), with: z.record(z.string(), z.string()).optional(),
}).refine(({ uses, run }) => (uses === undefined) !== (run === undefined), { error: 'a step either uses or runs' });
const workflow = z.strictObject({
  name: z.string(), on: z.strictObject({ schedule: z.array(z.strictObject({ cron: z.string().regex(/^[\d*/,-]+( [\d*/,-]+){4}$/) })), workflow_dispatch: z.null() }),
  permissions: z.strictObject({ contents: z.literal('read') }), concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.literal(false) }),
  jobs: z.strictObject({ nightly: z.strictObject({ 'runs-on': z.string(), 'timeout-minutes': z.number().max(360), env: z.record(z.string(), z.string()), steps: z.array(step) }) }),
});
const job = z.strictObject({
  image: z.string(), rules: z.array(z.strictObject({ if: z.string() })), timeout: z.string(), resource_group: z.string(), interruptible: z.literal(false),
  variables: z.record(z.string(), z.string()), cache: z.strictObject({ key: z.string(), paths: z.array(z.string()), when: z.literal('always') }), script: z.array(z.string()),
  artifacts: z.strictObject({ when: z.literal('always'), expose_as: z.string(), paths: z.array(z.string()), expire_in: z.string() }),
});

/** YAML 1.2 has no `on: true`; GitHub's own reader has it as a text too. */
function read(name: string): unknown {
  return parse(readFileSync(join(root, 'scripts/ci', name), 'utf8'), { strict: true, uniqueKeys: true });
}

async function checkShell(t: Test, script: string): Promise<void> {
  t.notMatch(script, /\$\{\{/, 'an expression in a script would be put into it as code');
  if ((await onPath('shellcheck')) === undefined) {
    t.comment('no shellcheck here');
    return;
  }
  const checked = await execa('shellcheck', ['--shell=bash', '--severity=style', '-'], { input: `#!/usr/bin/env bash\n${script}`, reject: false });
  t.equal(checked.exitCode, 0, checked.stdout);
}

await t.test('the GitHub workflow keeps cache and nights, whatever came of the night, and its scripts are sound', async (t) => {
  const { jobs: { nightly } } = workflow.parse(read('github-nightly.yml'));
  for (const { run } of nightly.steps) if (run !== undefined) await checkShell(t, run);
  const after = nightly.steps.slice(nightly.steps.findIndex(({ name }) => name === 'Night') + 1);
  t.equal(after.length, 3);
  for (const one of after) t.equal(one.if, 'always()', one.name ?? '');
  const [restore, save] = nightly.steps.filter(({ uses }) => uses?.startsWith('actions/cache/'));
  t.equal(restore?.with?.['path'], save?.with?.['path']);
  t.equal(restore?.with?.['key'], save?.with?.['key']);
  t.ok(restore?.with?.['key']?.startsWith(restore.with['restore-keys'] ?? ' '), 'the newest of before is found');
  t.match(nightly.env['DIORAMA_CACHE'], /\/\.cache\/diorama$/);
});

await t.test('the script of the workflow ends as the night did, and writes the summary', async (t) => {
  const { jobs: { nightly } } = workflow.parse(read('github-nightly.yml'));
  const script = (name: string): string => nightly.steps.find((one) => one.name === name)?.run ?? '';
  for (const code of [0, 1, 69]) {
    const dir = t.testdir({ diorama: `#!/bin/sh\necho "args $*"\necho "::error::of a patch"\nexit ${String(code)}\n`, summary: '' });
    await execa('chmod', ['+x', join(dir, 'diorama')]);
    const ended = await execa('bash', ['-eo', 'pipefail', '-c', script('Night')], { cwd: dir, reject: false });
    t.equal(ended.exitCode, code);
    const lines = ended.stdout.split('\n');
    const [, token = ''] = /^::stop-commands::([0-9a-f]{32})$/.exec(lines[0] ?? '') ?? [];
    t.ok(token !== '' && lines.at(-1) === `::${token}::`, 'commands are off while strangers speak');
    await execa('bash', ['-eo', 'pipefail', '-c', script('Summary')], { cwd: dir, env: { GITHUB_STEP_SUMMARY: join(dir, 'summary') } });
    t.equal(readFileSync(join(dir, 'summary'), 'utf8'), '    args --yes nightly --config nightly.yaml\n    ::error::of a patch\n');
  }
});

await t.test('the GitLab job keeps cache and nights, whatever came of the night, and its script is sound', async (t) => {
  const found = job.parse((read('gitlab-nightly.yml') as Record<string, unknown>)['diorama-nightly']);
  await checkShell(t, found.script.join('\n'));
  t.same(found.cache.paths, ['.cache/diorama', 'results/nightly']);
  t.match(found.script.at(-1), /^\.\/diorama --yes nightly --config nightly\.yaml/);
});

await t.test('the example is a nightly that can be read, with a comment for every setting', async (t) => {
  const file = join(root, 'scripts/nightly.example.yaml');
  const text = readFileSync(file, 'utf8');
  const config = parseNightlyConfig(text, file);
  t.equal(config.kernels.size, 6);
  t.equal(config.results, join(root, 'scripts/results/nightly'));
  const whole = parseNightlyConfig(text.replace(/^# (series:|  \w+: .*patches|scenarios:)/gm, '$1'), file);
  t.same([...whole.series.keys()], ['v3', 'cleanup']);
  t.match(whole.series.get('cleanup'), { path: /\/patches\/cleanup$/, on: ['mainline', 'fuse'] });
  t.same(whole.scenarios, ['*']);
});
