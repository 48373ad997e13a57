import fc from 'fast-check';
import t from 'tap';
import { orderPatches, type PostedMail } from '../../../harness/series/order-patches.ts';

interface Given {
  readonly subject: string;
  readonly id?: string;
  readonly parents?: readonly string[];
  readonly holdsDiff?: boolean;
  readonly digest?: string;
}

function mailbox(mails: readonly Given[]): PostedMail[] {
  return mails.map((mail, at) => ({ number: at + 1, id: `m${at + 1}`, parents: [], holdsDiff: true, digest: `d${at}`, ...mail }));
}

function subjects(mails: readonly Given[]): { order: string[]; notes: readonly string[]; problems: readonly string[] } {
  const { patches, notes, problems } = orderPatches(mailbox(mails));
  return { order: patches.map(({ subject }) => subject), notes, problems };
}

const cover = { subject: '[PATCH 0/3] all', id: 'c', holdsDiff: false };
const three = [1, 2, 3].map((n) => ({ subject: `[PATCH ${n}/3] p${n}`, id: `p${n}`, parents: ['c'] }));
const inOrder = three.map(({ subject }) => subject);

t.test('the numbers decide; cover letter, replies and mails without a diff are no patches', async (t) => {
  const reply = { subject: 'Re: [PATCH 2/3] p2', id: 'r', parents: ['p2'] };
  const chat = { subject: 'ping', id: 'q', parents: ['p2'], holdsDiff: false };
  const got = subjects([three[2]!, reply, three[0]!, cover, chat, three[1]!]);
  t.same(got, { order: inOrder, notes: [], problems: [] });
});

t.test('two mails with one Message-ID, or with one diff, count once', async (t) => {
  const copy = { ...three[0]!, id: 'p1' };
  const resent = { ...three[1]!, id: 'other', digest: 'same' };
  const got = subjects([three[0]!, copy, { ...three[1]!, digest: 'same' }, resent, three[2]!]);
  t.same(got, { order: inOrder, notes: [], problems: [] });
});

t.test('of two versions in one thread the newest is taken, and a note says so', async (t) => {
  const v2 = [1, 2].map((n) => ({ subject: `[PATCH v2 ${n}/2] q${n}`, id: `v2p${n}`, parents: ['c'] }));
  const got = subjects([cover, ...v2, ...three]);
  t.same(got.order, v2.map(({ subject }) => subject));
  t.same(got.problems, []);
  t.match(got.notes, ['v2 is the newest version and is taken; left out: v1 (mails 4, 5, 6)']);
});

t.test('two versions in threads of their own are told by a title they share', async (t) => {
  const v2 = three.map(({ subject }, at) => ({ subject: subject.replace('PATCH', 'PATCH v2'), id: `v2p${at}`, parents: ['c2'] }));
  const got = subjects([...three, ...v2]);
  t.same(got.order, v2.map(({ subject }) => subject));
});

t.test('a single patch sent again replaces its number only', async (t) => {
  const again = { subject: '[PATCH v2 2/3] p2', id: 'again', parents: ['p2'] };
  const got = subjects([cover, ...three, again]);
  t.same(got.order, [inOrder[0], again.subject, inOrder[2]]);
  t.same(got.problems, []);
  t.match(got.notes.join(), /v2 posts only 2\/3 again/);
});

t.test('a missing number is named, and so is the mail that lost its diff', async (t) => {
  const lost = { ...three[1]!, holdsDiff: false };
  t.match(subjects([three[0]!, three[2]!]).problems, [/missing from the series: 2\/3$/]);
  t.match(subjects([three[0]!, lost, three[2]!]).problems, [/missing from the series: 2\/3 \(mail 2 .* holds no diff\)/]);
});

t.test('a single mail may be part of a series', async (t) => {
  t.same(subjects([three[1]!]), { order: [inOrder[1]], notes: [], problems: [] });
});

t.test('two different mails for one place are refused', async (t) => {
  t.match(subjects([cover, ...three, { ...three[1]!, id: 'x', digest: 'x' }]).problems, [/mail 3 .* and mail 5 .* are two patches for one place/]);
});

t.test('one version posted twice is refused', async (t) => {
  const again = three.map((mail, at) => ({ ...mail, id: `x${at}`, digest: `x${at}`, parents: ['c9'] }));
  t.match(subjects([...three, ...again]).problems, [/version 1 is there twice: mails 1, 2, 3, and mails 4, 5, 6/]);
});

t.test('unnumbered patches keep the order of the mailbox, and the newest version of each is taken', async (t) => {
  const got = subjects([{ subject: '[PATCH] b' }, { subject: '[PATCH] a' }, { subject: '[PATCH v2] b' }]);
  t.same(got.order, ['[PATCH] a', '[PATCH v2] b']);
});

t.test('a patch somebody proposes in the thread of a series is left out, with a note', async (t) => {
  const got = subjects([cover, ...three, { subject: '[PATCH] rather so', id: 'aside', parents: ['p2'] }]);
  t.same(got.order, inOrder);
  t.match(got.notes, [/mail 5 "\[PATCH\] rather so": .* left out/]);
});

t.test('two series in one mailbox are taken one after the other', async (t) => {
  const other = [2, 1].map((n) => ({ subject: `[PATCH v4 ${n}/2] other${n}`, id: `o${n}`, parents: ['oc'] }));
  const got = subjects([...other, ...three]);
  t.same(got.order, ['[PATCH v4 1/2] other1', '[PATCH v4 2/2] other2', ...inOrder]);
  t.match(got.notes, [/2 series/]);
});

t.test('the order of the mails has no say in the order of the patches', async (t) => {
  const v1 = [1, 2, 3, 4].map((n) => ({ subject: `[PATCH ${n}/4] t${n}`, id: `a${n}`, parents: ['ca'] }));
  const v3 = [1, 2, 3, 4, 5].map((n) => ({ subject: `[PATCH v3 ${n}/5] t${n}`, id: `b${n}`, parents: n === 1 ? ['ca'] : ['b1'] }));
  const rest = [{ subject: '[PATCH v3 0/5] c', id: 'cb', holdsDiff: false }, { subject: 'Re: [PATCH v3 2/5] t2', id: 'r', parents: ['b2'] }];
  const all = [...v1, ...v3, ...rest];
  t.doesNotThrow(() => fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (mails) => {
      const { order, problems } = subjects(mails);
      return problems.length === 0 && order.join() === v3.map(({ subject }) => subject).join();
    }),
  ));
});

t.test('whatever the mails say, a patch is taken once and never invented', async (t) => {
  const tag = fc.constantFrom('', '[PATCH]', '[PATCH 1/2]', '[PATCH 2/2]', '[PATCH v2 1/2]', '[PATCH 0/2]', 'Re:', '[PATCH 9/2]', '[PATCH 1/9999]');
  const one = fc.record({
    subject: fc.tuple(tag, fc.constantFrom(' a', ' b', '')).map((parts) => parts.join('')),
    id: fc.constantFrom('', 'x', 'y', 'z'),
    parents: fc.subarray(['x', 'y', 'z', 'w']),
    holdsDiff: fc.boolean(),
    digest: fc.constantFrom('1', '2'),
  });
  t.doesNotThrow(() => fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (mails) => {
      const given = mailbox(mails);
      const { patches } = orderPatches(given);
      return new Set(patches).size === patches.length && patches.every((patch) => given.includes(patch) && patch.holdsDiff);
    }),
  ));
});
