import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Colours } from '../../../harness/cli/colours.ts';
import { coloursFor } from '../../../harness/cli/colours.ts';
import { describeHealth, doctor } from '../../../harness/cli/doctor.ts';
import type { Health } from '../../../harness/host/health.ts';
import type { Host } from '../../../harness/host/host.ts';
import type { Need } from '../../../harness/host/needs.ts';

const plain: Colours = coloursFor({ isTTY: false });
const packages = { debian: 'deb', fedora: 'fed', arch: 'arc', alpine: 'alp', suse: 'sus' };
const need = (id: string, group: Need['group']): Need => ({ id, group, probes: [id], packages, purpose: `does ${id}` });

const healthy: Health = {
  distribution: { name: 'Some Debian', family: 'debian' },
  needs: [
    { need: need('make', 'run'), found: { path: '/bin/make', version: '4.4' } },
    { need: need('a-long-name', 'run'), found: { path: '/usr/include/x.h' } },
  ],
  accelerators: [
    { accelerator: 'kvm', works: false, reason: 'there is no /dev/kvm', ms: 1 },
    { accelerator: 'tcg', works: true, reason: 'booted a guest', ms: 120 },
  ],
  memory: { totalBytes: 8 * 2 ** 30, availableBytes: 4 * 2 ** 30 },
  cache: { path: '/cache', writable: true, freeBytes: 9 * 2 ** 30 },
  ok: true,
};

t.test('every need is a row and the columns stand under one another', async (t) => {
  t.strictSame(describeHealth(healthy, plain), [
    'make         ok  4.4           /bin/make',
    'a-long-name  ok                /usr/include/x.h',
    'kvm          no                there is no /dev/kvm',
    'tcg          ok  120 ms        booted a guest',
    'memory       ok  8.0 GiB       4.0 GiB available',
    'cache        ok  9.0 GiB free  /cache',
    '',
    'Without KVM the parallel guest runs under TCG; the deterministic one always does.',
    'Everything that a run needs is there.',
  ]);
});

t.test('what is missing is named with its purpose, its package and the line to copy', async (t) => {
  const text = describeHealth(
    { ...healthy, ok: false, needs: [{ need: need('flex', 'run') }], packageLine: 'apt-get install deb' },
    plain,
  ).join('\n');
  t.match(text, /^flex {4}missing {16}does flex: package deb$/m);
  t.match(text, /This machine is not ready\.\nInstall what is missing:\n {4}apt-get install deb$/m);
  t.notMatch(text, /Everything/);
});

t.test('a TCG that fails is called broken, since it is the control', async (t) => {
  const broken = { accelerator: 'tcg', works: false, reason: 'exploded', ms: 5 } as const;
  t.match(describeHealth({ ...healthy, ok: false, accelerators: [broken] }, plain).join('\n'), /^tcg +broken +exploded$/m);
});

t.test('a cache without room for a kernel is told', async (t) => {
  const text = describeHealth({ ...healthy, cache: { path: '/cache', writable: true, freeBytes: 1 } }, plain).join('\n');
  t.match(text, /The cache is short of room/);
});

t.test('colours are for terminals, unless NO_COLOR is set', async (t) => {
  const before = { NO_COLOR: process.env['NO_COLOR'], TERM: process.env['TERM'] };
  t.teardown(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
  process.env['TERM'] = 'xterm';
  Reflect.deleteProperty(process.env, 'NO_COLOR');
  t.equal(coloursFor({ isTTY: true }).good('x'), '\u001b[32mx\u001b[0m');
  t.equal(coloursFor({}).good('x'), 'x');
  process.env['NO_COLOR'] = '1';
  t.equal(coloursFor({ isTTY: true }).good('x'), 'x');
});

t.test('doctor looks at the machine: JSON is one document, and a missing program is 69', async (t) => {
  const row = (id: string, group: string, probe: string): string => [id, group, probe, 'deb', 'fed', 'arc', 'alp', 'sus', 'why'].join('\t');
  const root = t.testdir({
    harness: { host: { 'needs.tsv': `${row('sh', 'run', 'sh')}\n${row('nothing', 'check', 'no-such-program')}\n` } },
    'os-release': 'PRETTY_NAME="Fedora of the test"\nID=fedora\n',
  });
  const before = process.env['DIORAMA_OS_RELEASE'];
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, 'DIORAMA_OS_RELEASE');
    else process.env['DIORAMA_OS_RELEASE'] = before;
  });
  process.env['DIORAMA_OS_RELEASE'] = join(root, 'os-release');
  const host: Host = { cache: join(root, 'cache'), root, emit: () => undefined, signal: new AbortController().signal, jobs: 1 };
  let text = '';
  const stdout = { write: (more: string) => (text += more) };

  t.equal(await doctor(host, { json: true, stdout }), 0, 'what only check uses may be absent');
  t.match(JSON.parse(text), {
    ok: true,
    distribution: 'Fedora of the test',
    needs: [{ id: 'sh', found: true }, { id: 'nothing', found: false, package: 'fed' }],
    packageLine: /dnf install -y fed$/,
    accelerators: [{ accelerator: 'kvm' }, { accelerator: 'tcg', works: true }],
    cache: { writable: true },
  });

  text = '';
  await writeFile(join(root, 'harness/host/needs.tsv'), `${row('nothing', 'run', 'no-such-program')}\n`);
  t.equal(await doctor(host, { json: false, stdout }), 69);
  t.match(text, /^nothing +missing +why: package fed$/m);
});
