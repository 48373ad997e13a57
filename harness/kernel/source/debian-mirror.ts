import { readFile } from 'node:fs/promises';
import type { Host } from '../../host/host.ts';
import { onPath } from '../../host/on-path.ts';
import { runProgram } from '../../host/run-program.ts';

/** A Debian archive as apt names it. */
export interface Mirror {
  readonly uri: string;
  /** `Signed-By` of the system's entry; without one apt goes by its own trusted keys. */
  readonly signedBy?: string;
  /** Only ever set by DIORAMA_DEBIAN_MIRROR, for a private archive that nobody signed. */
  readonly trusted?: boolean;
}

export interface Mirrors {
  readonly archive: Mirror;
  /** The archive of security updates, with the release it is for, when the system has one. */
  readonly security?: Mirror & { readonly suite: string };
}

const timeoutMs = 30_000;
const developmentNames = ['stable', 'oldstable', 'testing', 'unstable', 'sid'];

/**
 * Where this system gets Debian from: the setting DIORAMA_DEBIAN_MIRROR (a URI, with options before it as in sources.list,
 * e.g. `[trusted=yes] http://localhost/debian`), else apt's own sources as apt itself reads them, third-party archives left out.
 * @returns undefined where there is no apt, or no Debian archive among its sources
 */
export async function findMirrors(host: Host): Promise<Mirrors | undefined> {
  if ((await onPath('apt-get')) === undefined) return undefined;
  const setting = process.env['DIORAMA_DEBIAN_MIRROR'];
  if (setting) return { archive: readSetting(setting) };
  const release = await codename();
  if (release === undefined) return undefined;
  // Lists that are there say who published them; on a machine whose lists were removed the suite and component must do.
  const present = (await indexTargets(host, [])).filter((target) => target.get('origin') === 'Debian');
  const targets = present.length > 0 ? present : await indexTargets(host, ['OnlyPresent', 'ReleaseInfo']);
  const main = targets.filter((target) => target.get('component') === 'main' && target.get('target-of') === 'deb');
  const archive = main
    .filter((target) => [release, ...developmentNames].includes(target.get('release') ?? ''))
    .sort((a, b) => debianness(b) - debianness(a))[0];
  if (archive === undefined) return undefined;
  const security = main.find((target) => target.get('release') === `${release}-security`);
  return {
    archive: await mirrorOf(archive),
    ...(security === undefined ? {} : { security: { ...(await mirrorOf(security)), suite: `${release}-security` } }),
  };
}

function readSetting(setting: string): Mirror {
  const [, options = '', uri = ''] = /^\s*(?:\[([^\]]*)\]\s*)?(\S*)\s*$/.exec(setting) ?? [];
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1] ?? debianKeyring;
  const trusted = /(?:^|\s)trusted=yes(?:\s|$)/.test(options);
  return { uri, ...(trusted ? { trusted } : { signedBy }) };
}

const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

async function codename(): Promise<string | undefined> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID="?debian"?$/m.test(text)) return undefined;
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1] ?? 'sid';
}

async function indexTargets(host: Host, switchedOff: readonly string[]): Promise<Map<string, string>[]> {
  const finished = await runProgram({
    file: 'apt-get',
    args: [...switchedOff.map((name) => `--option=APT::Get::IndexTargets::${name}=false`), 'indextargets', 'Created-By: Packages'],
    timeoutMs,
    signal: host.signal,
  });
  return finished.stdout.toString('utf8').split(/\n{2,}/).filter((block) => block.trim() !== '').map(fields);
}

function fields(block: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith(' ')) found.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return found;
}

/** Vendors publish under Debian's suite names too (`bookworm main`); their paths rarely end in `/debian`, their files are their own. */
function debianness(target: Map<string, string>): number {
  const uri = target.get('repo-uri') ?? '';
  const file = target.get('sourcesentry') ?? '';
  return (/\/debian\/?$/.test(uri) ? 2 : 0) + (/\/(debian\.sources|sources\.list):/.test(file) ? 1 : 0);
}

async function mirrorOf(target: Map<string, string>): Promise<Mirror> {
  const uri = (target.get('repo-uri') ?? '').replace(/\/$/, '');
  const signedBy = await signedByOf(target.get('sourcesentry') ?? '');
  return { uri, ...(signedBy === undefined ? {} : { signedBy }) };
}

/** apt names the entry as `file:N`: the Nth stanza of a deb822 file (apt-get(8), indextargets), or the Nth line of a one-line file. */
async function signedByOf(entry: string): Promise<string | undefined> {
  const [, file, number] = /^(.*):(\d+)$/.exec(entry) ?? [];
  if (file === undefined || number === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch(() => '');
  if (!file.endsWith('.sources')) {
    return /\[[^\]]*\bsigned-by=([^\]\s]+)/i.exec(text.split('\n')[Number(number) - 1] ?? '')?.[1];
  }
  const stanzas = text.replace(/^#.*\n/gm, '').split(/\n(?:[ \t]*\n)+/).filter((stanza) => /^\S/m.test(stanza));
  const value = /^Signed-By:[ \t]*(.*(?:\n[ \t].*)*)/im.exec(stanzas[Number(number) - 1] ?? '')?.[1];
  return value?.trim() === '' ? undefined : value?.replace(/\s+$/, '');
}
