import type { Accelerator } from '../host/accelerator.ts';
import type { Guest } from './read-guest.ts';

/** The io ports at which the stage in the guest finds the host; guests/common/ports.c has the same numbers. */
export const ports = { trace: 0x402, exit: 0x4f4, pause: 0x505 } as const;

export interface Machine {
  readonly guest: Guest;
  /** Of a guest in the host's time; virtual time is TCG's. */
  readonly accelerator: Accelerator;
  /** The file that is the guest's memory. */
  readonly ram: string;
  /** Names under opt/diorama/ and the files that the guest reads through fw_cfg. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths for what the guest's serial console and trace say; the console's is added to. */
  readonly console: string;
  readonly trace: string;
}

/** A machine that boots: with paths of the ELF kernel and the initramfs. What goes on from a template has them in its memory. */
export interface BootMachine extends Machine {
  readonly kernel: string;
  readonly initrd: string;
  /** Thousands of ticks of the host's time stamp counter a second, where the guest reads that (host/tsc-frequency.ts). */
  readonly tscKhz?: number | undefined;
}

/**
 * QEMU's arguments for a machine that makes a template: its memory is written through to `ram`, and a template is what is left
 * when it stops itself. QMP is on stdin and stdout.
 */
export function templateArgs(machine: BootMachine): string[] {
  return [...machineArgs(machine, 'on'), ...bootArgs(machine)];
}

/** QEMU's arguments for a machine that boots, does its work and ends. */
export function bootOnceArgs(machine: BootMachine): string[] {
  return [...machineArgs(machine, 'off'), ...bootArgs(machine)];
}

/** QEMU's arguments for a machine that goes on from a template, in a copy of its memory that is written through, to become another. */
export function setArgs(machine: Machine): string[] {
  return [...machineArgs(machine, 'on'), '-incoming', 'defer'];
}

/**
 * QEMU's arguments for a clone: the memory is the template's, private from the first write on. It waits to be told where the rest
 * of its state is; after the `cont` that follows nothing comes from outside, so virtual time is the guest's own. In the file `blocks`
 * QEMU notes the code of modules that the guest ran: each block once, when it is first run and so translated.
 */
export function cloneArgs(machine: Machine, blocks?: string): string[] {
  return [...machineArgs(machine, 'off'), '-incoming', 'defer', ...(blocks === undefined ? [] : blockLogArgs(blocks))];
}

/** Where the port of a login is: kernels that are built here find it on microvm's bus, those of distributions have no driver for that built in. */
export type ShellBus = 'mmio' | 'pci';
/** QEMU's arguments for a clone whose course is written to the file `log` of QEMU's record and replay; it waits to be let go. */
export function recordArgs(machine: Machine, log: string): string[] {
  return [...machineArgs(machine, 'off', { mode: 'record', file: log }), '-incoming', 'defer', '-S'];
}

/** QEMU's arguments for a clone that takes the course of `log` again, with a gdb stub at the unix socket of that name in QEMU's directory. */
export function replayArgs(machine: Machine, given: { readonly log: string; readonly socket: string }): string[] {
  return [...machineArgs(machine, 'off', { mode: 'replay', file: given.log }), '-incoming', 'defer', '-S', '-gdb', `unix:${optionQuoted(given.socket)},server=on,wait=off`];
}

/** QEMU's arguments for a guest that a person logs in to, over the virtio-serial port behind the unix socket `socket`. */
export function shellArgs(machine: BootMachine, given: { readonly socket: string; readonly bus: ShellBus }): string[] {
  const guest: Guest = { ...machine.guest, clock: 'host', ...(given.bus === 'pci' ? { machine: 'q35' } : {}) };
  return [
    ...machineArgs({ ...machine, guest }, 'off'), ...bootArgs({ ...machine, guest }),
    '-chardev', `socket,id=ssh,path=${optionQuoted(given.socket)},server=on,wait=off`,
    '-device', given.bus === 'pci' ? 'virtio-serial-pci' : 'virtio-serial-device', '-device', 'virtserialport,chardev=ssh,name=ssh',
    ...(guest.root === undefined ? [] : rootArgs(given.bus)),
  ];
}

/**
 * The host's root under the mount tag `host` (guests/virtme/enter-host), which the guest cannot write to. Other file systems below it are
 * parts of it: they get inode numbers of their own (qemu(1), multidevs=remap).
 */
function rootArgs(bus: ShellBus): string[] {
  return ['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap', '-device', `virtio-9p-${bus === 'pci' ? 'pci' : 'device'},fsdev=root,mount_tag=host`];
}

/** MODULES_VADDR to MODULES_END of arch/x86/include/asm/pgtable_64_types.h, wherever the kernel's own image ends. */
const moduleArea = '0xffffffffa0000000..0xfffffffffeffffff';

/** Translation is the same with it and without, and so is what the guest does: its trace is the same to the byte. */
function blockLogArgs(file: string): string[] {
  return ['-d', 'in_asm', '-dfilter', moduleArea, '-D', file];
}

interface Log {
  readonly mode: 'record' | 'replay';
  readonly file: string;
}

function machineArgs(machine: Machine, share: 'on' | 'off', log: Log = { mode: 'record', file: '/dev/null' }): string[] {
  const { guest } = machine;
  const files = [...machine.files].flatMap(([name, file]) => ['-fw_cfg', `name=opt/diorama/${name},file=${optionQuoted(file)}`]);
  return [
    '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
    '-machine', `${guest.machine},memory-backend=ram,suppress-vmdesc=on`, '-global', 'migration.send-configuration=off',
    '-object', `memory-backend-file,id=ram,size=${guest.memory}B,mem-path=${optionQuoted(machine.ram)},share=${share}`,
    '-m', `${guest.memory}B`,
    '-smp', String(guest.cpus),
    ...clockArgs(machine, log),
    '-chardev', `file,id=console,path=${optionQuoted(machine.console)},append=on`, '-serial', 'chardev:console',
    '-chardev', `file,id=trace,path=${optionQuoted(machine.trace)}`,
    '-device', `isa-debugcon,iobase=${ports.trace},chardev=trace`,
    '-device', `isa-debug-exit,iobase=${ports.exit},iosize=4`,
    '-device', `pvpanic,ioport=${ports.pause}`, '-action', 'panic=pause',
    ...files,
    '-chardev', 'stdio,id=qmp,signal=off', '-mon', 'chardev=qmp,mode=control',
  ];
}

function bootArgs({ kernel, initrd, guest, accelerator, tscKhz }: BootMachine): string[] {
  return ['-kernel', kernel, '-initrd', initrd, '-append', kernelCommandLine(guest, accelerator === 'tcg' ? tscKhz : undefined)];
}

/**
 * -icount: the guest's clock counts instructions (1 ns each) and sleeps are skipped; no random number comes from the host. Without
 * erms and fsrm Linux copies and clears memory by eight bytes an instruction, not by one.
 * rr=record is for its lock, not for its log, but where gdb is to follow: without it QEMU's main loop may skip a sleep before the CPU thread, which has just
 * halted, has counted its last instructions, and the clock is that much ahead from then on (QEMU 7.2: icount_start_warp_timer()
 * in softmmu/icount.c looks at cpu->halted, which do_hlt() sets before icount_process_data() runs).
 */
function clockArgs({ guest, accelerator }: Machine, log: Log): string[] {
  if (guest.clock === 'host') return accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
  return [
    '-accel', 'tcg', '-icount', guest.cpus === 1 ? `shift=0,sleep=off,rr=${log.mode},rrfile=${optionQuoted(log.file)}` : 'shift=0,sleep=off', '-rtc', 'base=2026-01-01,clock=vm',
    '-cpu', 'max,rdrand=off,rdseed=off,erms=off,fsrm=off', '-seed', '1',
  ];
}

/**
 * A panic ends QEMU (-no-reboot); an NMI, which is how a hung guest is asked what it does, panics with every task's stack. In the host's time a
 * busy host may give QEMU no processor for the tenth of a second in which the kernel counts ticks, and it would panic for want of a timer
 * (check_timer() of arch/x86/kernel/apic/io_apic.c, 6.1 to 7.3): it is told not to. For the same want it
 * could not tell how fast its time stamp counter is, and would be left with a clock of ticks: it is told that too, and not to doubt it.
 */
function kernelCommandLine(guest: Guest, tscKhz: number | undefined): string {
  const clock = guest.clock === 'host' ? `no_timer_check ${tscKhz === undefined ? '' : `tsc=reliable tsc_early_khz=${tscKhz} `}` : '';
  return `console=ttyS0 loglevel=8 nokaslr panic=-1 oops=panic reboot=t unknown_nmi_panic sysctl.kernel.panic_on_unrecovered_nmi=1 panic_print=1 ${clock}${guest.append}`.trim();
}

/** QEMU's option parser ends a value at a comma; a doubled one stands for itself. */
function optionQuoted(value: string): string {
  return value.replaceAll(',', ',,');
}
