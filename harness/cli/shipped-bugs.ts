import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';

/** Of a kernel that was built elsewhere, one line: which of the known bugs it ships, as far as the scenes that were played show them. */
export function describeShipped({ kernel, scenes }: RunRecord): string[] {
  if (!kernel?.image || scenes.length === 0) return [];
  const name = printable(kernel.image.package ? `${kernel.image.package.name} ${kernel.image.package.version}` : `${kernel.version} (${kernel.spec})`, 160);
  const ids = [...new Set(scenes.flatMap(({ verdict }) => (verdict.kind === 'known' && verdict.issue !== undefined ? [verdict.issue] : [])))].sort();
  if (ids.length > 0) return [`${name} ships the known ${ids.length === 1 ? 'bug' : 'bugs'} ${ids.map((id) => printable(id, 16)).join(', ')} (a page each in docs/findings/)`];
  const judged = scenes.some(({ verdict }) => verdict.kind !== 'skip' && verdict.kind !== 'error');
  return judged ? [`${name} shows none of the known bugs in ${scenes.length === 1 ? 'this scene' : 'these scenes'}`] : [];
}
