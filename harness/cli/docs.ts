import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findScenarios } from '../engine/find-scenarios.ts';
import type { Host } from '../host/host.ts';
import { wholeOf } from '../model/expand-orders.ts';
import { describeRules } from '../model/describe-rules.ts';
import { describeLanguage } from '../scenario/describe-language.ts';

/**
 * `./diorama docs`: writes docs/scenes.md, from docs/scenes-intro.md and the schemas of the scene language, and docs/rules.md, from the
 * rules and the scenes that protect them.
 */
export async function docs(host: Host): Promise<number> {
  const intro = await readFile(join(host.root, 'docs/scenes-intro.md'), 'utf8');
  await writeFile(join(host.root, 'docs/scenes.md'), describeLanguage({ intro }));
  const wholes = new Map<string, { readonly name: string; readonly covers: readonly string[] }>();
  for (const { name: part, covers } of await findScenarios(host, [])) {
    const name = wholeOf(part);
    wholes.set(name, { name, covers: [...new Set([...(wholes.get(name)?.covers ?? []), ...covers])] });
  }
  await writeFile(join(host.root, 'docs/rules.md'), describeRules([...wholes.values()]));
  return 0;
}
