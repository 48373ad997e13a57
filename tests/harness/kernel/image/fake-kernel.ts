import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';

/** What a kernel of our making is like: enough of one to be taken for it, and nothing that boots. */
export interface FakeKernel {
  readonly release?: string;
  /** What comes after `#1 SMP`. */
  readonly build?: string;
  readonly builtIn?: boolean;
  /** Carried as CONFIG_IKCONFIG has it. */
  readonly config?: string;
}

export const goodConfig = ['64BIT', 'SERIAL_8250_CONSOLE', 'PRINTK', 'BLK_DEV_INITRD', 'RD_GZIP', 'DEVTMPFS', 'PROC_FS', 'SYSFS', 'TMPFS', 'UNIX', 'X86_IOPL_IOPERM', 'KALLSYMS', 'STACKTRACE', 'MODULE_UNLOAD']
  .map((symbol) => `CONFIG_${symbol}=y\n`).join('');

export function fakeVmlinux({ release = '6.12.7', build = '(nobody@localhost)', builtIn = false, config }: FakeKernel = {}): Buffer {
  return Buffer.concat([
    elfHead(),
    Buffer.from(`Linux version %s (%s)\0Linux version ${release} (a@localhost) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP ${build}\n\0`),
    Buffer.from(builtIn ? '\u00016fuse: init (API version %i.%i)\n\0' : ''),
    ...(config === undefined ? [] : [Buffer.from('IKCFG_ST'), gzipSync(config), Buffer.from('IKCFG_ED')]),
  ]);
}

export type Packing = 'gzip' | 'xz' | 'lzma' | 'zstd' | 'none';

/** A bzImage around a vmlinux: one sector of setup, then the payload and its length. */
export function fakeBzImage(kernel: FakeKernel = {}, packing: Packing = 'gzip'): Buffer {
  const vmlinux = fakeVmlinux(kernel);
  const payload = pack(vmlinux, packing);
  const head = Buffer.alloc(2 * 512 + 1024);
  head[0x1f1] = head.length / 512 - 1;
  head.write('HdrS', 0x202, 'latin1');
  head.writeUInt16LE(0x20f, 0x206);
  const banner = 0x400;
  head.writeUInt16LE(banner - 0x200, 0x20e);
  head.write(`${kernel.release ?? '6.12.7'} (a@localhost) #1 SMP ${kernel.build ?? '(nobody@localhost)'}\0`, banner, 'latin1');
  head.writeUInt32LE(0, 0x248);
  head.writeUInt32LE(payload.length + 4, 0x24c);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(vmlinux.length);
  return Buffer.concat([head, payload, length]);
}

export function fakeModule(given: { readonly release?: string; readonly depends?: string } = {}): Buffer {
  return Buffer.concat([elfHead(), Buffer.from(`\0license=GPL\0depends=${given.depends ?? ''}\0name=fuse\0vermagic=${given.release ?? '6.12.7'} SMP preempt mod_unload \0`)]);
}

export function pack(bytes: Buffer, packing: Packing): Buffer {
  const through = (file: string, ...args: string[]): Buffer => execFileSync(file, args, { input: bytes });
  switch (packing) {
    case 'gzip':
      return gzipSync(bytes);
    case 'xz':
      return through('xz', '--check=crc32', '--stdout');
    case 'lzma':
      return through('xz', '--format=lzma', '--stdout');
    case 'zstd':
      return through('zstd', '--quiet', '--stdout');
    case 'none':
      return Buffer.concat([Buffer.from('BZh9'), bytes]);
  }
}

/** Of a 64 bit little endian file for x86-64 (elf(5)). */
function elfHead(): Buffer {
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  head.writeUInt16LE(62, 18);
  return head;
}
