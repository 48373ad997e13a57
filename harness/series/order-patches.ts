import { printable } from '../printable.ts';
import { parseSubject, type SubjectTag } from './mail-subject.ts';

/** What the order of a posted series is told from. */
export interface PostedMail {
  /** Position in the mailbox, from 1. */
  readonly number: number;
  readonly subject: string;
  /** Message-ID without its angle brackets; empty when there is none. */
  readonly id: string;
  /** Message-IDs of In-Reply-To and References. */
  readonly parents: readonly string[];
  readonly holdsDiff: boolean;
  /** Same for the same diff. */
  readonly digest: string;
}

export interface OrderedMails<M extends PostedMail> {
  readonly patches: readonly M[];
  /** What was chosen or left out, and why. */
  readonly notes: readonly string[];
  /** Why this is no whole series; nothing may be applied when there is one. */
  readonly problems: readonly string[];
}

interface Tagged<M> extends SubjectTag {
  readonly mail: M;
  readonly thread: string;
}

/** What was posted as one version of one series. */
interface Posting<M> {
  readonly version: number;
  readonly of: number;
  readonly mails: readonly Tagged<M>[];
  readonly threads: ReadonlySet<string>;
  readonly titles: ReadonlySet<string>;
}

/**
 * Puts the mails of a mailbox in the order they are applied. Replies, cover letters and mails without a diff are no patches, copies
 * of a mail count once. Numbered patches are grouped by version and total; of the versions of one series (same thread, or a title
 * in common) the newest is taken, and a re-roll of single patches takes the rest from the version before. Several series in one
 * mailbox, and patches without a number, keep the order of the mailbox. A number that is missing is a problem, but not of a single
 * mail.
 */
export function orderPatches<M extends PostedMail>(mails: readonly M[]): OrderedMails<M> {
  const notes: string[] = [];
  const problems: string[] = [];
  const threadOf = threadsOf(mails);
  const posted = withoutCopies(mails)
    .map((mail) => ({ mail, thread: threadOf(mail), ...parseSubject(mail.subject) }))
    .filter(({ reply }) => !reply);
  const patches = withoutAsides(posted.filter(({ mail, place }) => mail.holdsDiff && place?.n !== 0), notes);
  const series = familiesOf(groupPostings(patches, posted)).map((family) => newestOf(family, notes, problems));
  if (mails.length > 1) for (const posting of series) reportGaps({ posting, posted, problems });
  series.sort((a, b) => firstMail(a) - firstMail(b));
  if (series.length > 1 && series.some(({ of }) => of > 1)) notes.push(`${series.length} series in one mailbox: one after the other, as they stand in it`);
  return { patches: series.flatMap(inOrder).map(({ mail }) => mail), notes, problems };
}

/** The thread of each mail, named by the smallest Message-ID in it so that the order of the mails has no say. */
function threadsOf(mails: readonly PostedMail[]): (mail: PostedMail) => string {
  const above = new Map<string, string>();
  const root = (id: string): string => {
    let at = id;
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next;
    return at;
  };
  const own = ({ id, number }: PostedMail): string => id || `mail ${number}`;
  for (const mail of mails) {
    for (const parent of mail.parents) {
      const [low, high] = [root(own(mail)), root(parent)].sort();
      if (low !== undefined && high !== undefined && low !== high) above.set(high, low);
    }
  }
  return (mail) => root(own(mail));
}

/** A list's copy and a personal one have one Message-ID; an archive may have given one of them another. */
function withoutCopies<M extends PostedMail>(mails: readonly M[]): M[] {
  const seen = new Set<string>();
  return mails.filter(({ id, subject, digest, holdsDiff }) => {
    const keys = [...(id === '' ? [] : [`id ${id}`]), ...(holdsDiff ? [`diff ${subject} ${digest}`] : [])];
    const known = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return !known;
  });
}

/** "How about this instead?": an unnumbered patch in the thread of a numbered series, unless it is a newer version. */
function withoutAsides<M extends PostedMail>(patches: readonly Tagged<M>[], notes: string[]): Tagged<M>[] {
  const numbered = patches.filter(({ place }) => place !== undefined);
  return patches.filter(({ mail, place, thread, version }) => {
    const aside = place === undefined && numbered.some((other) => other.thread === thread && other.version >= version);
    if (aside) notes.push(`${nameOf(mail)}: a patch without a number in the thread of a numbered series: left out`);
    return !aside;
  });
}

/** Same version and total is one posting, or one for each thread when two mails want one place. An unnumbered patch is alone. */
function groupPostings<M extends PostedMail>(patches: readonly Tagged<M>[], posted: readonly Tagged<M>[]): Posting<M>[] {
  const groups = groupBy(patches, ({ version, place, title }) => `${version} ${place?.of ?? `unnumbered ${title}`}`);
  const parts = groups.flatMap((group) => (clashes(group).length > 0 ? groupBy(group, ({ thread }) => thread) : [group]));
  return parts.map((mails) => {
    const threads = new Set(mails.map(({ thread }) => thread));
    const { version, place } = mails[0] ?? { version: 1 };
    const covers = posted.filter((one) => one.place?.n === 0 && one.version === version && one.place.of === place?.of && threads.has(one.thread));
    return { version, of: place?.of ?? 1, mails, threads, titles: new Set([...mails, ...covers].map(({ title }) => title.toLowerCase())) };
  });
}

/** Postings of one series: in one thread, or with a title in common, be it over others. Unnumbered ones only by title. */
function familiesOf<M extends PostedMail>(postings: readonly Posting<M>[]): Posting<M>[][] {
  let families: Posting<M>[][] = [];
  for (const posting of postings) {
    const [kin, others] = [[] as Posting<M>[][], [] as Posting<M>[][]];
    for (const family of families) (family.some((other) => related(other, posting)) ? kin : others).push(family);
    families = [...others, [...kin.flat(), posting]];
  }
  return families;
}

function related(a: Posting<PostedMail>, b: Posting<PostedMail>): boolean {
  const loose = [a, b].every(({ mails }) => mails.every(({ place }) => place === undefined));
  return [...a.titles].some((title) => title !== '' && b.titles.has(title)) || (!loose && [...a.threads].some((thread) => b.threads.has(thread)));
}

function newestOf<M extends PostedMail>(family: readonly Posting<M>[], notes: string[], problems: string[]): Posting<M> {
  const [newest, ...older] = [...family].sort((a, b) => b.version - a.version || firstMail(a) - firstMail(b));
  if (newest === undefined) throw new Error('a family has a member');
  const twin = older.find(({ version }) => version === newest.version);
  if (twin) problems.push(`version ${newest.version} is there twice: ${mailsOf(newest)}, and ${mailsOf(twin)}`);
  for (const [a, b] of clashes(newest.mails)) problems.push(`${nameOf(a.mail)} and ${nameOf(b.mail)} are two patches for one place`);
  const whole = older.length === 0 || twin ? newest : reRoll(newest, older);
  const left = older.filter(({ version, mails }) => version < newest.version && !mails.some((tagged) => whole.mails.includes(tagged)));
  const versions = left.map((posting) => `v${posting.version} (${mailsOf(posting)})`);
  if (versions.length > 0) notes.push(`v${newest.version} is the newest version and is taken; left out: ${versions.join(', ')}`);
  if (whole !== newest) {
    const again = inOrder(newest).map(({ place }) => `${place?.n}/${newest.of}`);
    notes.push(`v${newest.version} posts only ${again.join(', ')} again: the rest is taken from the version before`);
  }
  return whole;
}

/** Single patches sent again as answers to the version before, as b4 understands them: same thread, same total, some numbers missing. */
function reRoll<M extends PostedMail>(newest: Posting<M>, older: readonly Posting<M>[]): Posting<M> {
  const before = older.find(({ of, threads }) => of === newest.of && [...newest.threads].every((thread) => threads.has(thread)));
  const have = new Set(newest.mails.map(({ place }) => place?.n));
  if (!before || have.size >= newest.of || clashes(before.mails).length > 0) return newest;
  return { ...newest, mails: [...newest.mails, ...before.mails.filter(({ place }) => !have.has(place?.n))] };
}

function reportGaps<M extends PostedMail>(given: {
  readonly posting: Posting<M>;
  readonly posted: readonly Tagged<M>[];
  readonly problems: string[];
}): void {
  const { of, version, mails } = given.posting;
  const have = new Set(mails.map(({ place }) => place?.n ?? 1));
  for (const n of have) if (n > of) given.problems.push(`a patch says it is ${n}/${of}`);
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter((n) => !have.has(n));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 20).map((n) => {
    const empty = given.posted.find((one) => one.version === version && one.place?.n === n && one.place.of === of);
    return empty ? `${n}/${of} (${nameOf(empty.mail)} holds no diff)` : `${n}/${of}`;
  });
  given.problems.push(`missing from the series: ${shown.join(', ')}${missing.length > 20 ? ', …' : ''}`);
}

function clashes<M>(mails: readonly Tagged<M>[]): (readonly [Tagged<M>, Tagged<M>])[] {
  return groupBy(mails, ({ place }) => String(place?.n ?? 1)).flatMap(([a, b]) => (a && b ? [[a, b] as const] : []));
}

function inOrder<M>({ mails }: Posting<M>): Tagged<M>[] {
  return [...mails].sort((a, b) => (a.place?.n ?? 1) - (b.place?.n ?? 1));
}

function firstMail({ mails }: Posting<PostedMail>): number {
  return Math.min(...mails.map(({ mail }) => mail.number));
}

function mailsOf(posting: Posting<PostedMail>): string {
  const numbers = posting.mails.map(({ mail }) => mail.number).sort((a, b) => a - b);
  return `${numbers.length === 1 ? 'mail' : 'mails'} ${numbers.join(', ')}`;
}

function nameOf({ number, subject }: PostedMail): string {
  return `mail ${number} "${printable(subject, 80)}"`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
