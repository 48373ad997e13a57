import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly QMP?: unknown;
}

/** QEMU's machine protocol (QEMU docs/interop/qmp-spec) over a pair of streams. */
export interface Qmp {
  /** Sends a command and gives what it returned. @throws QmpRefusal with QEMU's own words, Error when the stream ends first */
  ask(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Settles when QEMU has reported the event since the start; never rejects, and settles with false when the stream ends. */
  event(name: string): Promise<boolean>;
}

/** QEMU understood a command and would not do it; its own words. */
export class QmpRefusal extends Error {}

export function openQmp(output: Readable, input: Writable): Qmp {
  const waiting: { done: (reply: Reply) => void; failed: (error: Error) => void }[] = [];
  const seen = new Set<string>();
  const watchers: { name: string; done: (seen: boolean) => void }[] = [];
  let ended = false;
  const lines = createInterface({ input: output });
  input.on('error', () => undefined);
  lines.on('line', (line) => {
    const reply = parse(line);
    if (!reply || reply.QMP !== undefined) return;
    if (reply.event !== undefined) {
      seen.add(reply.event);
      for (const watcher of watchers) if (watcher.name === reply.event) watcher.done(true);
    } else if (reply.return !== undefined || reply.error !== undefined) {
      waiting.shift()?.done(reply);
    }
  });
  lines.on('close', () => {
    ended = true;
    for (const entry of waiting.splice(0)) entry.failed(new Error('QEMU ended before it answered'));
    for (const watcher of watchers) watcher.done(false);
  });
  const send = (execute: string, args?: Readonly<Record<string, unknown>>): Promise<Reply> =>
    new Promise((done, failed) => {
      if (ended) {
        failed(new Error('QEMU has ended'));
        return;
      }
      waiting.push({ done, failed });
      input.write(`${JSON.stringify(args ? { execute, arguments: args } : { execute })}\n`);
    });
  const ready = send('qmp_capabilities');
  ready.catch(() => undefined);
  return {
    ask: async (command, args) => {
      await ready;
      const reply = await send(command, args);
      if (reply.error) throw new QmpRefusal(`${command}: ${reply.error.desc}`);
      return reply.return;
    },
    event: (name) =>
      new Promise((done) => {
        if (seen.has(name) || ended) done(seen.has(name));
        else watchers.push({ name, done });
      }),
  };
}

function parse(line: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value) : undefined;
  } catch {
    return undefined;
  }
}
