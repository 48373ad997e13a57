/** The words that a line of a program may have, by what the line is (guests/stage/program.h); a `?` may be left out. */
const actionWords: Readonly<Record<string, string>> = {
  hold: 'op? by? ino? fh? off? len?', unhold: 'op? by? ino? fh? off? len?', release: 'op? by? ino? fh? off? len? count? errno? bytes?',
  'open-flags': 'ino open backing? backing_id?', size: 'ino size', change: 'ino off len fill', invalidate: 'ino off len', backing: 'slot size fill ino?',
  'backing-close': 'slot', content: 'ino? slot? off len', abort: '', die: '', 'drop-caches': '', kill: 'actor signal',
};
const callWords: Readonly<Record<string, string>> = {
  open: 'ino flags handle', close: 'handle', fsync: 'handle', fdatasync: 'handle', fstat: 'handle', dup: 'handle copy', setfl: 'handle flags',
  ftruncate: 'handle len', truncate: 'ino len', fallocate: 'handle off len mode', lseek: 'handle off whence', pread: 'handle off len rwf? to?',
  pwrite: 'handle off len fill? rwf? from? fresh?', read: 'handle len', write: 'handle len fill', submit: 'handle through io off len fill?', reap: '',
  copy: 'handle to off to_off len', sendfile: 'handle off len', splice: 'handle off len', 'splice-write': 'handle off len fill',
  mmap: 'handle mapping off? len prot flags', munmap: 'handle off? len?', msync: 'handle flags?', mremap: 'handle len', mprotect: 'handle prot',
  madvise: 'handle flags', load: 'handle off len', store: 'handle off len fill', fork: 'child', exit: '',
};
const itemWords: Readonly<Record<string, string>> = {
  init: 'flags max_write max_pages delay?', file: 'ino name size fill open dir? absent?', actor: 'id name process forked?',
};

/** What is wrong with a line of a program: a word too many or too few, or a value that is no number. */
export function strangeIn(line: string): string | undefined {
  const [item = '', ...rest] = line.split(' ');
  if (/^(program 1|end|)$/.test(line)) return undefined;
  const given = new Map(rest.map((text): [string, string] => [text.split('=')[0] ?? '', text.slice(text.indexOf('=') + 1)]));
  const wanted = item === 'step' ? stepWords(given) : itemWords[item];
  if (wanted === undefined) return `no item: ${line}`;
  const known = wanted.split(' ').filter(Boolean);
  const named = new Set(known.map((word) => word.replace('?', '')));
  const missing = known.find((word) => !word.endsWith('?') && !given.has(word));
  const strange = [...given.keys()].find((word) => !named.has(word));
  const wordy = [...given].find(([word, value]) => !/^(name|do|call)$/.test(word) && !/^(-?\d+|0x[0-9a-f]+)$/.test(value));
  return missing ?? strange ?? wordy?.join('=');
}

function stepWords(given: ReadonlyMap<string, string>): string | undefined {
  const call = given.get('call');
  if (given.get('do') !== 'order') return actionWords[given.get('do') ?? ''] === undefined ? undefined : `n join? do ${actionWords[given.get('do') ?? '']}`;
  return callWords[call ?? ''] === undefined ? undefined : `n join? do actor call ${callWords[call ?? '']}`;
}
