import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { onPath } from '../../host/on-path.ts';
import { programVersions } from '../../host/program-version.ts';

export interface Toolchain {
  /** `gcc (Debian 12.2.0-14) 12.2.0` */
  readonly compiler: string;
  /** First line of `ld --version`: the other program whose version shows in vmlinux. */
  readonly linker: string;
}

const programs = ['gcc', 'ld'] as const;

/**
 * The compiler and linker that make will find on PATH.
 * @throws DioramaError `program-missing` (machine)
 */
export async function findToolchain(host: Host): Promise<Toolchain> {
  const [compiler = '', linker = ''] = await programVersions(host, await Promise.all(programs.map(programPath)));
  return { compiler, linker };
}

async function programPath(program: string): Promise<string> {
  const path = await onPath(program);
  if (path !== undefined) return path;
  throw new DioramaError({
    blame: 'machine',
    code: 'program-missing',
    message: `${program}: not installed, and kernels are built with it`,
    next: './diorama doctor',
  });
}
