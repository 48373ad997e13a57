/** A section of a relocatable object, as far as comparing modules needs it. */
export interface ModuleSection {
  readonly name: string;
  readonly executable: boolean;
  /** `bytes` is empty and `size` is not where the file has none, as for .bss. */
  readonly bytes: Buffer;
  readonly size: number;
  /** Of sections of constants: how long each is; 0 elsewhere. */
  readonly entrySize: number;
  /** In order of their offsets. */
  readonly relocations: readonly Relocation[];
}

export interface Relocation {
  /** In its section. */
  readonly offset: number;
  /** R_X86_64_* (psABI, table 4.9). */
  readonly type: number;
  readonly symbol: ModuleSymbol;
  readonly addend: number;
}

export interface ModuleSymbol {
  /** Empty for the symbol of a section itself. */
  readonly name: string;
  readonly kind: 'function' | 'object' | 'section' | 'other';
  /** Index into the sections; undefined for what another module or the kernel defines. */
  readonly section: number | undefined;
  /** The kernel, or another module, has to define it: SHN_UNDEF. */
  readonly wanted: boolean;
  /** STB_WEAK: nobody has to define it after all. */
  readonly weak: boolean;
  /** Offset in its section, and size in bytes. */
  readonly at: number;
  readonly size: number;
}

export interface ModuleFile {
  readonly sections: readonly ModuleSection[];
  readonly symbols: readonly ModuleSymbol[];
}

const executableFlag = 4;
const [noBits, rela, symbolTable] = [8, 4, 2];
const [sectionHeaderBytes, symbolBytes, relocationBytes] = [64, 24, 24];
const kinds: Readonly<Record<number, ModuleSymbol['kind']>> = { 1: 'object', 2: 'function', 3: 'section' };

/**
 * Reads a kernel module of x86-64: a relocatable ELF object (elf(5)).
 * @throws RangeError or Error when it is none, or cut short
 */
export function readModule(file: Buffer): ModuleFile {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1 || file.readUInt16LE(18) !== 62) {
    throw new Error('not an ELF object of x86-64');
  }
  const headers = headersOf(file);
  const names = headers[file.readUInt16LE(62)];
  const symbolHeader = headers.find(({ type }) => type === symbolTable);
  const symbols = symbolHeader === undefined ? [] : symbolsOf(file, symbolHeader, headers);
  const sections = headers.map((header, index): ModuleSection => {
    const from = headers.find(({ type, info }) => type === rela && info === index);
    return {
      name: names === undefined ? '' : textAt(bytesOf(file, names), header.name),
      executable: (header.flags & executableFlag) !== 0,
      bytes: header.type === noBits ? Buffer.alloc(0) : bytesOf(file, header),
      size: header.size,
      entrySize: header.entrySize,
      relocations: from === undefined ? [] : relocationsOf(bytesOf(file, from), symbols),
    };
  });
  return { sections, symbols };
}

interface Header {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

function headersOf(file: Buffer): Header[] {
  const start = numberAt(file, 40);
  return Array.from({ length: file.readUInt16LE(60) }, (_, index) => {
    const at = start + index * sectionHeaderBytes;
    return {
      name: file.readUInt32LE(at), type: file.readUInt32LE(at + 4), flags: numberAt(file, at + 8), offset: numberAt(file, at + 24), size: numberAt(file, at + 32),
      link: file.readUInt32LE(at + 40), info: file.readUInt32LE(at + 44), entrySize: numberAt(file, at + 56),
    };
  });
}

function symbolsOf(file: Buffer, header: Header, headers: readonly Header[]): ModuleSymbol[] {
  const table = bytesOf(file, header);
  const strings = headers[header.link];
  const names = strings === undefined ? Buffer.alloc(0) : bytesOf(file, strings);
  return Array.from({ length: Math.floor(table.length / symbolBytes) }, (_, index) => {
    const at = index * symbolBytes;
    const section = table.readUInt16LE(at + 6);
    return {
      name: textAt(names, table.readUInt32LE(at)),
      kind: kinds[table.readUInt8(at + 4) & 15] ?? 'other',
      section: section === 0 || section >= 0xff00 ? undefined : section,
      wanted: section === 0 && index > 0,
      weak: table.readUInt8(at + 4) >> 4 === 2,
      at: numberAt(table, at + 8),
      size: numberAt(table, at + 16),
    };
  });
}

function relocationsOf(table: Buffer, symbols: readonly ModuleSymbol[]): Relocation[] {
  return Array.from({ length: Math.floor(table.length / relocationBytes) }, (_, index) => {
    const at = index * relocationBytes;
    const symbol = symbols[table.readUInt32LE(at + 12)];
    if (symbol === undefined) throw new Error('a relocation names no symbol');
    return { offset: numberAt(table, at), type: table.readUInt32LE(at + 8), symbol, addend: Number(table.readBigInt64LE(at + 16)) };
  }).sort((a, b) => a.offset - b.offset);
}

function bytesOf(file: Buffer, { offset, size, type }: Header): Buffer {
  if (type !== noBits && offset + size > file.length) throw new RangeError('the object is cut short');
  return file.subarray(offset, offset + size);
}

function numberAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** The text from there to the NUL byte. */
export function textAt(names: Buffer, at: number): string {
  const end = names.indexOf(0, at);
  return names.toString('latin1', at, end < 0 ? names.length : end);
}
