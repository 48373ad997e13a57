import type { RequestMatch } from '../scenario/types.ts';
import { answerOf } from './answers.ts';
import { finishRequest } from './completions.ts';
import { newId, openOf, type Machine } from './machine.ts';
import type { Ask } from './ops.ts';
import type { End, ServerRequest, Thread } from './state.ts';

/** Who sends a request, and what its answer is for. */
interface Sending {
  readonly ask: Ask;
  readonly by: string | undefined;
  readonly end: End;
  readonly call?: number;
  readonly cached?: true;
}

/**
 * Sends a request; the server answers it at once unless a rule holds it. Gives its id. On a connection that is gone it ends with
 * ENOTCONN and is never seen (fuse_get_req(), 6.12).
 */
export function send(m: Machine, { ask, by, end, call, cached }: Sending): number {
  const id = newId(m);
  const handle = ask.open === undefined ? ask.handle : openOf(m, ask.open).handle;
  const request: ServerRequest = {
    id, opcode: ask.opcode, file: ask.file, end,
    ...(by === undefined ? {} : { by }), ...(handle === undefined ? {} : { handle }), ...(ask.at === undefined ? {} : { at: ask.at }),
    ...(ask.bytes === undefined ? {} : { bytes: ask.bytes }), ...(cached ? { cached } : {}), ...(ask.data === undefined ? {} : { data: ask.data }),
    ...(ask.size === undefined ? {} : { size: ask.size }), ...(ask.more === undefined ? {} : { more: ask.more }), ...(call === undefined ? {} : { call }),
  };
  if (m.s.server.gone) {
    finishRequest(m, request, { error: 'ENOTCONN' });
    return id;
  }
  m.sent.push({
    opcode: request.opcode, file: ask.file, ...(by === undefined ? {} : { by }), ...(handle === undefined ? {} : { handle }),
    ...(ask.at === undefined ? {} : { at: ask.at }), ...(ask.bytes === undefined ? {} : { bytes: ask.bytes }), ...(cached ? { cached } : {}),
  });
  if (m.s.server.rules.some((rule) => matches(rule, request))) m.s.server.parked.push(request);
  else finishRequest(m, request, answerOf(m, request, {}));
  return id;
}

/** Sends a request that its thread waits for: the first time it is sent, then its reply is awaited. True when it is there. */
export function ask(m: Machine, t: Thread, given: Ask): boolean {
  if (t.request === undefined) {
    // fuse_get_req() and request_wait_answer(): who is being killed takes back what the server has not read.
    if (t.killed && !forced.has(given.opcode)) {
      t.reply = { error: 'EINTR' };
      return true;
    }
    t.request = send(m, {
      ask: given, end: { kind: 'thread', thread: t.name },
      by: t.worker || (given.opcode.startsWith('RELEASE') && !m.s.generation.namesWriteback) ? undefined : t.name,
      ...(t.call === undefined ? {} : { call: t.call.seq }),
    });
  }
  const reply = m.s.replies[t.request];
  if (!reply) {
    t.wait = { why: `its ${given.opcode} is at the server`, killable: false };
    t.why = t.wait.why;
    return false;
  }
  m.s.replies = Object.fromEntries(Object.entries(m.s.replies).filter(([id]) => Number(id) !== t.request));
  t.request = undefined;
  t.reply = reply;
  return true;
}

const forced = new Set(['FLUSH', 'RELEASE', 'RELEASEDIR']);

/** What the server has parked and a step releases: all that match, or the first `count`; oldest first. */
export function releaseParked(m: Machine, match: RequestMatch, given: { readonly count?: number; readonly error?: string; readonly bytes?: number }): number {
  const { parked } = m.s.server;
  const chosen = parked.filter((request) => matches(match, request)).slice(0, given.count ?? parked.length);
  m.s.server.parked = parked.filter((request) => !chosen.includes(request));
  for (const request of chosen) {
    finishRequest(m, request, given.error === undefined ? answerOf(m, request, given) : { error: given.error });
  }
  return chosen.length;
}

/** fuse_abort_conn(): what is on its way ends with ECONNABORTED. */
export function abortConnection(m: Machine): void {
  const { parked } = m.s.server;
  m.s.server.parked = [];
  m.s.server.gone = true;
  for (const request of parked) finishRequest(m, request, { error: 'ECONNABORTED' });
}

export function matches(match: RequestMatch, request: ServerRequest): boolean {
  return (['opcode', 'by', 'file', 'handle', 'at', 'bytes'] as const).every((key) => match[key] === undefined || match[key] === request[key]);
}
