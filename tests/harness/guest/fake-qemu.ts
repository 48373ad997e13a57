import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { startQemu, type QemuStart, type RunningQemu } from '../../../harness/guest/qemu-process.ts';

/** Speaks as much QMP as is asked of it; `on` handles a command and answers whether it said all itself. */
const speaker = `
const fs = require('node:fs');
const [home] = [__dirname];
fs.writeFileSync(home + '/pid', String(process.pid));
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
const wordOf = (start) => process.argv.find((word) => word.startsWith(start)).slice(start.length);
const append = (name, text) => fs.appendFileSync(home + '/' + name, text);
const serve = (on = () => false) => {
  say({ QMP: { version: {}, capabilities: [] } });
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const command = JSON.parse(line);
    append('asked', command.execute + '\\n');
    if (!on(command.execute, command.arguments)) say({ return: {} });
  }).on('close', () => process.exit(0));
};
`;

export interface FakeQemu {
  readonly dir: string;
  start(given?: Partial<QemuStart>): RunningQemu;
  /** The process that played QEMU, and whether it is there. */
  pid(): number;
  read(name: string): string;
}

/**
 * Puts a `qemu-system-x86_64` that runs `body` (JavaScript with say, append, wordOf (what follows in the argument that starts so) and serve) first on PATH for this test. Its console
 * and trace are files of those names in its directory.
 */
export function fakeQemu(t: Test, body: string): FakeQemu {
  const dir = t.testdir({});
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'qemu.cjs'), `${speaker}${body}`);
  const file = join(dir, 'bin/qemu-system-x86_64');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${join(dir, 'qemu.cjs')}' "$@"\n`);
  chmodSync(file, 0o755);
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = `${join(dir, 'bin')}:${path}`;
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  const read = (name: string): string => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');
  return {
    dir,
    read,
    start: (given = {}) => startQemu({
      args: [], signal: new AbortController().signal, limitMs: 20_000, teardownMs: 1000, watched: [join(dir, 'console'), join(dir, 'trace')], mostBytes: 100_000, ...given,
    }),
    pid: () => Number(read('pid')),
  };
}

/** Whether there is such a process still, and it is no zombie. */
export function isAlive(pid: number): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z';
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

const untilBoundMs = 60_000;

/** Waits until the fake has come to life, which takes node a moment, and much longer beside a kernel's build. */
export async function untilThere(check: () => boolean): Promise<void> {
  const until = performance.now() + untilBoundMs;
  while (!check()) {
    if (performance.now() > until) throw new Error('it did not come about within a minute');
    await new Promise((done) => setTimeout(done, 20));
  }
}
