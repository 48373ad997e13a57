import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readGuest } from '../guest/read-guest.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { onPath } from '../host/on-path.ts';
import { findConfig } from '../engine/find-config.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { findToolchain } from '../kernel/build/compiler.ts';
import { readFragments } from '../kernel/config/merge-config.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { readSeries } from '../series/read-series.ts';
import { findSuites } from '../suites/find-suites.ts';
import type { Entry } from './list-entries.ts';
import type { NightlyConfig } from './nightly-config.ts';
import type { Resolved } from './night-state.ts';

/** What decides of a verdict besides kernel, series, guest and scenes; the command line and what is shown does not. */
const deciding = ['harness/engine', 'harness/guest', 'harness/judge', 'harness/kernel', 'harness/model', 'harness/scenario', 'harness/series', 'harness/stage', 'guests/common', 'guests/stage', 'tests/known-issues.yaml'];

/**
 * A key of everything that all entries depend on: diorama's own parts that decide, the scenes, the compiler.
 * @throws DioramaError `bad-usage`, `bad-scene` for scenes that are not there or wrong
 */
export async function commonPrint(host: Host, { scenarios, slowerNs }: Pick<NightlyConfig, 'scenarios' | 'slowerNs'>): Promise<string> {
  const { compiler, linker } = await findToolchain(host);
  const scenes = await findScenarios(host, scenarios);
  const files = new Set(scenes.map(({ file }) => file));
  const texts = await Promise.all([...files].map((file) => readFile(file)));
  const own = await Promise.all(deciding.map((path) => filesBelow(join(host.root, path))));
  return contentKey(['nightly 1', String(slowerNs), compiler, linker, ...scenes.map(({ name }) => name), ...texts, ...own.flat()]);
}

/**
 * A key of everything that an entry depends on. While it stays the same, so does what comes of the entry.
 * @throws DioramaError for a series that cannot be read, a guest or config that is not there
 */
export async function entryPrint(host: Host, entry: Entry, given: { readonly common: string; readonly kernel: Extract<Resolved, { kind: 'found' }> }): Promise<string> {
  const guest = await readGuest(host.root, entry.guest);
  const asked = await readFragments(await findConfig(host.root, entry.config));
  const quiet: Host = { ...host, emit: () => undefined };
  const patches = entry.series ? (await readSeries(quiet, [entry.series.path], parseKernelSpec(given.kernel.spec))).patches : [];
  return contentKey([
    given.common, given.kernel.identity, JSON.stringify(guest), JSON.stringify(asked.map(({ symbol, value, optional }) => [symbol, value, optional])),
    ...(entry.suites ? await suitesPrint(host, entry.suites) : []), ...patches.flatMap(({ subject, diff, strip }) => [subject, diff, String(strip)]),
  ]);
}

/** What suites depend on beside: themselves, what is built for them, and the programs that they run, by when each was changed. */
async function suitesPrint(host: Host, words: readonly string[]): Promise<(string | Buffer)[]> {
  const suites = await findSuites(host.root, words);
  const programs = await Promise.all([...new Set(suites.flatMap(({ needs }) => needs))].sort().map(async (program) => {
    const path = await onPath(program);
    const found = path === undefined ? undefined : await stat(path);
    return `${program} ${path ?? ''} ${found?.size ?? ''} ${found?.mtimeMs ?? ''}`;
  }));
  const own = await Promise.all(['harness/suites', 'guests/virtme', 'guests/programs', 'kconfig/virtme.config'].map((path) => filesBelow(join(host.root, path))));
  return ['suites 1', JSON.stringify(suites), ...programs, ...own.flat()];
}

async function filesBelow(path: string): Promise<Buffer[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [await readFile(path)];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(files.map((file) => readFile(file)));
}
