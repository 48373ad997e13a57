import { access, chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey, fileHash } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { buildStage, packInitramfs, type Stage } from './build-stage.ts';

const boundMs = 60_000;
const recipe = 'shell 2';
/** Where distributions keep them; PATH of an unprivileged user often lacks the sbin folders. */
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

/**
 * The stage's initramfs with a busybox and a dropbear in it, both the host's own, and the libraries that dropbear needs.
 * @throws DioramaError `program-missing` when one of them is not installed
 */
export async function buildShell(host: Host): Promise<Stage> {
  const stage = await buildStage(host);
  const busybox = await findProgram('busybox');
  const dropbear = await findProgram('dropbear');
  const libraries = await librariesOf(host, dropbear);
  const enter = join(host.root, 'guests/virtme/enter-host');
  const hashes = await Promise.all([busybox, dropbear, ...libraries, enter].map(fileHash));
  const key = contentKey([recipe, stage.id, ...hashes]);
  const { dir } = await cachedDir(host, { kind: 'shell', key }, async (part) => {
    const root = join(part, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await copyFile(stage.init, join(root, 'init'));
    for (const program of [busybox, dropbear]) {
      await copyFile(program, join(root, 'bin', basename(program)));
      await chmod(join(root, 'bin', basename(program)), 0o755);
    }
    await copyFile(enter, join(root, 'bin/enter-host'));
    for (const library of libraries) {
      await mkdir(join(root, dirname(library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
    await packInitramfs(host, { root, to: join(part, 'initrd.gz') });
  });
  return { ...stage, initrd: join(dir, 'initrd.gz'), id: key };
}

async function findProgram(name: string): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (await access(path).then(() => true, () => false)) return path;
  }
  throw new DioramaError({ blame: 'machine', code: 'program-missing', message: `${name}: not installed, and a shell in the guest needs it`, next: './diorama doctor' });
}

/** Absolute paths, the dynamic loader among them, as ldd(1) prints them; none for a static program. */
async function librariesOf(host: Host, program: string): Promise<string[]> {
  const result = await runProgram({ file: 'ldd', args: [program], timeoutMs: boundMs, signal: host.signal });
  return [...result.stdout.toString().matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((found) => found[1] ?? '').filter(Boolean);
}
