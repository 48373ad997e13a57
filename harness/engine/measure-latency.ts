import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as hdr from 'hdr-histogram-js';
import type { Side } from '../events.ts';
import { bootOnce } from '../guest/boot-once.ts';
import type { Guest } from '../guest/read-guest.ts';
import { chooseAccelerator } from '../host/choose-accelerator.ts';
import type { Host } from '../host/host.ts';
import { importLibrary } from '../host/import-library.ts';
import { bootOrder, compareLatency, surelySlower, type BootLatency } from '../judge/compare-latency.ts';
import { judgeLatency } from '../judge/judge-latency.ts';
import { readLatencyTrace, type LatencyCell } from '../judge/read-latency-trace.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Variant } from '../kernel/types.ts';
import type { WallClockRecord } from '../results/run-record.ts';
import { buildLatency } from '../stage/build-stage.ts';
import { guestFiles } from './clone-files.ts';

export interface LatencyRequest {
  /** Of each side; at least one. */
  readonly boots: number;
  readonly guest: Guest;
  readonly sides: readonly { readonly side: Side; readonly variant: Variant }[];
  /** The run's directory; each side has a folder for its boots in it, `base/wall-clock`. */
  readonly dir: string;
}

/** A side's boots as one verdict: the first that was not good, else that of all. */
export interface LatencySide {
  readonly side: Side;
  readonly verdict: Verdict;
  /** Wall time of its boots in milliseconds. */
  readonly ms: number;
  /** Where its evidence is, relative to the run's directory: of all boots, or of the one that was not good. */
  readonly dir: string;
}

/** What is measured, as guests/latency/init.c reads it: milliseconds, but `delays`, which are microseconds. */
export const latencyPlan = { warm: 100, window: 400, writers: [1, 2, 4, 8], delays: [0, 500] } as const;

/** Of a side's folder, and the name that a run's record has for its boots. */
export const latencyScene = 'wall-clock';

/** With fewer calls the 99th percentile is the longest one. */
const leastForP99 = 100;
/** Beside the time that it works: fork() on a machine that is busy with other things. */
const slackMs = 5 * 60 * 1000;
/** Bits of a duration that HdrHistogram's buckets keep; guests/latency/histogram.h keeps as much. */
const precision = { lowestDiscernibleValue: 1, highestTrackableValue: 2 ** 37, numberOfSignificantValueDigits: 2 } as const;

/**
 * Boots each side so often, in the order A B B A, one at a time, and measures what calls take on the host's clock while writers and a mapper
 * work on one file. It ends with the first boot that does not come to its end.
 * @throws DioramaError of the machine
 */
export async function measureLatency(host: Host, request: LatencyRequest): Promise<{ readonly wallClock: WallClockRecord; readonly sides: readonly LatencySide[] }> {
  const { guest: asked, sides } = request;
  const seconds = (latencyPlan.writers.length * latencyPlan.delays.length * 2 * (latencyPlan.warm + latencyPlan.window)) / 1000;
  const guest: Guest = { ...asked, limits: { ...asked.limits, scene: seconds * 1000 + slackMs } };
  const accelerator = guest.accelerator ?? (await chooseAccelerator(host));
  const stage = await buildLatency(host);
  const { build, encodeIntoCompressedBase64 } = (await importLibrary('hdr-histogram-js')) as typeof hdr;
  const order = bootOrder(request.boots, sides.map(({ side }) => side));
  const done = new Map<Side, { boots: BootLatency[][]; verdict: Verdict; ms: number; dir: string }>(sides.map(({ side }) => [side, { boots: [], verdict: { kind: 'pass', reason: '' }, ms: 0, dir: join(side, latencyScene) }]));
  const whole = new Map<string, { readonly cell: LatencyCell; readonly side: Side; readonly histogram: hdr.Histogram }>();
  let missing: string | undefined;
  const label = `wall clock, ${order.length} boots`;
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'scene', label });
  for (const [index, side] of order.entries()) {
    const variant = sides.find((one) => one.side === side)?.variant;
    const of = done.get(side);
    if (!variant || !of) continue;
    host.emit({ kind: 'stage-progress', stage: 'scene', detail: `wall clock, boot ${index + 1} of ${order.length}: ${side}` });
    const dir = join(side, latencyScene, `boot-${String(of.boots.length + 1).padStart(2, '0')}`);
    const bootBegan = performance.now();
    const { verdict, cells, missing: lacks } = await measureBoot(host, { guest, variant, initrd: stage.initrd, accelerator, dir: join(request.dir, dir) });
    of.ms += performance.now() - bootBegan;
    missing ??= lacks;
    if (verdict.kind !== 'pass') {
      of.dir = dir;
      of.verdict = { ...verdict, reason: `boot ${of.boots.length + 1}: ${verdict.reason}` };
      break;
    }
    of.boots.push(cells.map((cell) => {
      const histogram = build(precision);
      const key = JSON.stringify([side, cell.operation, cell.mode, cell.writers, cell.delayUs]);
      const all = whole.get(key) ?? { cell, side, histogram: build(precision) };
      whole.set(key, all);
      for (const [ns, count] of cell.counts) {
        histogram.recordValueWithCount(ns, count);
        all.histogram.recordValueWithCount(ns, count);
      }
      return bootLatency(cell, histogram);
    }));
  }
  host.emit({ kind: 'stage-end', stage: 'scene', label, ms: performance.now() - began, reused: false });
  const [base, patched] = [done.get('base')?.boots ?? [], done.get('patched')?.boots];
  const figures = compareLatency(base, patched);
  const slower = accelerator === 'kvm' ? surelySlower(figures) : [];
  const file = 'wall-clock.json';
  const histograms = [...whole.values()].map(({ cell: { operation, mode, writers, delayUs }, side, histogram }) => ({
    side, operation, mode, writers, delayUs, histogram: encodeIntoCompressedBase64(histogram),
  }));
  await writeFile(join(request.dir, file), `${JSON.stringify({ format: 'diorama wall-clock 1', unit: 'ns', encoding: 'HdrHistogram V2, compressed, base64', histograms }, null, 1)}\n`);
  return {
    wallClock: {
      guest: guest.name, cpus: guest.cpus, accelerator, boots: request.boots, plan: { warmMs: latencyPlan.warm, windowMs: latencyPlan.window }, judged: accelerator === 'kvm', file,
      ...(missing === undefined ? {} : { missing }), figures: figures.map(({ patched: other, ...figure }) => ({ ...figure, base: [...figure.base], ...(other && { patched: [...other] }) })),
    },
    sides: [...done].map(([side, { verdict, ms, dir }]) => ({ side, verdict: side === 'patched' && verdict.kind === 'pass' ? slowerVerdict(slower) : verdict, ms, dir })),
  };
}

async function measureBoot(host: Host, given: { readonly guest: Guest; readonly variant: Variant; readonly initrd: string; readonly accelerator: 'kvm' | 'tcg'; readonly dir: string }): Promise<{
  readonly verdict: Verdict; readonly cells: readonly LatencyCell[]; readonly missing: string | undefined;
}> {
  const { guest, dir } = given;
  const file = (name: string): string => join(dir, name);
  await mkdir(dir, { recursive: true });
  await writeFile(file('program'), latencyProgram());
  const { ending, trace, console } = await bootOnce(host, {
    ...given, kernel: given.variant.vmlinux, files: guestFiles(file('program'), given.variant), console: file('console'), trace: file('trace'),
  });
  const verdict = judgeLatency({ trace, console, ended: ending.how, exitCode: ending.exitCode, stderr: ending.stderr, limits: { boot: guest.limits.boot, scene: guest.limits.scene, console: guest.limits.console } });
  const { cells, missing } = readLatencyTrace(trace);
  return { verdict, cells, missing };
}

/** One line, read by guests/latency/init.c. */
export function latencyProgram(): string {
  const { warm, window, writers, delays } = latencyPlan;
  return `latency warm=${warm} window=${window} writers=${writers.join(',')} delays=${delays.join(',')}\n`;
}

function bootLatency({ operation, mode, writers, delayUs, done, windowNs }: LatencyCell, histogram: hdr.Histogram): BootLatency {
  const { totalCount } = histogram;
  return {
    operation, mode, writers, delayUs, perSecond: Math.round((done * 1e12) / windowNs) / 1000,
    ...(totalCount > 0 && { medianNs: histogram.getValueAtPercentile(50) }), ...(totalCount >= leastForP99 && { p99Ns: histogram.getValueAtPercentile(99) }),
  };
}

/** With KVM what is slower beyond chance is a failure of the series; under TCG nothing is, since there the time is mostly the translation's. */
function slowerVerdict(slower: ReturnType<typeof surelySlower>): Verdict {
  const [worst] = slower;
  if (!worst) return { kind: 'pass', reason: '' };
  const { operation, mode, writers, delayUs, quantity, ratio = 1, p = 1 } = worst;
  const more = slower.length > 1 ? `, and ${slower.length - 1} more` : '';
  return { kind: 'fail', reason: `slower on the wall clock beyond chance: ${quantity} of ${operation}, ${mode}, ${writers} writers, server delay ${delayUs} us: ${ratio.toFixed(2)} times the base's, p = ${p.toPrecision(2)}${more}` };
}
