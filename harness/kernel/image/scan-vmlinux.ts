import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { configIn } from './image-config.ts';
import { bannerIn } from './parse-banner.ts';

/** What is in a vmlinux. */
export interface ScannedVmlinux {
  readonly sha256: string;
  /** A 64 bit ELF for x86-64. */
  readonly elf: boolean;
  readonly banner?: string;
  /** The configuration that it carries. */
  readonly config?: string;
  /** FUSE is in the kernel itself: the module's greeting is there (fs/fuse/inode.c, fuse_init()). */
  readonly fuseBuiltIn: boolean;
}

const fuseGreeting = 'fuse: init (API version';
const pieceBytes = 8 * 1024 * 1024;
/** What is looked for may lie across two pieces; a configuration is the longest of it, some 70 KiB packed. */
const overlapBytes = 1024 * 1024;

/**
 * Reads a vmlinux in pieces: with debug sections it is larger than anything that should be in memory whole.
 * @throws what open(2) and read(2) came to
 */
export async function scanVmlinux(file: string): Promise<ScannedVmlinux> {
  const handle = await open(file);
  try {
    const hash = createHash('sha256');
    const window = Buffer.alloc(overlapBytes + pieceBytes);
    let elf: boolean | undefined;
    let banner: string | undefined;
    let config: string | undefined;
    let fuseBuiltIn = false;
    for (let kept = 0; ; ) {
      const { bytesRead } = await handle.read(window, kept, pieceBytes);
      if (bytesRead === 0) break;
      const seen = window.subarray(0, kept + bytesRead);
      hash.update(seen.subarray(kept));
      elf ??= isElf(seen);
      banner ??= bannerIn(seen);
      config ??= configIn(seen);
      fuseBuiltIn ||= seen.includes(fuseGreeting);
      kept = Math.min(seen.length, overlapBytes);
      seen.copyWithin(0, seen.length - kept);
    }
    return { sha256: hash.digest('hex'), elf: elf ?? false, fuseBuiltIn, ...(banner !== undefined && { banner }), ...(config !== undefined && { config }) };
  } finally {
    await handle.close();
  }
}

/** EI_CLASS 64 bit, little endian, e_machine x86-64 (elf(5)). */
export function isElf(bytes: Buffer): boolean {
  return bytes.length > 64 && bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 1 && bytes.readUInt16LE(18) === 62;
}
