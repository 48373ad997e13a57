import { findScenarios } from '../engine/find-scenarios.ts';
import type { Host } from '../host/host.ts';
import { alignColumns } from './table.ts';

/** `./diorama list`: every scene and what it protects. */
export async function list(host: Host, options: { readonly json: boolean }): Promise<number> {
  const scenes = await findScenarios(host, []);
  if (options.json) {
    const rows = scenes.map(({ name, file, protects, source, needs, steps }) => ({ name, file, protects, source, needs, steps: steps.length }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  process.stdout.write(`${alignColumns(scenes.map((scene) => [scene.name, firstSentence(scene.protects)])).join('\n')}\n`);
  return 0;
}

/** Up to the first full stop or colon that ends a clause. */
function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/:$/, '.') ?? text;
}
