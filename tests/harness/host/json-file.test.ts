import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { readJson, writeJson } from '../../../harness/host/json-file.ts';

t.test('many writers of one file at once, of one process too, leave it whole and nothing else', async (t) => {
  const dir = t.testdir();
  const file = join(dir, 'new/record.json');
  await Promise.all(Array.from({ length: 20 }, (_, at) => writeJson(file, { at })));
  t.match(await readJson(file, z.object({ at: z.number() })), { at: Number });
  t.same(readdirSync(join(dir, 'new')), ['record.json']);
});

t.test('one that is missing, damaged or of another shape is not there', async (t) => {
  const dir = t.testdir({ cut: '{"at": 1', other: '{"to": 1}' });
  for (const name of ['none', 'cut', 'other']) t.equal(await readJson(join(dir, name), z.object({ at: z.number() })), undefined);
});

t.test('a write that fails leaves nothing behind', async (t) => {
  const dir = t.testdir({ taken: { file: '' } });
  await t.rejects(writeJson(join(dir, 'taken'), 1));
  t.same(readdirSync(dir), ['taken']);
});
