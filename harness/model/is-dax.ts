import type { Scenario } from '../scenario/types.ts';

/** DAX is not modelled; no guest's own server has it. */
export function isDax(scene: Scenario): boolean {
  return scene.server.init.includes('MAP_ALIGNMENT');
}
