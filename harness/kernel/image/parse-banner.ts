/** What a built kernel says of itself. */
export interface Banner {
  /** As uname -r says it: `6.1.0-56-amd64`. */
  readonly release: string;
  /** The version that it really is, which a distribution's release may hide: `6.1.192`. */
  readonly version: string;
  /** `gcc (Debian 12.2.0-14) 12.2.0`, as far as the banner has it. */
  readonly compiler?: string;
}

/**
 * Reads the banner of a kernel: linux_banner (init/version-timestamp.c), or the words that the head of a bzImage has. Debian puts the version
 * of its package there (`Debian 6.1.192-2`), Ubuntu that of its base (`(Ubuntu 6.8.0-45.45-generic 6.8.12)`); of others the release tells it.
 * @returns undefined when it is no banner
 */
export function parseBanner(text: string): Banner | undefined {
  const [release] = /^(?=\d+\.\d+)[\w.+~-]{3,64}/.exec(text.replace(/^Linux version /, '')) ?? [];
  if (release === undefined) return undefined;
  const packaged = /\bDebian (\d+\.\d+(?:\.\d+)?(?:~rc\d+)?)\S*/.exec(afterCompiler(text))?.[1]?.replace('~', '-');
  const ofUbuntu = /\(Ubuntu \S+ (\d+\.\d+\.\d+)\)/.exec(text)?.[1];
  const version = packaged ?? ofUbuntu ?? /^\d+\.\d+(?:\.\d+)?(?:-rc\d+)?/.exec(release)?.[0] ?? release;
  const [, compiler] = /^Linux version \S+ \(\S+\) \((.+?)(?:, (?:GNU ld|LLD)|\) #)/.exec(text) ?? [];
  return { release, version, ...(compiler === undefined ? {} : { compiler }) };
}

/** The compiler's own version may name Debian too: only what follows the build's number counts. */
function afterCompiler(text: string): string {
  const at = text.lastIndexOf(' #');
  return at < 0 ? '' : text.slice(at);
}

/** The banner in an ELF vmlinux; a kernel also has the format string of it, which names no number. */
export function bannerIn(vmlinux: Buffer): string | undefined {
  const start = Buffer.from('Linux version ');
  for (let at = vmlinux.indexOf(start); at >= 0; at = vmlinux.indexOf(start, at + start.length)) {
    const text = vmlinux.toString('latin1', at, at + 512);
    const end = text.search(/[\n\0]/);
    if (/^Linux version \d+\.\d+/.test(text) && end > 0 && / #\d/.test(text.slice(0, end))) return text.slice(0, end);
  }
  return undefined;
}
