import t from 'tap';
import { missingWitness } from '../../../harness/judge/find-witness.ts';
import { parseTrace } from '../../../harness/judge/parse-trace.ts';
import { rules, type Witness } from '../../../harness/model/rules.ts';
import { renumbered, sceneOf } from './played.ts';
import { arrive, back, reply, write } from './synthetic.ts';

/** What is missing in these events for a scene that covers these rules. */
function missing(covers: readonly string[], events: readonly string[]): string | undefined {
  const trace = parseTrace(renumbered(events.map((event) => `{"n":0,"t":1,${event}}`)));
  if (trace.damage !== undefined) throw new Error(trace.damage);
  return missingWitness({ ...sceneOf('parallel-writes-meet'), covers }, trace.events);
}

const sleep = (state: string, stack: string, kind = 'sleep'): string => `"e":"${kind}","step":1,"who":"w","state":"${state}","in":"${stack.split(' ')[0] ?? ''}","stack":"${stack}"`;
const held = write(12, 'w1', {});
const writeBack = arrive(12, 'WRITE', ',"fh":1,"off":0,"len":4096,"cached":1,"data":"A*4096"');
const backing = (ret: number): string => `"e":"backing","step":1,"ret":${ret}${ret < 0 ? ',"errno":"EPERM"' : ''}`;
const failing = (call: string, errno: string): string => back(1, 'w', `${call} -1`, `,"errno":"${errno}"`);

/** For each witness: a rule that asks for it, what is said when it is missing, traces that show it, and those that only look so. */
const cases: Readonly<Record<Witness, { readonly rule: string; readonly lacks: string; readonly shown: readonly (readonly string[])[]; readonly not: readonly (readonly string[])[] }>> = {
  'mode-wait': {
    rule: 'wait.mmap', lacks: 'nobody ever waited for caching mode',
    shown: [[sleep('D', 'fuse_file_cached_io_open')], [sleep('D', 'schedule fuse_file_cached_io_open fuse_file_mmap')], [sleep('S', 'fuse_file_cached_io_open')]],
    not: [[], [sleep('D', 'fuse_file_write_iter')], [sleep('S', 'request_wait_answer fuse_send_open')], [sleep('D', 'fuse_file_cached_io_open', 'stuck')]],
  },
  'lock-wait': {
    rule: 'write.no-flag', lacks: 'nobody ever waited for the inode lock',
    shown: [[sleep('D', 'fuse_file_write_iter vfs_write')], [sleep('D', 'fuse_flush filp_close')]],
    not: [[], [sleep('D', 'fuse_file_cached_io_open')], [sleep('S', 'fuse_file_write_iter')], [sleep('S', 'request_wait_answer fuse_file_write_iter')]],
  },
  'writes-meet': {
    rule: 'write.parallel', lacks: 'no two direct writes of an inode were ever at the server at once',
    shown: [[held, write(14, 'w2', { off: 4096 })], [held, reply(12), write(14, 'w1', {}), write(16, 'w2', {}), reply(14)], [held, arrive(13, 'READ', ''), reply(13), write(14, 'w2', {})]],
    not: [
      [], [held], [held, reply(12), write(14, 'w2', {})], [held, write(14, 'w2', {}).replace('"ino":2', '"ino":3')], [held, writeBack.replace('"req":12', '"req":14')],
      [writeBack, write(14, 'w2', {})], [held, arrive(14, 'READ', ',"off":0,"len":4096')],
    ],
  },
  'write-back': {
    rule: 'mmap.write-back', lacks: 'nothing was ever written back from the page cache',
    shown: [[writeBack], [held, reply(12), writeBack]],
    not: [[], [held], [writeBack.replace('WRITE', 'READ')]],
  },
  backing: {
    rule: 'open.passthrough', lacks: 'the kernel never took a backing file',
    shown: [[backing(1)], [backing(-1), backing(2)]],
    not: [[], [backing(-1)], [backing(0)], ['"e":"invalidated","step":1,"ret":1']],
  },
  refused: {
    rule: 'open.refusal', lacks: 'no open was ever refused with EIO',
    shown: [[failing('open', 'EIO')], [back(1, 'w', 'open'), failing('open', 'EIO')]],
    not: [[], [back(1, 'w', 'open')], [failing('open', 'EPERM')], [failing('pread', 'EIO')]],
  },
};

for (const [witness, { rule, lacks, shown, not }] of Object.entries(cases)) {
  t.test(`${witness} is seen where it is and missed where it is not`, async (t) => {
    t.equal(rules.get(rule)?.witness, witness, `${rule} asks for it`);
    for (const events of shown) t.equal(missing([rule], events), undefined, events.join('; '));
    for (const events of not) t.equal(missing([rule], events), `it says that it protects ${rule}, and ${lacks}`, events.join('; '));
  });
}

t.test('every rule of a scene is looked at, and the first without its witness is named', async (t) => {
  t.match(missing(['mmap.write-back', 'write.no-flag', 'wait.mmap'], [writeBack]), /protects write\.no-flag/);
  t.match(missing(['write.no-flag', 'open.refusal', 'write.append'], [sleep('D', 'fuse_file_write_iter')]), /protects open\.refusal/);
  t.equal(missing(['write.no-flag', 'write.append'], [sleep('D', 'fuse_file_write_iter')]), undefined, 'one sleep serves them both');
});

t.test('a rule that has no witness asks for none, nor does a scene without rules', async (t) => {
  t.equal(rules.get('leak.failed')?.witness, undefined);
  t.equal(missing(['leak.failed'], []), undefined);
  t.equal(missing([], []), undefined);
});
