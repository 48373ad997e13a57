import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What belongs to a built kernel, and where it was looked for. */
export interface ImageFiles {
  readonly fuseModule?: string;
  readonly config?: string;
  /** Every place that fuse.ko could have been in, in the order in which they were looked at. */
  readonly lookedFor: readonly string[];
}

/** A module as `make modules_install` leaves it, with CONFIG_MODULE_COMPRESS or without. */
const moduleName = /^fuse\.ko(\.(?:gz|xz|zst))?$/;

/**
 * Finds fuse.ko and the configuration of the kernel `file`, whose release is `release`, around it: in a folder of modules, the root of an
 * unpacked package, /boot, or a build directory; and at last below `system`, where this machine keeps its own. Symbolic links are not
 * followed to a module: archives may have them.
 */
export async function findImageFiles(file: string, release: string, system = '/'): Promise<ImageFiles> {
  const home = dirname(file);
  const installed = (root: string): string[] => [join(root, 'lib/modules', release), join(root, 'usr/lib/modules', release)];
  const near = [...(home.endsWith(join('modules', release)) ? [home] : []), ...installed(home), ...installed(dirname(home))];
  // arch/x86/boot/bzImage and vmlinux of a build directory.
  const builds = [resolve(home, '../../..'), home];
  const ofSystem = installed(system);
  // The system's last: there may be an older build of the same release.
  const places = unique([...near.map(fuseDir), ...builds.map((build) => join(build, 'fs/fuse')), home, ...ofSystem.map(fuseDir)]);
  const fuseModule = (await firstOf(near, moduleByIndex)) ?? (await firstOf(places.slice(0, -ofSystem.length), moduleIn)) ?? (await firstOf(ofSystem, moduleByIndex)) ?? (await firstOf(places, moduleIn));
  const configs = [join(home, `config-${release}`), ...near.map((folder) => join(folder, 'config')), ...builds.map((build) => join(build, '.config')), join(system, 'boot', `config-${release}`), ...ofSystem.map((folder) => join(folder, 'config'))];
  const config = await firstOf(configs, async (path) => ((await isFile(path)) ? path : undefined));
  return { ...(fuseModule === undefined ? {} : { fuseModule }), ...(config === undefined ? {} : { config }), lookedFor: places.map((place) => join(place, 'fuse.ko')) };
}

function fuseDir(folder: string): string {
  return join(folder, 'kernel/fs/fuse');
}

async function firstOf(places: readonly string[], find: (place: string) => Promise<string | undefined>): Promise<string | undefined> {
  for (const place of places) {
    const found = await find(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** depmod's index knows of a module that was put over the kernel's own, in updates/. */
async function moduleByIndex(folder: string): Promise<string | undefined> {
  const index = await readFile(join(folder, 'modules.dep'), 'utf8').catch(() => '');
  const path = /^((?:[\w.+-]+\/)*fuse\.ko(?:\.(?:gz|xz|zst))?):/m.exec(index)?.[1];
  const file = path === undefined || path.split('/').includes('..') ? undefined : join(folder, path);
  return file !== undefined && (await isFile(file)) ? file : undefined;
}

async function moduleIn(dir: string): Promise<string | undefined> {
  const names = (await readdir(dir).catch(() => [] as string[])).filter((name) => moduleName.test(name)).sort();
  return firstOf(names.map((name) => join(dir, name)), async (file) => ((await isFile(file)) ? file : undefined));
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then((found) => found.isFile(), () => false);
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
