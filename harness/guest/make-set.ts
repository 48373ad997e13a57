import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey, fileHash } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import type { Template } from './make-template.ts';
import { loadState, saveState } from './migrate.ts';
import { setArgs } from './qemu-args.ts';
import { startQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';

/** A template that went on until its fuse.ko was inserted, the file system mounted and the server forked, and stopped itself again. */
export interface StageSet extends Template {
  /** The file with what its console said since the template; it belongs to every clone's evidence. */
  readonly said: string;
}

const recipe = 'set 4';
const copyBoundMs = 60_000;

/**
 * The template with one fuse.ko inserted, so that clones of it have less to do: what TCG would translate for that in every one of them
 * it translates once here. Emits the events of the stage `set`.
 * @returns undefined when this module does not get the guest that far: it fails, crashes or hangs there. Then every clone of the
 * template has to insert it by itself, and shows how that ends
 * @throws DioramaError `disk-full`, `program-missing` (machine)
 */
export async function makeSet(
  host: Host,
  given: { readonly guest: Guest; readonly template: Template; /** Undefined where FUSE is built in. */ readonly fuseModule: string | undefined; readonly label: string },
): Promise<StageSet | undefined> {
  const { template, label } = given;
  const id = contentKey([recipe, template.id, given.fuseModule === undefined ? 'built in' : await fileHash(given.fuseModule)]);
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'set', label });
  const made = await cachedDir(host, { kind: 'sets', key: id }, (part) => setUp(host, { ...given, dir: part })).catch((error: unknown) => {
    if (error instanceof NotSet) return undefined;
    throw error;
  });
  if (!made) host.emit({ kind: 'note', text: `${label}: fuse.ko cannot be inserted ahead, so every clone inserts it by itself and shows how that ends` });
  host.emit({ kind: 'stage-end', stage: 'set', label, ms: performance.now() - began, reused: made?.reused ?? false });
  return made && { id, qemu: template.qemu, accelerator: template.accelerator, reused: made.reused, ram: join(made.dir, 'ram'), state: join(made.dir, 'state'), said: join(made.dir, 'console') };
}

class NotSet extends Error {}

async function setUp(host: Host, given: Parameters<typeof makeSet>[1] & { readonly dir: string }): Promise<void> {
  const { guest, template, dir } = given;
  const ram = join(dir, 'ram');
  const files = { console: join(dir, 'console'), trace: join(dir, 'trace') };
  await copySparse(host, template.ram, ram);
  const qemu = startQemu({
    args: setArgs({ guest, accelerator: template.accelerator, ram, files: new Map(given.fuseModule === undefined ? [] : [['fuse.ko', given.fuseModule]]), ...files }),
    state: template.state,
    signal: host.signal,
    limitMs: guest.limits.clone,
    teardownMs: guest.limits.teardown,
    watched: [files.console, files.trace],
    mostBytes: guest.limits.console,
  });
  try {
    await loadState(qemu.qmp);
    const stopped = await qemu.qmp.event('GUEST_PANICKED');
    const trace = await readFile(files.trace, 'latin1').catch(() => '');
    if (!stopped || qemu.stopping() || !trace.includes('"e":"set"')) throw new NotSet();
    await saveState(qemu.qmp, join(dir, 'state'));
    await qemu.qmp.ask('quit').catch(() => undefined);
    await qemu.ended;
  } catch (error) {
    host.signal.throwIfAborted();
    // Whatever it was, a clone of the template meets it again and has it as evidence.
    throw error instanceof DioramaError ? error : new NotSet();
  } finally {
    await qemu.kill();
  }
}

async function copySparse(host: Host, from: string, to: string): Promise<void> {
  const copied = await runProgram({ file: 'cp', args: ['--sparse=always', '--reflink=auto', from, to], timeoutMs: copyBoundMs, signal: host.signal });
  if (copied.ok) return;
  throw programFailure(copied, { blame: 'machine', code: 'program-failed', message: `${from}: cannot be copied`, phase: 'copying a template', timeoutMs: copyBoundMs });
}
