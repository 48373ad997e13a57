import { open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { KernelFacts } from '../module/module-fit.ts';
import { textAt } from '../module/read-module.ts';
import { readSegments } from '../module/read-segments.ts';
import type { Segment } from '../module/read-segments.ts';
import type { StoredVmlinux } from './vmlinux-store.ts';

/** Room for the ELF header and the program headers, which an x86 vmlinux has right behind it. */
const headBytes = 4096;
const longestVermagic = 256;

/** What a stored vmlinux asks of modules: its own string, its own exports. Of a damaged one, things that no module fits. */
export async function kernelFacts(stored: StoredVmlinux): Promise<KernelFacts> {
  const map = await readFile(stored.systemMap, 'latin1');
  const file = await open(stored.vmlinux);
  try {
    const segments = readSegments(await read(file, 0, headBytes));
    const at = async (address: bigint, bytes: number): Promise<Buffer> => {
      const offset = offsetOf(segments, address);
      return offset === undefined ? Buffer.alloc(0) : read(file, offset, bytes);
    };
    const magicAt = /^([0-9a-f]{16}) \w vermagic$/m.exec(map)?.[1];
    const vermagic = magicAt === undefined ? '' : textAt(await at(BigInt(`0x${magicAt}`), longestVermagic), 0);
    const exports = new Map<string, number | undefined>();
    for (const [, name = ''] of map.matchAll(/ __ksymtab_(\S+)$/gm)) exports.set(name, undefined);
    if (/\bmodversions\b/.test(vermagic)) {
      for (const [, address = '', name = ''] of map.matchAll(/^([0-9a-f]{16}) \w __crc_(\S+)$/gm)) {
        const crc = await at(BigInt(`0x${address}`), 4);
        exports.set(name, crc.length === 4 ? crc.readUInt32LE(0) : -1);
      }
    }
    return { vermagic, exports };
  } finally {
    await file.close();
  }
}

function offsetOf(segments: readonly Segment[], address: bigint): number | undefined {
  const segment = segments.find((one) => address >= one.address && address < one.address + BigInt(one.bytes));
  return segment === undefined ? undefined : segment.offset + Number(address - segment.address);
}

async function read(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  return buffer.subarray(0, bytesRead);
}
