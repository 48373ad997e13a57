import { initFlags } from '../scenario/fuse-names.ts';
import type { Scenario } from '../scenario/types.ts';
import { unanswerable, unwaited } from './follow-actors.ts';
import { type Event, type Progress, processOf } from './staging-progress.ts';

/** Whether requests come from who can send them, and every answer is one to a request that came. */
export function checkRequest(scene: Scenario, progress: Progress, event: Event<'arrive' | 'opened' | 'reply' | 'unanswered'>): string | undefined {
  const { held, seen } = progress;
  const request = held.get(event.req);
  switch (event.e) {
    case 'arrive':
      if (unanswerable.has(event.op)) return undefined;
      if (seen.has(event.req)) return `request ${event.req} came twice`;
      if (event.op === 'INIT' && (progress.init || progress.phase !== 'before')) return 'INIT out of its place';
      progress.init ||= event.op === 'INIT';
      seen.add(event.req);
      held.set(event.req, { op: event.op, by: event.by, opened: false });
      return event.by === undefined || maySend(scene, progress, { op: event.op, by: event.by }) ? undefined : `${event.by} sends a request, and is in no call`;
    case 'opened':
      if (!request || request.opened || request.by !== event.by || !/^(OPEN(DIR)?|CREATE)$/.test(request.op)) return `request ${event.req} is no OPEN to answer`;
      held.set(event.req, { ...request, opened: true });
      if (request.op !== 'OPENDIR' && !(progress.openFlags.get(event.ino) ?? []).includes(event.flags)) return `inode ${event.ino} was opened with flags ${event.flags}, not those of the scene`;
      return undefined;
    case 'reply':
      if (!request) return `an answer to request ${event.req}, which nobody waits for`;
      held.delete(event.req);
      progress.answers += 1;
      if (/^(OPEN|CREATE)$/.test(request.op) && !request.opened && event.error === undefined) return 'an OPEN was answered, and nobody said with which flags';
      return request.op === 'INIT' ? checkInit(scene, event) : undefined;
    case 'unanswered':
      return seen.has(event.req) && !request ? undefined : `request ${event.req} had no answer that could be refused`;
  }
}

/**
 * Who is in a call sends requests, who has submitted some that are not reaped, and a process that ends, which closes its files.
 * Before the play and after it the stage itself goes about.
 */
function maySend(scene: Scenario, progress: Progress, request: { readonly op: string; readonly by: string }): boolean {
  if (progress.phase !== 'play' || unwaited.has(request.op) || progress.calls.has(request.by)) return true;
  return (progress.unreaped.get(request.by) ?? 0) > 0 || progress.ended.has(processOf(scene, request.by));
}

/** A scene that asks for an INIT flag means nothing without it. */
function checkInit(scene: Scenario, event: Event<'reply'>): string | undefined {
  if (event.flags === undefined || !/^0x[0-9a-f]{1,16}$/.test(event.flags)) return 'INIT was answered without flags';
  const given = BigInt(event.flags);
  const missing = scene.server.init.find((flag) => (given & (initFlags[flag] ?? 0n)) === 0n);
  return missing === undefined ? undefined : `FUSE_${missing} was never negotiated`;
}
