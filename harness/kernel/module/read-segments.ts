/** Where an executable's bytes are loaded. */
export interface Segment {
  readonly address: bigint;
  readonly offset: number;
  readonly bytes: number;
}

const loaded = 1;

/** The program headers of a 64 bit little-endian ELF executable (elf(5)) that `file` begins with; of a cut one, or another file, none. */
export function readSegments(file: Buffer): readonly Segment[] {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return [];
  const start = Number(file.readBigUInt64LE(0x20));
  const size = file.readUInt16LE(0x36);
  const segments: Segment[] = [];
  for (let index = 0; index < file.readUInt16LE(0x38); index++) {
    const at = start + index * size;
    if (at + 0x28 > file.length) return segments;
    if (file.readUInt32LE(at) !== loaded) continue;
    segments.push({ address: file.readBigUInt64LE(at + 0x10), offset: Number(file.readBigUInt64LE(at + 0x08)), bytes: Number(file.readBigUInt64LE(at + 0x20)) });
  }
  return segments;
}
