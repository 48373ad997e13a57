/** What the head of a bzImage says (Documentation/arch/x86/boot.rst). */
export interface BzImage {
  /** uname's release and version: `6.12.107+deb13-amd64 (builder@host) #1 SMP …`; empty where the kernel does not say. */
  readonly banner: string;
  /** The compressed vmlinux, without the four bytes behind it that say how long it was. */
  readonly payload: Uint8Array;
}

/** Offsets into the file. */
const field = { setupSectors: 0x1f1, magic: 0x202, protocol: 0x206, banner: 0x20e, payload: 0x248, payloadBytes: 0x24c } as const;
const sectorBytes = 512;
const sizeBytes = 4;
/** The first protocol whose head says where the payload is; Linux 2.6.26. */
const protocol = 0x208;
const longestBanner = 512;

/** Reads a bzImage, or vmlinuz, which is the same; undefined when it is none, or cut short. */
export function readBzImage(bytes: Buffer): BzImage | undefined {
  if (bytes.length < 0x260 || bytes.toString('latin1', field.magic, field.magic + 4) !== 'HdrS' || bytes.readUInt16LE(field.protocol) < protocol) return undefined;
  const setup = ((bytes[field.setupSectors] || 4) + 1) * sectorBytes;
  const from = setup + bytes.readUInt32LE(field.payload);
  const end = from + bytes.readUInt32LE(field.payloadBytes);
  if (end > bytes.length || end - from <= sizeBytes) return undefined;
  const at = bytes.readUInt16LE(field.banner);
  return { banner: at === 0 ? '' : textAt(bytes, at + sectorBytes), payload: bytes.subarray(from, end - sizeBytes) };
}

function textAt(bytes: Buffer, from: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('latin1', from, Math.min(end < 0 ? bytes.length : end, from + longestBanner));
}
