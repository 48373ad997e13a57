import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { diorama, runJson } from '../engine/run-diorama.ts';

/** Whose calls a part of a scene tells, and what the trace has under each of its steps. */
const parts = ['orders-of-mmaps-and-writes.3', 'cost-of-writers'];

await t.test('show tells the steps of an order and of a measure as they were played', async (t) => {
  const results = t.testdir();
  const { record, dir } = await runJson(results, parts.flatMap((name) => ['--scenario', name]));
  t.strictSame(record.scenes.map(({ scene }) => scene).sort(), [...parts].sort());
  for (const name of parts) {
    const shown = await diorama(['show', `latest/${name}`, '--results', results, '--verbose']);
    t.equal(shown.exitCode, 0, shown.stderr);
    let [who, call, told] = ['', '', 0];
    for (const line of shown.stdout.split('\n')) {
      const step = /^step \d+ {2}(?:(\w+): (\w+))?/.exec(line);
      if (step) [who, call] = [step[1] ?? '', step[2] ?? ''];
      const event = /^ +-?\d+\.\d{3} {2}(\w+) +(\w+)(?: |$)/.exec(line);
      if (!event || event[1] !== who || event[2] !== call) continue;
      told++;
      [who, call] = ['', ''];
    }
    t.ok(told > 5, `${told} calls of ${name} stand under the step that tells of them`);
    t.equal(who, '', 'no step tells of a call that is not there');
  }

  await rm(join(dir, record.scenes[0]?.dir ?? '', 'scenario.yaml'));
  const gone = await diorama(['show', `latest/${record.scenes[0]?.scene}`, '--results', results]);
  t.equal(gone.exitCode, 2, gone.stderr);
  t.match(gone.stderr, /scenario\.yaml: the scene's own file cannot be read/);
});
