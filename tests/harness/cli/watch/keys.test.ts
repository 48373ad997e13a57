import t from 'tap';
import { readKeys } from '../../../../harness/cli/watch/keys.ts';

t.test('keys are commands, and after a slash they are a name', async (t) => {
  t.same(readKeys('qarn', undefined).map(({ kind }) => kind), ['quit', 'all', 'again', 'next']);
  t.same(readKeys('3', undefined), [{ kind: 'pick', number: 3 }]);
  t.same(readKeys('j\u001b[A\u001b[6~', undefined), [{ kind: 'scroll', lines: 1 }, { kind: 'scroll', lines: -1 }, { kind: 'scroll', lines: 10 }]);
  t.same(readKeys('/qa*\r', undefined).at(-1), { kind: 'choose', pattern: 'qa*' }, 'a q in a name ends nothing');
  t.same(readKeys('b\u007f\u007f', 'a').at(-1), { kind: 'type', typed: '' });
  t.same(readKeys('\u001b', 'abc'), [{ kind: 'type', typed: undefined }]);
  t.same(readKeys('\r', ''), [{ kind: 'type', typed: undefined }]);
  t.same(readKeys('\u0003', 'abc'), [{ kind: 'interrupt' }], 'Ctrl-C is one everywhere');
  t.same(readKeys('\u001b[200~\u009b;ä\u0007', undefined), [], 'what means nothing does nothing');
});
