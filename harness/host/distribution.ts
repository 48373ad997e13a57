import { readFile } from 'node:fs/promises';

/** Distributions whose packages are known, in the order of the columns of needs.tsv. */
export const families = ['debian', 'fedora', 'arch', 'alpine', 'suse'] as const;
export type Family = (typeof families)[number];

export interface Distribution {
  /** As it calls itself, e.g. `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string;
  /** Absent when we do not know what its packages are called. */
  readonly family?: Family;
}

/** What os-release(5) says, or the file that DIORAMA_OS_RELEASE names. The launcher's read_distribution does the same in bash. */
export async function readDistribution(): Promise<Distribution> {
  const text = await readFile(process.env['DIORAMA_OS_RELEASE'] ?? '/etc/os-release', 'utf8').catch(() => '');
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\w+)=["']?(.*?)["']?$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value);
  }
  const likes = `${values.get('ID') ?? ''} ${values.get('ID_LIKE') ?? ''}`.split(' ');
  const family = likes.map(familyOf).find((known) => known !== undefined);
  return { name: values.get('PRETTY_NAME') ?? 'an unknown distribution', ...(family === undefined ? {} : { family }) };
}

function familyOf(id: string): Family | undefined {
  if (id === 'ubuntu') return 'debian';
  if (id === 'rhel') return 'fedora';
  if (id.includes('suse')) return 'suse';
  return families.find((family) => family === id);
}

/** The command line that installs `packages`, to be copied. */
export function packageLine(family: Family, packages: readonly string[]): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}${installers[family]} ${[...new Set(packages)].join(' ')}`;
}

const installers: Readonly<Record<Family, string>> = {
  debian: 'apt-get install -y --no-install-recommends',
  fedora: 'dnf install -y',
  arch: 'pacman -S --needed --noconfirm',
  alpine: 'apk add',
  suse: 'zypper install -y',
};
