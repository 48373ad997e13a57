import { execa } from 'execa';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { onPath } from '../../../harness/host/on-path.ts';
import { systemdUnits } from '../../../harness/nightly/systemd-units.ts';
import { diorama } from '../engine/run-diorama.ts';

const given = { launcher: '/bin/true', config: '/srv/a b/100%/$x "q"\\/nightly.yaml', cache: '/var/cache/a b/50%', at: '03:30', system: true };

t.test('paths with spaces, percent signs, dollars and quotes reach the program as they are', async (t) => {
  const text = systemdUnits(given).map((unit) => unit.text).join('\n');
  t.match(text, 'ExecStart="/bin/true" "nightly" "--config" "/srv/a b/100%%/$$x \\"q\\"\\\\/nightly.yaml"\n');
  t.match(text, '"--resume"\n');
  t.match(text, 'Environment="DIORAMA_CACHE=/var/cache/a b/50%%"');
  t.match(text, 'OnCalendar=*-*-* 03:30:00');
});

t.test('systemd takes the units, the system\'s and the user\'s', async (t) => {
  if ((await onPath('systemd-analyze')) === undefined) return t.pass('no systemd-analyze here');
  for (const system of [true, false]) {
    const dir = t.testdir();
    const units = systemdUnits({ ...given, system });
    for (const { name, text } of units) writeFileSync(join(dir, name), text);
    const checked = await execa('systemd-analyze', ['verify', '--man=no', system ? '--system' : '--user', ...units.map(({ name }) => join(dir, name))], { reject: false, env: { XDG_RUNTIME_DIR: dir } });
    const complaints = checked.stderr.split('\n').filter((line) => line.includes('diorama-nightly'));
    t.same(complaints, [], checked.stderr);
  }
  return undefined;
});

t.test('--install --dry-run prints the units and writes nothing; a timer of the file\'s time', async (t) => {
  const dir = t.testdir({ 'nightly.yaml': 'kernels: {a: "debian:6.12"}\nat: "04:05"\n' });
  const printed = await diorama(['nightly', '--config', join(dir, 'nightly.yaml'), '--install', '--dry-run']);
  t.equal(printed.exitCode, 0, printed.stderr);
  t.match(printed.stdout, /^# .*\/diorama-nightly\.service\n\[Unit\]/);
  t.match(printed.stdout, /OnCalendar=\*-\*-\* 04:05:00/);
  t.match(printed.stdout, new RegExp(`ExecStart="[^"]*/diorama" "nightly" "--config" "${dir}/nightly\\.yaml"`));
  t.notOk(existsSync(join(dir, 'results')));
  const alone = await diorama(['nightly', '--config', join(dir, 'nightly.yaml'), '--dry-run']);
  t.equal(alone.exitCode, 2);
  t.match(alone.stderr, /--dry-run is only for --install/);
  t.same(readdirSync(dir), ['nightly.yaml']);
  t.match(readFileSync(join(dir, 'nightly.yaml'), 'utf8'), /^kernels/);
});
