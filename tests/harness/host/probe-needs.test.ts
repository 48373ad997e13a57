import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Host } from '../../../harness/host/host.ts';
import type { Need } from '../../../harness/host/needs.ts';
import { probeNeeds } from '../../../harness/host/probe-needs.ts';

const packages = { debian: 'a', fedora: 'a', arch: 'a', alpine: 'a', suse: 'a' };
const need = (id: string, ...probes: string[]): Need => ({ id, group: 'run', probes, packages, purpose: 'is tested' });

t.test('commands, files, globs and static programs are found, and what is not there is not', async (t) => {
  const dir = t.testdir({
    bin: {
      tool: '#!/bin/sh\necho "tool (of 3) 4.5.6-rc1"\n',
      plain: '#!/bin/sh\necho "plain version 30"\n',
      mute: '#!/bin/sh\nexit 1\n',
      dynamic: '\u007fELF /lib64/ld-linux-x86-64.so.2',
      data: 'not to be run',
    },
    lib: { arch: { 'libc.a': '' } },
  });
  const bin = join(dir, 'bin');
  for (const name of ['tool', 'plain', 'mute', 'dynamic']) await chmod(join(bin, name), 0o755);
  await mkdir(join(dir, 'cache'));
  const before = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = before));
  process.env['PATH'] = `${bin}:/bin:/usr/bin`;
  const host: Host = { cache: join(dir, 'cache'), root: dir, emit: () => undefined, signal: new AbortController().signal, jobs: 1 };

  const probed = await probeNeeds(host, [
    need('tool', 'no-such-tool', 'tool'),
    need('plain', 'plain'),
    need('mute', 'mute'),
    need('static', 'static:tool'),
    need('dynamic', 'static:dynamic'),
    need('data', 'data'),
    need('glob', `${dir}/nowhere/*/libc.a`, `${dir}/lib/*/libc.a`),
    need('absent', 'no-such-tool', `${dir}/lib/*/libm.a`, '/no/such/file'),
  ]);
  t.strictSame(Object.fromEntries(probed.map(({ need, found }) => [need.id, found])), {
    tool: { path: join(bin, 'tool'), version: '4.5.6' },
    plain: { path: join(bin, 'plain'), version: '30' },
    mute: { path: join(bin, 'mute') },
    static: { path: join(bin, 'tool'), version: '4.5.6' },
    dynamic: undefined,
    data: undefined,
    glob: { path: join(dir, 'lib/arch/libc.a') },
    absent: undefined,
  });
});
