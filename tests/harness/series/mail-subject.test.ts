import fc from 'fast-check';
import t from 'tap';
import { parseSubject } from '../../../harness/series/mail-subject.ts';

const cases: readonly (readonly [string, ReturnType<typeof parseSubject>])[] = [
  ['[PATCH] fuse: x', { title: 'fuse: x', reply: false, version: 1 }],
  ['[PATCH 2/5] fuse: x', { title: 'fuse: x', reply: false, version: 1, place: { n: 2, of: 5 } }],
  ['[PATCH v3 02/12] fuse: x', { title: 'fuse: x', reply: false, version: 3, place: { n: 2, of: 12 } }],
  ['[PATCHv2 1/2] fuse: x', { title: 'fuse: x', reply: false, version: 2, place: { n: 1, of: 2 } }],
  ['[RFC PATCH net-next v10 0/3] a cover', { title: 'a cover', reply: false, version: 10, place: { n: 0, of: 3 } }],
  ['[v2,5/5] fuse: introduce inode io modes', { title: 'fuse: introduce inode io modes', reply: false, version: 2, place: { n: 5, of: 5 } }],
  ['[f2fs-dev] [PATCH 6.12.y 1/2] x', { title: 'x', reply: false, version: 1, place: { n: 1, of: 2 } }],
  ['Re: [PATCH 1/2] x', { title: 'x', reply: true, version: 1, place: { n: 1, of: 2 } }],
  ['[EXTERNAL] AW: Re[2]: [PATCH 1/2] x', { title: 'x', reply: true, version: 1, place: { n: 1, of: 2 } }],
  ['[PATCH 1 of 3] x', { title: 'x', reply: false, version: 1, place: { n: 1, of: 3 } }],
  ['[PATCH 3.5/7] x', { title: 'x', reply: false, version: 1 }],
  ['[PATCH] [media] x', { title: '[media] x', reply: false, version: 1 }],
  ['fuse: 1/2 of the work', { title: 'fuse: 1/2 of the work', reply: false, version: 1 }],
  ['[PATCH]x (v4)', { title: 'x (v4)', reply: false, version: 4 }],
  ['Return: an errno', { title: 'Return: an errno', reply: false, version: 1 }],
  ['', { title: '', reply: false, version: 1 }],
];

t.test('subjects are read as the tools and people of the list write them', async (t) => {
  for (const [subject, expected] of cases) t.same(parseSubject(subject), expected, subject);
});

t.test('no subject is too strange', async (t) => {
  const piece = fc.constantFrom('[', ']', 'PATCH', 'v2', '1/2', 'Re:', ' ', 'x', '0/0', ',', '😀');
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => parseSubject(pieces.join('')).version >= 0)));
});
