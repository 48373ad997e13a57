import t from 'tap';
import { agrees, disagreements } from '../../../harness/model/agree.ts';
import { findGeneration } from '../../../harness/model/generations.ts';
import type { Outcome, Step } from '../../../harness/scenario/types.ts';
import { hold, open, openFlagsOf, pwrite, release, sceneOf } from './scenes.ts';

const generation = findGeneration('6.12.64');
if (!generation) throw new Error('no generation');
const saying = (step: Step, expect: Readonly<Record<string, Outcome>>): Step => ({ ...step, expect: new Map(Object.entries(expect)) });
const returns: Outcome = { kind: 'returns' };
const steps = (said: Outcome): Step[] => [
  saying(open('w1'), { w1: returns }), saying(open('w2'), { w2: returns }), openFlagsOf(), saying(open('r'), { r: returns }), hold({ opcode: 'WRITE' }),
  saying(pwrite('w1', 0, 4096), { w1: { kind: 'held' } }), saying(pwrite('w2', 4096, 4096), { w2: said }),
];

t.same(disagreements(sceneOf({}, ...steps({ kind: 'waits', where: 'inode-lock' })), generation), [], 'a right scene');
t.same(disagreements(sceneOf({}, ...steps({ kind: 'held' })), generation), [{
  step: 7, actor: 'w2',
  message: "step 7: the scene says w2's pwrite is held, the model (6.12.64) says it waits for the inode lock: exclusive: caching mode since step 4; the inode lock is held by w1 (caching mode since step 4)",
}]);
const silent = disagreements(sceneOf({}, ...steps({ kind: 'waits' }), release({ by: 'w1' })), generation);
t.same(silent.map((one) => one.actor), ['w1', 'w2'], 'who changes and is not named');
t.match(disagreements(sceneOf({}, release({ by: 'w1' })), generation)[0]?.message, /releases what is parked, the model \(6\.12\.64\) says that 0 requests match/);
t.match(disagreements(sceneOf({}, { ...saying(open('w1'), { w1: returns }), arrives: new Map([['OPEN', 2]]) }), generation)[0]?.message, /2 OPEN arrive, .* says 1/);

t.test('a scene may say less than the model', (t) => {
  const seen: Outcome = { kind: 'returns', value: 4096, sees: 'A*4096' };
  const rows: readonly [said: Outcome, predicted: Outcome, agrees: boolean][] = [
    [returns, seen, true],
    [{ kind: 'returns', sees: 'A' }, seen, true],
    [{ kind: 'returns', sees: 'B' }, seen, false],
    [{ kind: 'returns', value: 100 }, seen, false],
    [{ kind: 'waits' }, { kind: 'waits', where: 'io-mode' }, true],
    [{ kind: 'waits', where: 'fuse_flush' }, { kind: 'waits', where: 'inode-lock' }, true],
    [{ kind: 'waits', where: 'io-mode' }, { kind: 'waits', where: 'inode-lock' }, false],
    [{ kind: 'waits' }, { kind: 'waits', where: 'server' }, false],
    [{ kind: 'any', of: [{ kind: 'held' }, { kind: 'waits' }] }, { kind: 'held' }, true],
    [{ kind: 'raises', signal: 'BUS' }, { kind: 'raises', signal: 'SIGBUS' }, true],
    [{ kind: 'fails', errno: 'EIO' }, returns, false],
  ];
  for (const [said, predicted, right] of rows) t.equal(agrees(said, predicted), right, JSON.stringify([said, predicted]));
  t.end();
});
