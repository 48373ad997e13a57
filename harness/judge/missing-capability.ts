import { capabilities, initFlags, openFlags } from '../scenario/fuse-names.ts';
import type { Scenario } from '../scenario/types.ts';
import type { TraceEvent } from './parse-trace.ts';

/** What the kernel said in its INIT request. */
export interface Offer {
  readonly minor: number;
  readonly flags: bigint;
}

/** The kernel's INIT in a trace, when it got that far. */
export function offerIn(events: readonly TraceEvent[]): Offer | undefined {
  for (const event of events) {
    if (event.e !== 'arrive' || event.op !== 'INIT' || event.minor === undefined) continue;
    if (event.offered === undefined || !/^0x[0-9a-f]{1,16}$/.test(event.offered)) continue;
    return { minor: event.minor, flags: BigInt(event.offered) };
  }
  return undefined;
}

/** The first thing that a scene needs and this kernel has not, in words; undefined when it has all. */
export function missingCapability(scene: Scenario, offer: Offer): string | undefined {
  const parallel = scene.files.some((file) => (file.open & (openFlags['PARALLEL_DIRECT_WRITES'] ?? 0)) !== 0);
  const needs = new Set([...scene.needs, ...(parallel ? ['parallel-direct-writes'] : [])]);
  for (const name of needs) {
    const capability = capabilities[name];
    if (capability && offer.minor < capability.minor) return `${capability.meaning}; this kernel speaks FUSE 7.${offer.minor}`;
  }
  for (const flag of scene.server.init) {
    const bit = initFlags[flag] ?? 0n;
    if ((offer.flags & bit) === 0n) return `FUSE_${flag}; this kernel does not offer it`;
  }
  return undefined;
}
