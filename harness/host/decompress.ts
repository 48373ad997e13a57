import type { Host } from './host.ts';
import { programFailure, saysDiskFull } from './program-failure.ts';
import { programMissing, runProgram } from './run-program.ts';

/** How a file is compressed, by its first bytes; undefined when it is in none of the ways that kernels and modules are compressed. */
export type Compression = 'gzip' | 'xz' | 'lzma' | 'zstd' | 'bzip2' | 'lz4' | 'lzo';

const timeoutMs = 60_000;
const usualMostBytes = 256 * 1024 * 1024;
/** How bash says that it found no such program (bash(1), EXIT STATUS). */
const notFound = 127;

/** scripts/extract-vmlinux knows kernels by the same. */
const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['lzo', [0x89, 0x4c, 0x5a, 0x4f]],
];

export function compressionOf(bytes: Uint8Array): Compression | undefined {
  return magics.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte))?.[0];
}

/**
 * Unpacks what was compressed into `file`, at most 256 MiB of it if nothing else is said, without holding it in memory.
 * @returns false when the bytes are damaged or too many, or nobody here reads them; what `file` has then is of no use
 * @throws DioramaError `program-missing` when gzip, xz or zstd is not installed, `timed-out`, `disk-full` (machine)
 */
export async function decompress(host: Host, given: { readonly bytes: Uint8Array; readonly file: string; readonly mostBytes?: number }): Promise<boolean> {
  const { mostBytes = usualMostBytes } = given;
  const command = commandFor(given.bytes);
  if (command === undefined) return false;
  const [program] = command;
  const finished = await runProgram({
    file: 'bash', args: ['-c', `ulimit -f ${String(mostBytes / 1024)}; exec "$@" > "$0"`, given.file, ...command],
    input: given.bytes, timeoutMs, signal: host.signal,
  });
  if (finished.exitCode === notFound) throw programMissing(program);
  if (finished.timedOut || saysDiskFull(finished.stderr)) {
    throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `${program} failed`, phase: `${program} --decompress`, timeoutMs });
  }
  return finished.ok;
}

function commandFor(bytes: Uint8Array): readonly [program: string, ...args: string[]] | undefined {
  switch (compressionOf(bytes)) {
    case 'gzip':
      return ['gzip', '--decompress', '--stdout'];
    case 'xz':
      return ['xz', '--decompress', '--stdout', '--single-stream'];
    case 'lzma':
      return ['xz', '--decompress', '--stdout', '--format=lzma'];
    case 'zstd':
      return ['zstd', '--decompress', '--stdout', '--quiet'];
    default:
      return undefined;
  }
}
