import { access, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import type { KernelConfig, KernelSpec } from '../kernel/types.ts';

/**
 * The configuration of a kernel that is named: the fragments for one that is to be built, its own for one that is built already.
 * @throws DioramaError `bad-usage` for a name that is not there, or for any name where the kernel has its own
 */
export async function findConfigFor(root: string, names: readonly string[], kernel: KernelSpec): Promise<KernelConfig> {
  if (names.length > 0) requireSource(kernel, `--config ${names.join(', ')}`);
  return kernel.kind === 'image' ? { name: 'its own', fragments: [] } : findConfig(root, names);
}

/**
 * The kernel configuration of `names`: kconfig/base.config and then kconfig/<name>.config each.
 * @throws DioramaError `bad-usage` for a name that is not there
 */
export async function findConfig(root: string, names: readonly string[]): Promise<KernelConfig> {
  const home = join(root, 'kconfig');
  const fragments = [join(home, 'base.config')];
  for (const name of names) {
    const file = join(home, `${name}.config`);
    if (!/^[\w-]+$/.test(name) || !(await access(file).then(() => true, () => false))) {
      const known = (await readdir(home)).filter((entry) => entry.endsWith('.config') && entry !== 'base.config').map((entry) => basename(entry, '.config'));
      throw new DioramaError({
        blame: 'usage', code: 'bad-usage', message: `--config ${name}: there is no kconfig/${name}.config`,
        next: known.length === 0 ? 'leave it out: there is only the default' : `one of: ${known.join(', ')}`,
      });
    }
    fragments.push(file);
  }
  return { name: ['default', ...names].join('+'), fragments };
}
