import { createHash } from 'node:crypto';
import { copyFile, open, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import { cachedDir } from '../../host/cached-dir.ts';
import { contentKey } from '../../host/content-key.ts';
import { compressionOf, decompress } from '../../host/decompress.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { printable } from '../../printable.ts';
import type { KernelImage } from '../types.ts';
import { lackingOptions } from './image-config.ts';
import { findImageFiles, type ImageFiles } from './find-image-files.ts';
import { parseBanner, type Banner } from './parse-banner.ts';
import { readBzImage } from './read-bzimage.ts';
import { readModuleInfo } from './read-module-info.ts';
import { isElf, scanVmlinux, type ScannedVmlinux } from './scan-vmlinux.ts';

/** Raised whenever what is kept of the same files changes. */
const recipe = 'image 1';
const whatToName = 'name a vmlinuz, a bzImage, an ELF vmlinux, or a linux-image .deb';
const mostBytes = 1024 * 1024 * 1024;
/** Of one that is packed, which is read whole; Debian's have some 12 MiB. */
const mostPackedBytes = 128 * 1024 * 1024;

const recordShape = z.object({
  release: z.string(), version: z.string(), compiler: z.string(), vmlinuxId: z.string(), vmlinuzSha256: z.string(),
  fuseSha256: z.string().optional(), config: z.boolean(),
});

export interface TakeRequest {
  readonly spec: string;
  /** vmlinuz, bzImage or an ELF vmlinux; its modules and configuration are looked for around it. */
  readonly file: string;
  /** What it came in; without one its origin is the file. */
  readonly package?: { readonly name: string; readonly version: string };
  /** Where this machine keeps its own modules; for what comes from a package an empty folder. */
  readonly system?: string;
}

/**
 * Takes a built kernel into the cache: vmlinux, fuse.ko unless FUSE is built in, the configuration where there is one, and what it says
 * of itself. A kernel that no guest could use is found out here, before anything is booted.
 * @throws DioramaError `bad-kernel-spec` (usage) when it is no x86-64 kernel, or its fuse.ko is missing or another kernel's; `config-unmet`
 *   (kernel) with every option that it lacks; `program-missing`, `disk-full` (machine)
 */
export async function takeImage(host: Host, given: TakeRequest): Promise<KernelImage> {
  const kernel = await readKernel(given);
  const said = parseBanner(kernel.banner);
  if (said === undefined) throw noKernel(given);
  const files = await findImageFiles(given.file, said.release, given.system);
  const module = files.fuseModule === undefined ? undefined : await readFile(files.fuseModule);
  const config = files.config === undefined ? undefined : await readFile(files.config, 'latin1');
  const key = contentKey([recipe, kernel.sha256, module ?? '', config ?? '']);
  const { dir } = await cachedDir(host, { kind: 'images', key }, async (part) => {
    host.emit({ kind: 'stage-progress', stage: 'source', detail: `unpacking ${basename(given.file)}` });
    const { unpacked, ...vmlinux } = await putVmlinux(host, given, { kernel, file: join(part, 'vmlinux') });
    const options = config ?? vmlinux.config;
    checkConfig(given, { options, release: said.release });
    const builtIn = unpacked ? vmlinux.fuseBuiltIn : options !== undefined && /^CONFIG_FUSE_FS=y$/m.test(options);
    const fuse = builtIn ? undefined : await readModule(host, given, { module, files, release: said.release, file: join(part, 'fuse.ko') });
    if (options !== undefined) await writeFile(join(part, 'config'), options, 'latin1');
    await writeJson(join(part, 'image.json'), {
      ...identityOf(parseBanner(vmlinux.banner ?? '') ?? said), vmlinuxId: vmlinux.sha256, vmlinuzSha256: kernel.sha256, config: options !== undefined, ...(fuse && { fuseSha256: sha256(fuse) }),
    } satisfies z.infer<typeof recordShape>);
  });
  const image = await keptImage(host, { spec: given.spec, key, ...(given.package && { package: given.package }), file: given.file });
  if (image === undefined) throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `${dir}: what was kept of this kernel is damaged`, next: 'remove the folder and run again' });
  return image;
}

/** The kernel that is in the cache under this key; undefined when it is there no more. */
export async function keptImage(
  host: Host,
  given: { readonly spec: string; readonly key: string; readonly file: string; readonly package?: TakeRequest['package'] },
): Promise<KernelImage | undefined> {
  const dir = join(host.cache, 'images', given.key);
  const record = await readJson(join(dir, 'image.json'), recordShape);
  if (record === undefined || !(await stat(join(dir, 'vmlinux')).then(() => true, () => false))) return undefined;
  const { vmlinuzSha256, fuseSha256, config, ...rest } = record;
  return {
    ...rest, vmlinuzSha256, spec: given.spec, id: given.key,
    origin: given.package ? `${given.package.name} ${given.package.version}` : `${given.file} sha256:${vmlinuzSha256}`,
    vmlinux: join(dir, 'vmlinux'),
    ...(given.package && { package: given.package }),
    ...(fuseSha256 === undefined ? {} : { fuseSha256, fuseModule: join(dir, 'fuse.ko') }),
    ...(config ? { config: join(dir, 'config') } : {}),
  };
}

interface ReadKernel {
  readonly sha256: string;
  readonly banner: string;
  /** A bzImage, and the packed vmlinux in it; a vmlinux is left where it is. */
  readonly packed?: { readonly bytes: Buffer; readonly payload: Uint8Array };
}

async function readKernel(given: TakeRequest): Promise<ReadKernel> {
  const found = await stat(given.file).catch(() => undefined);
  if (found === undefined) throw unusable(given, `there is no ${shown(given.file)}`, whatToName);
  if (!found.isFile()) throw unusable(given, `${shown(given.file)} is not a file`, 'name the kernel itself, such as DIR/vmlinuz');
  const elf = isElf(await headOf(given));
  if (found.size > (elf ? mostBytes : mostPackedBytes)) throw unusable(given, `${shown(given.file)} is too large for a kernel (${String(found.size)} bytes)`, 'name a vmlinuz, or a vmlinux without debug sections');
  if (elf) {
    const { sha256, banner } = await scanVmlinux(given.file);
    return { sha256, banner: banner ?? '' };
  }
  const bytes = await readFile(given.file);
  const head = readBzImage(bytes);
  if (!head) throw noKernel(given);
  return { sha256: sha256(bytes), banner: head.banner, packed: { bytes, payload: head.payload } };
}

/** Enough to tell an ELF by. */
async function headOf(given: TakeRequest): Promise<Buffer> {
  const file = await open(given.file).catch((error: NodeJS.ErrnoException) => {
    throw unusable(given, `${shown(given.file)} may not be read by you (${error.code ?? 'error'})`, `sudo install -m 644 ${shown(given.file)} DIR, then image:DIR/${basename(shown(given.file))}; its modules are found where they are`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Puts the kernel into `file`, unpacked if it can be: one that is packed in a way that nobody here reads unpacks itself when it boots. */
async function putVmlinux(host: Host, given: TakeRequest, to: { readonly kernel: ReadKernel; readonly file: string }): Promise<ScannedVmlinux & { readonly unpacked: boolean }> {
  const { packed, sha256 } = to.kernel;
  if (packed === undefined) {
    await copyFile(given.file, to.file);
    const copied = await scanVmlinux(to.file);
    if (copied.sha256 !== sha256) throw unusable(given, `${shown(given.file)} changed while it was read`, 'run again when nothing writes it any more');
    return { ...copied, unpacked: true };
  }
  if (await decompress(host, { bytes: packed.payload, file: to.file })) {
    const scanned = await scanVmlinux(to.file);
    if (scanned.elf) return { ...scanned, unpacked: true };
  }
  await writeFile(to.file, packed.bytes);
  return { ...(await scanVmlinux(to.file)), unpacked: false };
}

function checkConfig(given: TakeRequest, { options, release }: { readonly options: string | undefined; readonly release: string }): void {
  const lacking = options === undefined ? [] : lackingOptions(options);
  if (lacking.length === 0) return;
  throw new DioramaError({
    blame: 'kernel', code: 'config-unmet',
    message: `${given.spec}: ${release} is configured without what a guest needs: ${lacking[0] ?? ''}${lacking.length > 1 ? ` and ${String(lacking.length - 1)} more` : ''}`,
    details: lacking, next: 'build it instead: --kernel debian:6.12, dir:PATH or git:PATH@REV',
  });
}

/** Puts fuse.ko into `file`, unpacked, and reads it. */
async function readModule(host: Host, given: TakeRequest, at: { readonly module: Buffer | undefined; readonly files: ImageFiles; readonly release: string; readonly file: string }): Promise<Buffer> {
  const { module, files, release, file } = at;
  if (module === undefined) {
    throw new DioramaError({
      blame: 'usage', code: 'bad-kernel-spec', message: `${given.spec}: FUSE is not built into ${release}, and its fuse.ko is nowhere around it; looked for (also as .gz, .xz, .zst):`,
      details: files.lookedFor, next: `put it beside ${shown(given.file)}, or lib/modules/${release} as its package has it`,
    });
  }
  const where = shown(files.fuseModule ?? 'fuse.ko');
  const isPacked = compressionOf(module) !== undefined;
  const whole = isPacked ? await decompress(host, { bytes: module, file }) : await writeFile(file, module).then(() => true);
  const plain = whole && isPacked ? await readFile(file) : module;
  const info = whole && isElf(plain) ? readModuleInfo(plain) : undefined;
  if (!info) throw unusable(given, `${where} is damaged, or no module for x86-64`, 'take it from the package again');
  if (info.release !== release) throw unusable(given, `${where} is a module of ${printable(info.release, 64)}, not of ${release}`, `put the fuse.ko of ${release} there`);
  if (info.depends.length > 0) throw unusable(given, `${where} needs other modules (${printable(info.depends.join(', '))}), which are not brought along`, 'build the kernel instead: dir:PATH or git:PATH@REV');
  return plain;
}

function identityOf(banner: Banner): { release: string; version: string; compiler: string } {
  return { release: banner.release, version: banner.version, compiler: printable(banner.compiler ?? 'a compiler that it does not name') };
}

function noKernel(given: TakeRequest): DioramaError {
  return unusable(given, `${shown(given.file)} is no kernel for x86-64: neither a bzImage (vmlinuz) nor a vmlinux`, whatToName);
}

function unusable(given: TakeRequest, why: string, next: string): DioramaError {
  return new DioramaError({ blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${printable(given.spec)}": ${why}`, next });
}

function shown(path: string): string {
  return printable(path, 300);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
