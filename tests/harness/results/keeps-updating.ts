import { makeRunDirectory } from '../../../harness/results/run-directory.ts';

// For the test that kills it: a run that has ever more to tell.
const run = await makeRunDirectory(process.argv[2] ?? '', { command: ['run'], config: 'default', guest: 'deterministic', seed: 1 });
for (let index = 0; index < 100_000; index += 1) {
  await run.addScene({ scene: `s${index}`, side: 'base', verdict: { kind: 'fail', reason: 'x'.repeat(500) }, ms: index, dir: `base/s${index}` });
}
