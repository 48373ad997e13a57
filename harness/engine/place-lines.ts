import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { moduleSymbols } from '../kernel/build/module-symbols.ts';
import type { Variant } from '../kernel/types.ts';

const boundMs = 2 * 60 * 1000;
const ofModule = / \[fuse\]$/;

/**
 * The lines of source that places in fuse.ko are at (`fuse_dio_lock+0x1a/0x90 [fuse]` is `fs/fuse/file.c:1386`), by the kernel's own
 * scripts/decode_stacktrace.sh and a fuse.ko with debug info; what was inlined has several. Empty for a kernel that was built elsewhere, for
 * one whose code is other with debug info, and where there is no place in fuse.ko.
 * @throws DioramaError `program-failed`, `timed-out`, `disk-full` (machine) when fuse.ko cannot be built with debug info
 */
export async function placeLines(
  host: Host, variant: Variant, given: { readonly places: readonly string[]; readonly log: string; readonly timeoutMs: number },
): Promise<ReadonlyMap<string, string>> {
  const places = [...new Set(given.places)].filter((place) => ofModule.test(place));
  if (variant.kind !== 'built' || places.length === 0) return new Map();
  const script = join(variant.source.lineage.workTree, 'scripts/decode_stacktrace.sh');
  const symbols = await moduleSymbols(host, variant, given);
  if (!symbols.exact || !(await access(script).then(() => true, () => false))) return new Map();
  const decoded = await runProgram({
    file: 'bash', args: [script, variant.vmlinux, symbols.compiledFrom, dirname(symbols.module)],
    input: `${places.map((place, index) => `${index} ${place}`).join('\n')}\n`,
    timeoutMs: boundMs, signal: host.signal,
  });
  const found = decoded.stdout.toString('utf8').replace(/ \(discriminator \d+\)/g, '').matchAll(/^(\d+) \S+ \((.+)\) fuse$/gm);
  return new Map([...found].flatMap(([, index, lines]) => {
    const place = places[Number(index)];
    return place === undefined || lines === undefined ? [] : [[place, lines] as const];
  }));
}
