import { exitCodeOf } from '../errors.ts';
import { examineMachine, type Health } from '../host/health.ts';
import type { Host } from '../host/host.ts';
import type { ProbedNeed } from '../host/probe-needs.ts';
import { type Colours, coloursFor, type Output } from './colours.ts';
import { alignColumns } from './table.ts';

/**
 * Prints every need of the machine, what was found, and what to do; with `json` as one document.
 * @returns 0 when runs are possible, 69 when something is missing
 * @throws DioramaError `bad-file` when needs.tsv has a mistake
 */
export async function doctor(host: Host, options: { readonly json: boolean; readonly stdout?: Output }): Promise<number> {
  const { json, stdout = process.stdout } = options;
  const health = await examineMachine(host);
  const text = json ? JSON.stringify(toJson(health), null, 2) : describeHealth(health, coloursFor(stdout)).join('\n');
  stdout.write(`${text}\n`);
  return health.ok ? 0 : exitCodeOf.machine;
}

/** What is shown of a machine's health, line by line. */
export function describeHealth(health: Health, colours: Colours): string[] {
  const family = health.distribution.family ?? 'debian';
  const rows = health.needs.map(({ need, found }) =>
    found
      ? [need.id, colours.good('ok'), found.version ?? '', colours.dim(found.path)]
      : [need.id, missingWord({ need }, colours), '', `${need.purpose}: package ${need.packages[family]}`],
  );
  return [
    ...alignColumns([...rows, ...machineRows(health, colours)]),
    '',
    ...(health.ok ? [] : [colours.bad('This machine is not ready.')]),
    ...whatToDo(health),
  ];
}

function missingWord({ need }: ProbedNeed, colours: Colours): string {
  return isOptional(need) ? colours.dim('absent') : colours.bad('missing');
}

function machineRows({ accelerators, memory, cache }: Health, colours: Colours): string[][] {
  return [
    ...accelerators.map(({ accelerator, works, reason, ms }) => {
      const word = works ? colours.good('ok') : accelerator === 'tcg' ? colours.bad('broken') : colours.dim('no');
      return [accelerator, word, works ? `${String(ms)} ms` : '', reason];
    }),
    ['memory', colours.good('ok'), gibibytes(memory.totalBytes), `${gibibytes(memory.availableBytes)} available`],
    cache.writable
      ? ['cache', colours.good('ok'), `${gibibytes(cache.freeBytes)} free`, cache.path]
      : ['cache', colours.bad('missing'), '', `${cache.path} cannot be written`],
  ];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** A kernel tree and its build take this much for each source and configuration. */
const roomForKernelBytes = 4 * 2 ** 30;

function whatToDo({ ok, needs, packageLine, distribution, accelerators, cache }: Health): string[] {
  const missing = needs.some(({ need, found }) => found === undefined && !isOptional(need));
  const works = (name: string): boolean => accelerators.some(({ accelerator, works }) => accelerator === name && works);
  return [
    ...(missing && packageLine !== undefined ? ['Install what is missing:', `    ${packageLine}`] : []),
    ...(missing && packageLine === undefined ? [`Install what is missing; above are Debian's names, those of ${distribution.name} are not known.`] : []),
    ...(!missing && packageLine !== undefined ? ['Only ./diorama check would use what is absent:', `    ${packageLine}`] : []),
    ...(cache.writable ? [] : ['Name a cache that can be written: DIORAMA_CACHE=DIR']),
    ...(cache.writable && cache.freeBytes < roomForKernelBytes
      ? ['The cache is short of room: a kernel takes 4 GiB. Name another with DIORAMA_CACHE=DIR']
      : []),
    ...(works('kvm') || !works('tcg') ? [] : ['Without KVM the parallel guest runs under TCG; the deterministic one always does.']),
    ...(ok ? ['Everything that a run needs is there.'] : []),
  ];
}

function toJson(health: Health): unknown {
  return {
    ok: health.ok,
    distribution: health.distribution.name,
    needs: health.needs.map(({ need, found }) => ({
      id: need.id,
      group: need.group,
      purpose: need.purpose,
      found: found !== undefined,
      version: found?.version ?? null,
      path: found?.path ?? null,
      package: health.distribution.family === undefined ? null : need.packages[health.distribution.family],
    })),
    packageLine: health.packageLine ?? null,
    accelerators: health.accelerators,
    memory: health.memory,
    cache: health.cache,
  };
}

/** Done without: only a command that not everybody uses wants it. */
function isOptional({ group }: ProbedNeed['need']): boolean {
  return group === 'check' || group === 'gdb';
}
