import { gunzipSync } from 'node:zlib';

interface Wanted {
  readonly symbol: string;
  readonly what: string;
  /** A module will do. */
  readonly module?: true;
}

/** What the guest and the judge have no use of a kernel without; kconfig/base.config asks for the same of kernels that are built here. */
const wanted: readonly Wanted[] = [
  { symbol: 'FUSE_FS', what: 'what is tested', module: true },
  { symbol: '64BIT', what: 'the stage is a 64 bit program' },
  { symbol: 'SERIAL_8250_CONSOLE', what: 'the console' },
  { symbol: 'PRINTK', what: 'the console' },
  { symbol: 'BLK_DEV_INITRD', what: 'the stage comes as an initramfs' },
  { symbol: 'RD_GZIP', what: 'the stage comes as an initramfs' },
  { symbol: 'DEVTMPFS', what: '/dev' },
  { symbol: 'PROC_FS', what: '/proc' },
  { symbol: 'SYSFS', what: '/sys' },
  { symbol: 'TMPFS', what: 'backing files' },
  { symbol: 'UNIX', what: 'the stage talks over sockets' },
  { symbol: 'X86_IOPL_IOPERM', what: 'the trace leaves through an io port' },
  { symbol: 'KALLSYMS', what: 'where a task sleeps is told by name' },
  { symbol: 'STACKTRACE', what: 'where a task sleeps is read from its stack' },
];

/** The options that a guest needs and this configuration has not, each with what it is for. */
export function lackingOptions(config: string): string[] {
  const set = new Map([...config.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, symbol = '', value = '']) => [symbol, value]));
  const lacking = wanted.filter(({ symbol, module }) => set.get(symbol) !== 'y' && !(module && set.get(symbol) === 'm'));
  const asModule = set.get('FUSE_FS') === 'm';
  return [
    ...lacking.map(({ symbol, what, module }) => `CONFIG_${symbol}=y${module ? ' or m' : ''} (${what})`),
    ...(asModule && set.get('MODULE_UNLOAD') !== 'y' ? ['CONFIG_MODULE_UNLOAD=y (what fuse.ko leaks shows when it is removed)'] : []),
  ];
}

/** The configuration that a kernel with CONFIG_IKCONFIG carries (kernel/configs.c); undefined where it carries none. */
export function configIn(vmlinux: Buffer): string | undefined {
  const start = vmlinux.indexOf('IKCFG_ST');
  const end = start < 0 ? -1 : vmlinux.indexOf('IKCFG_ED', start);
  if (end < 0) return undefined;
  try {
    return gunzipSync(vmlinux.subarray(start + 'IKCFG_ST'.length, end), { maxOutputLength: 16 * 1024 * 1024 }).toString('latin1');
  } catch {
    return undefined;
  }
}
