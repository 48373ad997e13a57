import { resolve } from 'node:path';
import t from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import { parseNeeds, readNeeds } from '../../../harness/host/needs.ts';

const root = resolve(import.meta.dirname, '../../..');
const row = 'qemu\trun\tqemu-a qemu-b\t\tdeb\tfed\tarch\talp\tsuse\t\tboots guests';

t.test('the table itself has no mistake and no distribution without a package', async (t) => {
  const needs = await readNeeds(root);
  t.ok(needs.length > 20);
  for (const { id, packages } of needs) for (const [family, name] of Object.entries(packages)) t.match(name, /^[\w.+-]+$/, `${id} on ${family}`);
});

t.test('a row is parted by any number of tabs', async (t) => {
  t.strictSame(parseNeeds(`# id\n\n${row}\n`, 'f'), [
    {
      id: 'qemu',
      group: 'run',
      probes: ['qemu-a', 'qemu-b'],
      packages: { debian: 'deb', fedora: 'fed', arch: 'arch', alpine: 'alp', suse: 'suse' },
      purpose: 'boots guests',
    },
  ]);
});

t.test('all mistakes are told at once, with their lines', async (t) => {
  const text = `${row}\nshort\trun\n${row.replace('run', 'walk').replace('qemu', 'other')}\n${row}\n`;
  try {
    parseNeeds(text, 'needs.tsv');
    t.fail('it was taken');
  } catch (error) {
    if (!(error instanceof DioramaError)) throw error;
    t.equal(error.code, 'bad-file');
    t.strictSame(
      [error.message, ...error.details],
      [
        'needs.tsv:2: 9 fields are expected, parted by tabs, and here are 2',
        'needs.tsv:3: the group is one of start, run, build, check, gdb, not walk',
        'needs.tsv:4: qemu is there twice',
      ],
    );
  }
});
