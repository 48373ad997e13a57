import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Host } from './host.ts';
import { runProgram } from './run-program.ts';

/** How a file is compressed, by its first bytes; undefined when it is in none of the ways that kernels and modules are compressed. */
export type Compression = 'gzip' | 'xz' | 'lzma' | 'zstd' | 'bzip2' | 'lz4' | 'lzo';

const timeoutMs = 60_000;
const mostBytes = 256 * 1024 * 1024;

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
 * What was compressed, at most 256 MiB of it. gzip is read here; xz and zstd are asked for what they know.
 * @returns undefined when the bytes are damaged or too many, or nobody here reads them
 * @throws DioramaError `program-missing` when xz or zstd is not installed
 */
export async function decompress(host: Host, bytes: Uint8Array): Promise<Buffer | undefined> {
  switch (compressionOf(bytes)) {
    case 'gzip':
      return promisify(gunzip)(bytes, { maxOutputLength: mostBytes }).catch(() => undefined);
    case 'xz':
      return through(host, { file: 'xz', args: ['--decompress', '--stdout', '--single-stream'], bytes });
    case 'lzma':
      return through(host, { file: 'xz', args: ['--decompress', '--stdout', '--format=lzma'], bytes });
    case 'zstd':
      return through(host, { file: 'zstd', args: ['--decompress', '--stdout', '--quiet'], bytes });
    default:
      return undefined;
  }
}

async function through(host: Host, given: { readonly file: string; readonly args: readonly string[]; readonly bytes: Uint8Array }): Promise<Buffer | undefined> {
  const finished = await runProgram({ file: given.file, args: given.args, input: given.bytes, timeoutMs, signal: host.signal });
  return finished.ok ? finished.stdout : undefined;
}
