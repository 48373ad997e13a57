import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { debugClone } from '../guest/debug-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import { gdbScript } from '../gdb/gdb-script.ts';
import { runGdb } from '../gdb/run-gdb.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { parseTrace } from '../judge/parse-trace.ts';
import { moduleSymbols } from '../kernel/build/module-symbols.ts';
import type { Stage } from '../stage/build-stage.ts';
import { cloneFiles } from './clone-files.ts';
import type { PreparedSide } from './prepare-sides.ts';

export interface DebugRequest {
  readonly on: PreparedSide;
  readonly guest: Guest;
  readonly stage: Stage;
  /** The directory of the scene as it was played: its program and trace are there. */
  readonly played: string;
  readonly step: number;
  readonly commands: readonly string[];
  /** Called when gdb is about to have the terminal. */
  ready(): void;
}

/**
 * Starts the very clone that played a scene once more, with gdb, and stops it before a step. Its trace and console go to `gdb-trace` and
 * `gdb-console` beside those that were played.
 * @throws DioramaError `program-missing` or `program-failed` (machine)
 */
export async function debugScene(host: Host, request: DebugRequest): Promise<void> {
  const { on, stage } = request;
  const { variant } = on;
  if (variant.kind !== 'built') throw new Error('an image has no symbols of its own');
  const file = (name: string): string => join(request.played, name);
  const symbols = await moduleSymbols(host, variant, { log: file('gdb-build.log'), timeoutMs: request.guest.limits.build });
  if (!symbols.exact) host.emit({ kind: 'note', text: 'with debug info fuse.ko has other code than without: gdb has its functions, but no lines and variables' });
  const played = await readFile(file('trace'), 'latin1');
  const { events } = parseTrace(played);
  const sections = events.find((event) => event.e === 'module');
  const dir = await scratchDir(host.cache, 'gdb-');
  try {
    const script = join(dir, 'script');
    await writeFile(script, gdbScript({
      vmlinux: variant.vmlinux, module: symbols.exact ? symbols.module : variant.fuseModule, sections, source: { at: symbols.source, compiledFrom: symbols.compiledFrom },
      stepFunction: await addressOf(host, { program: stage.symbols, name: 'trace_step' }), step: request.step, socket: 'gdb', cwd: process.cwd(), trace: file('gdb-trace'),
      commands: join(host.root, 'harness/gdb/commands.py'),
    }));
    const files = cloneFiles(on, file('program'));
    await debugClone(host, { guest: request.guest, template: on.template, files, console: file('gdb-console'), trace: file('gdb-trace'), dir, socket: 'gdb' }, (recorded) => {
      if (recorded !== played) host.emit({ kind: 'note', text: 'the clone took another course than when it was played: its trace is another one' });
      request.ready();
      return runGdb({ script, dir, commands: request.commands, signal: host.signal });
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function addressOf(host: Host, given: { readonly program: string; readonly name: string }): Promise<string> {
  const timeoutMs = 60_000;
  const finished = await runProgram({ file: 'nm', args: [given.program], timeoutMs, signal: host.signal });
  if (!finished.ok) throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `${given.program}: nm failed`, phase: 'reading symbols', timeoutMs });
  const found = new RegExp(`^0*([0-9a-f]+) \\w ${given.name}$`, 'm').exec(finished.stdout.toString('utf8'))?.[1];
  if (found === undefined) throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `${given.program}: has no function ${given.name}`, next: 'remove stage/ in the cache, so that it is built again' });
  return `0x${found}`;
}
