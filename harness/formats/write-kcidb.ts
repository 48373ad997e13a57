import { createHash } from 'node:crypto';
import type { Side } from '../events.ts';
import { jsonLine } from '../json-line.ts';
import { figureOf } from '../judge/compare-measures.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import type { VerdictKind } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { PlayedScene, RunRecord } from '../results/run-record.ts';
import { kcidbOrigin as origin, type KcidbBuild, type KcidbCheckout, type KcidbIncident, type KcidbIssue, type KcidbReport, type KcidbStatus, type KcidbTest } from './kcidb-types.ts';
import { portableOrigin, portableSpec } from './portable-command.ts';
import { startKey, type RunFacts } from './run-facts.ts';
import { reasonText } from './scene-standings.ts';

/**
 * A run as a report of KCIDB's schema v5.3 (kernelci/kcidb-io, kcidb_io/schema/v05_03.py): a checkout and a build a side, a test a scene and side. Ids are
 * made of the run's, so the same run gives the same report.
 */
export function writeKcidb(facts: RunFacts): string {
  return `${jsonLine(kcidbReport(facts), 2)}\n`;
}

export function kcidbReport(facts: RunFacts): KcidbReport {
  const { record } = facts;
  const sides: readonly Side[] = record.series === undefined ? ['base'] : ['base', 'patched'];
  const builds = sides.flatMap((side) => buildOf(side, facts) ?? []);
  return {
    version: { major: 5, minor: 3 },
    checkouts: sides.map((side) => checkoutOf(side, facts)),
    builds,
    tests: [...record.scenes.flatMap((played) => testsOf(played, facts)), ...bootTest(builds, facts)],
    issues: issuesOf(facts),
    incidents: record.scenes.flatMap((played) => incidentOf(played, facts) ?? []),
  };
}

const statusOf: Readonly<Record<VerdictKind, KcidbStatus>> = {
  pass: 'PASS', fail: 'FAIL', splat: 'FAIL', hang: 'FAIL', crash: 'FAIL', known: 'FAIL', skip: 'SKIP', error: 'ERROR',
};

function checkoutOf(side: Side, facts: RunFacts): KcidbCheckout {
  const { record, patchHashes } = facts;
  const { kernel, series } = record;
  const commit = /^commit ([0-9a-f]{40})$/.exec(kernel?.origin ?? '')?.[1];
  const patched = side === 'patched';
  // Without its patches a patchset has no hash: the series was never read to its end.
  const hash = !patched ? '' : patchHashes.length > 0 && patchHashes.length === series?.patches.length ? patchsetHash(patchHashes) : undefined;
  const refused = patched && record.error?.code === 'series-does-not-apply';
  const there = patched ? series?.treeId !== undefined : kernel !== undefined;
  return {
    id: idOf(record, side), origin, start_time: record.started,
    ...(commit === undefined ? {} : { git_commit_hash: commit }),
    ...(hash === undefined ? {} : { patchset_hash: hash }),
    ...(refused ? { valid: false, log_excerpt: reasonText(record.error?.message ?? '') } : there ? { valid: true } : {}),
    comment: checkoutComment(side, record),
    misc: {
      run: record.id,
      ...(kernel === undefined ? {} : { spec: printable(portableSpec(record)), kernel_version: printable(kernel.version), source: printable(portableOrigin(kernel.origin)) }),
      ...(patched && series ? { patches: series.patches.map(({ subject }) => printable(subject)) } : {}),
      ...treeField(patched ? series?.treeId : kernel?.treeId),
    },
  };
}

function treeField(treeId: string | undefined): { readonly git_tree_hash?: string } {
  return treeId === undefined ? {} : { git_tree_hash: printable(treeId) };
}

function checkoutComment(side: Side, { kernel, series }: RunRecord): string {
  const base = kernel === undefined ? 'a kernel that was not fetched' : `${kernel.version} (${portableOrigin(kernel.origin)})`;
  if (side === 'base' || !series) return printable(base);
  const [first] = series.patches;
  return printable(`${base} with ${series.patches.length === 1 ? 'a patch' : `${series.patches.length} patches`}${first ? `: ${first.subject}` : ''}`, 300);
}

/** The schema's words for `patchset_hash`: the sha256 of the sha256 of each patch in order, each ended by a newline; so `sha256sum *.patch | cut -c-64 | sha256sum`. */
function patchsetHash(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.map((hash) => `${hash}\n`).join('')).digest('hex');
}

/** The sides are built one after the other (engine/prepare-sides.ts), so the stages tell which of them there is and which failed. */
function buildOf(side: Side, facts: RunFacts): KcidbBuild | undefined {
  const { record } = facts;
  const at = side === 'base' ? 0 : 1;
  const ended = record.stages.filter(({ stage }) => stage === 'build');
  const stage = ended[at];
  const failed = stage === undefined && ended.length === at && ['build-failed', 'config-unmet'].includes(record.error?.code ?? '');
  const variant = record[side];
  if (!stage && !failed && !variant) return undefined;
  return {
    id: idOf(record, side), checkout_id: idOf(record, side), origin,
    architecture: 'x86_64', config_name: printable(record.config), status: failed ? 'FAIL' : 'PASS',
    // What came from the cache was built some other time.
    ...(stage && !stage.reused ? { duration: toSeconds(stage.ms) } : {}),
    ...(variant === undefined ? {} : { compiler: printable(variant.compiler) }),
    ...(failed ? { comment: reasonText(record.error?.message ?? ''), log_excerpt: excerpt(facts.failureLog) } : {}),
    misc: { run: record.id, ...(variant === undefined ? {} : { variant: variant.id, release: printable(variant.release), vmlinux_sha256: variant.vmlinuxId }) },
  };
}

/** A kernel that was built and does not boot fails the test that everybody calls `boot`. */
function bootTest(builds: readonly KcidbBuild[], { record, failureLog }: RunFacts): KcidbTest[] {
  const build = record.error?.code === 'boot-failed' ? builds.at(-1) : undefined;
  if (!build || !record.error) return [];
  return [{
    id: `${build.id}/boot`, build_id: build.id, origin, path: 'boot', status: 'FAIL', environment: environmentOf(record),
    comment: reasonText(record.error.message), log_excerpt: excerpt(failureLog), misc: { run: record.id },
  }];
}

function testsOf(played: PlayedScene, facts: RunFacts): KcidbTest[] {
  const { record } = facts;
  const { verdict, side, scene, dir } = played;
  const evidence = facts.evidence.get(dir);
  const start = facts.starts.get(startKey(played));
  const test: KcidbTest = {
    id: testId(record, played), build_id: idOf(record, side), origin, path: pathOf(scene), status: statusOf[verdict.kind],
    environment: environmentOf(record),
    ...(verdict.reason === '' ? {} : { comment: reasonText(verdict.reason) }),
    ...(evidence && evidence.console.length > 0 ? { log_excerpt: excerpt(evidence.console) } : {}),
    ...(start === undefined ? {} : { start_time: start }),
    duration: toSeconds(played.ms),
    misc: { run: record.id, evidence: printable(dir), verdict: verdict.kind, ...(verdict.step === undefined ? {} : { step: verdict.step }) },
  };
  return [test, ...(played.measures ?? []).map((measurement) => measured(test, measurement))];
}

/** A number is a test of its own below its scene: a test has room for one. It is the median, in virtual nanoseconds. */
function measured(test: KcidbTest, measurement: NonNullable<PlayedScene['measures']>[number]): KcidbTest {
  const { id, build_id, path, start_time } = test;
  const { operation, mode, writers } = measurement;
  const name = `${operation}, ${mode}${writers > 1 ? `, ${writers} at once` : ''}`;
  return {
    id: `${id}/${printable(name)}`, build_id, origin, path: `${path}.${pathPart(name)}`, status: 'DONE', number: { value: figureOf(measurement), unit: 'ns' },
    ...(start_time === undefined ? {} : { start_time }),
  };
}

function environmentOf({ guest, qemu, libfuse, host, seed }: RunRecord): NonNullable<KcidbTest['environment']> {
  return {
    comment: printable(`${guest} guest${qemu === undefined ? '' : `, ${qemu}`}`),
    misc: { guest: printable(guest), seed, host: { ...host, cpu: printable(host.cpu) }, ...(qemu === undefined ? {} : { qemu: printable(qemu) }), ...(libfuse === undefined ? {} : { libfuse: printable(libfuse) }) },
  };
}

/** Every known issue that the run saw, or should have seen and did not. */
function issuesOf({ record, issues }: RunFacts): KcidbIssue[] {
  const ids = [...new Set(record.scenes.flatMap(({ verdict }) => verdict.issue ?? []))].sort();
  return ids.map((id) => {
    const known: KnownIssue | undefined = issues.find((issue) => issue.id === id);
    return {
      id: issueId(id), version: issueVersion, origin, culprit: { code: true, tool: false, harness: false },
      comment: printable(known ? `${id}: ${known.summary}` : id),
      ...(known ? { misc: { page: known.page, scenes: known.scenes, from: known.from, ...(known.until === undefined ? {} : { until: known.until }) } } : {}),
    };
  });
}

function incidentOf(played: PlayedScene, { record }: RunFacts): KcidbIncident | undefined {
  const { issue, kind, reason } = played.verdict;
  if (issue === undefined) return undefined;
  return {
    id: `${testId(record, played)}/${printable(issue)}`, origin, issue_id: issueId(issue), issue_version: issueVersion,
    build_id: idOf(record, played.side), test_id: testId(record, played), present: kind === 'known',
    ...(reason === '' ? {} : { comment: reasonText(reason) }),
  };
}

/** Two names are to stay two. */
const longestName = 1000;

/** tests/known-issues.yaml keeps no versions of its entries. */
const issueVersion = 1;

function issueId(id: string): string {
  return `${origin}:${printable(id)}`;
}

function idOf(record: RunRecord, side: Side): string {
  return `${origin}:${printable(record.id, longestName)}/${side}`;
}

function testId(record: RunRecord, { side, scene }: PlayedScene): string {
  return `${idOf(record, side)}/${printable(scene, longestName)}`;
}

/** `diorama.fuse.write-does-not-overtake-mmap`; the parts of a scene of many orders, `name.1`, stand below it. */
function pathOf(scene: string): string {
  return ['diorama', 'fuse', ...scene.split('.').map(pathPart)].join('.');
}

function pathPart(text: string): string {
  return printable(text).replace(/[^a-zA-Z0-9_-]+/g, '_') || '_';
}

function toSeconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

const longestExcerpt = 16_000;

function excerpt(lines: readonly string[]): string {
  const text = lines.join('\n');
  return text.length <= longestExcerpt ? text : text.slice(0, longestExcerpt);
}
