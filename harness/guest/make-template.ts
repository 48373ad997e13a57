import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Accelerator } from '../host/accelerator.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { chooseAccelerator, rememberAccelerator } from '../host/choose-accelerator.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import { onPath } from '../host/on-path.ts';
import { programVersions } from '../host/program-version.ts';
import { tscFrequency } from '../host/tsc-frequency.ts';
import { saveState } from './migrate.ts';
import { templateArgs, type BootMachine } from './qemu-args.ts';
import { missing, qemuProgram, startQemu, type Ending } from './qemu-process.ts';
import { QmpRefusal } from './qmp.ts';
import type { Guest } from './read-guest.ts';
import { tellingLines } from './telling-lines.ts';

/** What a template is made of. */
export interface TemplateRequest {
  readonly guest: Guest;
  readonly vmlinux: string;
  readonly vmlinuxId: string;
  readonly initrd: string;
  readonly initrdId: string;
  /** For people: the kernel's release. */
  readonly label: string;
}

/** A guest that was booted and has stopped itself: its memory and the rest of its state, to start others from. */
export interface Template {
  readonly id: string;
  /** Paths in the cache. */
  readonly ram: string;
  readonly state: string;
  readonly qemu: string;
  /** What booted it, and runs what starts from it. */
  readonly accelerator: Accelerator;
  readonly reused: boolean;
}

const recipe = 'template 5';

/**
 * Boots the guest, one in the host's time with KVM where that works and else with TCG, until its init stops the machine (QEMU reports GUEST_PANICKED, by pvpanic), and saves what is left.
 * @throws DioramaError `boot-failed` (blame: the kernel) with the console's path when it ends, hangs or floods before that;
 * `program-failed` (blame: the machine) when QEMU itself does not run
 */
export async function makeTemplate(host: Host, request: TemplateRequest): Promise<Template> {
  const { guest } = request;
  if (guest.clock === 'virtual' || guest.accelerator !== undefined) return makeOn(host, request, guest.accelerator ?? 'tcg');
  if ((await chooseAccelerator(host)) === 'kvm') {
    const limits = { ...guest.limits, boot: Math.min(guest.limits.boot, kvmBootMs) };
    try {
      return await makeOn(host, { ...request, guest: { ...guest, limits } }, 'kvm');
    } catch (error) {
      host.signal.throwIfAborted();
      if (!(error instanceof DioramaError)) throw error;
      await rememberAccelerator(host, 'tcg');
      host.emit({ kind: 'note', text: `KVM did not bring this kernel to its init, and TCG is used from now on: ${error.message}` });
    }
  }
  return makeOn(host, request, 'tcg');
}

/** Hardware boots in less than a second. */
const kvmBootMs = 30_000;

async function makeOn(host: Host, request: TemplateRequest, accelerator: Accelerator): Promise<Template> {
  const qemu = await qemuVersion(host);
  const tscKhz = request.guest.clock === 'host' ? await tscFrequency(host) : undefined;
  const id = contentKey([recipe, qemu, JSON.stringify(shapeOf({ guest: request.guest, accelerator, tscKhz })), request.vmlinuxId, request.initrdId]);
  const label = `${request.guest.name}, ${request.label}${accelerator === 'kvm' ? ', KVM' : ''}`;
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'template', label });
  const { dir, reused } = await cachedDir(host, { kind: 'templates', key: id }, (part) => boot(host, { ...request, accelerator, tscKhz, dir: part }));
  host.emit({ kind: 'stage-end', stage: 'template', label, ms: performance.now() - began, reused });
  return { id, qemu, accelerator, reused, ram: join(dir, 'ram'), state: join(dir, 'state') };
}

/** QEMU's arguments with a name for each path: two templates with the same are the same machine. */
function shapeOf(machine: Pick<BootMachine, 'guest' | 'accelerator' | 'tscKhz'>): string[] {
  return templateArgs({ ...machine, kernel: 'kernel', initrd: 'initrd', ram: 'ram', files: new Map(), console: 'console', trace: 'trace' });
}

async function boot(host: Host, request: TemplateRequest & Pick<BootMachine, 'accelerator' | 'tscKhz'> & { readonly dir: string }): Promise<void> {
  const { dir } = request;
  const { limits } = request.guest;
  const machine: BootMachine = {
    guest: request.guest,
    accelerator: request.accelerator,
    tscKhz: request.tscKhz,
    kernel: request.vmlinux,
    initrd: request.initrd,
    ram: join(dir, 'ram'),
    files: new Map(),
    console: join(dir, 'console'),
    trace: join(dir, 'trace'),
  };
  const qemu = startQemu({
    args: templateArgs(machine),
    signal: host.signal,
    limitMs: limits.boot,
    teardownMs: limits.teardown,
    watched: [machine.console, machine.trace],
    mostBytes: limits.console,
  });
  try {
    const ready = await qemu.qmp.event('GUEST_PANICKED');
    const trace = await readFile(machine.trace, 'utf8').catch(() => '');
    if (!ready || qemu.stopping() || !trace.includes('"e":"ready"')) {
      await qemu.kill();
      throw await notReady(host, request, { machine, ending: await qemu.ended });
    }
    await saveState(qemu.qmp, join(dir, 'state')).catch(async (error: unknown) => {
      await qemu.kill();
      throw notSaved(host, error, await qemu.ended);
    });
    await qemu.qmp.ask('quit').catch(() => undefined);
    await qemu.ended;
  } finally {
    await qemu.kill();
  }
}

async function notReady(host: Host, request: TemplateRequest, given: { machine: BootMachine; ending: Ending }): Promise<DioramaError> {
  host.signal.throwIfAborted();
  const { ending, machine } = given;
  const evidence = join(host.cache, `boot-${request.vmlinuxId.slice(0, 12)}.console`);
  const console = await readFile(machine.console, 'utf8').catch(() => '');
  const trouble = troubleIn(await readFile(machine.trace, 'utf8').catch(() => ''));
  await copyFile(machine.console, evidence).catch(() => writeFile(evidence, ''));
  if (console === '' && ending.how === 'exit') {
    return new DioramaError({
      blame: 'machine',
      code: 'program-failed',
      message: `QEMU ended before the kernel said a word: ${ending.stderr.trim().split('\n')[0] ?? ''}`,
      next: './diorama doctor',
    });
  }
  const limit = request.guest.limits.boot / 1000;
  const how = {
    exit: 'ended before its init was ready',
    limit: `did not reach its init within ${limit} s (limit: boot)`,
    flood: 'flooded its console before its init was ready (limit: console)',
    abort: 'was interrupted',
  }[ending.how];
  return new DioramaError({
    blame: 'kernel',
    code: 'boot-failed',
    message: `kernel ${request.label} ${how}${trouble === undefined ? '' : `: the stage has no use of ${trouble}`}`,
    details: tellingLines(console),
    evidence,
    next: `read its console; or play the base alone, without --series`,
  });
}

function notSaved(host: Host, error: unknown, ending: Ending): DioramaError {
  host.signal.throwIfAborted();
  const why = error instanceof QmpRefusal ? error.message : ending.stderr.trim().split('\n')[0] ?? '';
  return new DioramaError({
    blame: 'machine',
    code: 'program-failed',
    message: `QEMU could not save the template: ${printable(why, 160)}`,
    next: 'is the disk that holds the cache full? ./diorama doctor tells',
  });
}

/** What the stage said before it gave up. */
function troubleIn(trace: string): string | undefined {
  const [, what] = /"e":"trouble","what":"((?:[^"\\]|\\.)*)"/.exec(trace) ?? [];
  return what === undefined ? undefined : printable(what, 160);
}

/**
 * What QEMU says of its version.
 * @throws DioramaError `program-missing` (machine)
 */
async function qemuVersion(host: Host): Promise<string> {
  const path = await onPath(qemuProgram);
  if (path === undefined) throw missing(qemuProgram);
  const [version = ''] = await programVersions(host, [path]);
  return version;
}
