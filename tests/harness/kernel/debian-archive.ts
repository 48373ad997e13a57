import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { fileServer, type FileServer } from './file-server.ts';
import { testHost } from './kernel-fixture.ts';

export type TestHost = ReturnType<typeof testHost>;

export interface DebianArchive {
  readonly host: TestHost;
  readonly server: FileServer;
}

/** Why there can be no archive here, as tap's `skip` wants it. */
export const withoutApt = ['apt-get', 'dpkg-deb'].every((name) => (process.env['PATH'] ?? '').split(':').some((dir) => dir && readdirSafe(dir).includes(name)))
  ? false
  : 'there is no apt here';

/** A Debian archive on the loopback device, unsigned, and the setting that names it. */
export async function makeArchive(t: Test): Promise<DebianArchive> {
  const host = testHost(t);
  const server = await fileServer(t);
  setting(t, 'DIORAMA_DEBIAN_MIRROR', `[trusted=yes] ${server.url}/debian`);
  return { host, server };
}

/** An environment variable for as long as the test goes on. */
export function setting(t: Test, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  });
}

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly architecture?: 'all' | 'amd64';
  readonly depends?: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
}

/** Builds a package; @returns its file and its control stanza */
export function makePackage(dir: string, given: Package): { readonly deb: string; readonly control: string } {
  const home = join(dir, `package-${given.name}-${given.version}`);
  for (const [path, content] of Object.entries(given.files)) {
    mkdirSync(dirname(join(home, 'root', path)), { recursive: true });
    writeFileSync(join(home, 'root', path), content);
  }
  mkdirSync(join(home, 'root/DEBIAN'), { recursive: true });
  const control = [
    `Package: ${given.name}`, `Version: ${given.version}`, `Architecture: ${given.architecture ?? 'all'}`, 'Maintainer: nobody <a@localhost>',
    ...(given.depends === undefined ? [] : [`Depends: ${given.depends}`]), 'Description: kernel', '',
  ].join('\n');
  writeFileSync(join(home, 'root/DEBIAN/control'), control);
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', join(home, 'root'), join(home, 'x.deb')], { stdio: 'ignore' });
  return { deb: join(home, 'x.deb'), control };
}

/** Publishes a package in a suite, beside what is there; @returns its path on the server */
export function publishPackage(at: DebianArchive, suite: string, given: Package): string {
  const { deb, control } = makePackage(at.host.dir, given);
  const content = readFileSync(deb);
  const pool = `pool/${given.name}_${given.version.replace(/^\d+:/, '')}_${given.architecture ?? 'all'}.deb`;
  at.server.files.set(`/debian/${pool}`, content);
  const list = `/debian/dists/${suite}/main/binary-amd64/Packages`;
  const before = at.server.files.get(list)?.toString() ?? '';
  publishIndex(at.server, suite, 'main/binary-amd64/Packages', `${before}${control}Filename: ${pool}\nSize: ${String(content.length)}\nSHA256: ${sha256(content)}\n\n`);
  return `/debian/${pool}`;
}

export function publishIndex(server: FileServer, suite: string, name: string, text: string): void {
  server.files.set(`/debian/dists/${suite}/${name}`, Buffer.from(text));
  const head = `Origin: Test\nSuite: ${suite}\nCodename: ${suite}\nDate: ${new Date().toUTCString()}\nArchitectures: amd64\nComponents: main\nSHA256:\n`;
  server.files.set(`/debian/dists/${suite}/Release`, Buffer.from(`${head} ${sha256(Buffer.from(text))} ${String(text.length)} ${name}\n`));
}

/** As if everything was loaded two days ago; `record` is what the cache knows of the kernel, below debian/. */
export function ageArchive(host: TestHost, record: string): void {
  const file = join(host.cache, 'debian', record);
  const known = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...known, checkedAt: Date.now() - 2 * 86_400_000 }));
  const lists = readdirSync(join(host.cache, 'apt')).filter((name) => name !== 'lock');
  for (const name of lists) execFileSync('touch', ['-d', '2 days ago', join(host.cache, 'apt', name, 'loaded')]);
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function readdirSafe(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
