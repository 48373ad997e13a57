/** What of a 64 bit little-endian ELF object is of use here (elf(5)). */
export interface Elf {
  readonly sections: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly symbols: readonly ElfSymbol[];
}

export interface ElfSymbol {
  readonly name: string;
  readonly isUndefined: boolean;
  readonly isWeak: boolean;
}

/** Where an executable's bytes are loaded. */
export interface Segment {
  readonly address: bigint;
  readonly offset: number;
  readonly bytes: number;
}

const symbolTable = 2;
const noBits = 8;
const loaded = 1;
const weak = 2;
const sectionHeaderBytes = 64;

/** @returns undefined when it is no such file, or cut short */
export function readElf(file: Buffer): Elf | undefined {
  try {
    return parse(file);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The program headers that `file` begins with; of a cut one, none. */
export function readSegments(file: Buffer): readonly Segment[] {
  if (!isElf64(file)) return [];
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

/** The text up to the NUL byte. */
export function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end === -1 ? bytes.length : end);
}

function isElf64(file: Buffer): boolean {
  return file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
}

function parse(file: Buffer): Elf | undefined {
  if (!isElf64(file)) return undefined;
  const start = Number(file.readBigUInt64LE(0x28));
  const size = file.readUInt16LE(0x3a);
  const headers = Array.from({ length: file.readUInt16LE(0x3c) }, (_, index) => header(file, start + index * size));
  const names = headers[file.readUInt16LE(0x3e)]?.bytes ?? Buffer.alloc(0);
  const sections = headers.map(({ nameAt, bytes }) => ({ name: textAt(names, nameAt), bytes }));
  const symbols = headers.filter(({ type }) => type === symbolTable).flatMap(({ bytes, link }) => symbolsOf(bytes, headers[link]?.bytes ?? Buffer.alloc(0)));
  return { sections, symbols };
}

function header(file: Buffer, at: number): { readonly nameAt: number; readonly type: number; readonly link: number; readonly bytes: Buffer } {
  if (at + sectionHeaderBytes > file.length) throw new RangeError('the section headers end behind the file');
  const type = file.readUInt32LE(at + 4);
  const offset = Number(file.readBigUInt64LE(at + 0x18));
  const length = type === noBits ? 0 : Number(file.readBigUInt64LE(at + 0x20));
  if (offset + length > file.length) throw new RangeError('a section ends behind the file');
  return { nameAt: file.readUInt32LE(at), type, link: file.readUInt32LE(at + 0x28), bytes: file.subarray(offset, offset + length) };
}

function symbolsOf(table: Buffer, names: Buffer): readonly ElfSymbol[] {
  const symbols: ElfSymbol[] = [];
  for (let at = 24; at + 24 <= table.length; at += 24) {
    symbols.push({ name: textAt(names, table.readUInt32LE(at)), isUndefined: table.readUInt16LE(at + 6) === 0, isWeak: table.readUInt8(at + 4) >> 4 === weak });
  }
  return symbols;
}
