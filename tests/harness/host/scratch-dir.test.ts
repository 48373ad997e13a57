import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scratchDir } from '../../../harness/host/scratch-dir.ts';

const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
const gone = spawnSync('true').pid;

function left(home: string, name: string): string {
  mkdirSync(join(home, name, 'deep'), { recursive: true });
  writeFileSync(join(home, name, 'deep/file'), '');
  return name;
}

t.test('what a killed process left is removed at the next use, what a living one works in is not', async (t) => {
  const home = join(t.testdir(), 'not-there-yet');
  const mine = await scratchDir(home, 'mbox-');
  const sleeper = spawn('sleep', ['60']);
  t.teardown(() => sleeper.kill());
  const living = left(home, `mbox-${String(sleeper.pid)}.${namespace}-AbCd12`);
  left(home, `mbox-${gone}.${namespace}-AbCd12`);
  const second = await scratchDir(home, 'mbox-');
  t.not(second, mine);
  t.same(readdirSync(home).sort(), [living, mine.slice(home.length + 1), second.slice(home.length + 1)].sort());
});

t.test('nothing but its own kind is touched', async (t) => {
  const home = t.testdir();
  const kept = [`apply-${gone}.${namespace}-AbCd12`, `mbox-${gone}`, `mbox-${gone}.${namespace}-AbCd12.json`, 'mbox-of-mine', `my-mbox-${gone}.${namespace}-AbCd12`];
  for (const name of kept) left(home, name);
  const made = await scratchDir(home, 'mbox-');
  t.same(readdirSync(home).sort(), [...kept, made.slice(home.length + 1)].sort());
});

t.test('a process of another PID namespace cannot be asked after, so only a day tells that it is gone', async (t) => {
  const home = t.testdir();
  const young = left(home, `mbox-${gone}.1-AbCd12`);
  const old = left(home, `mbox-${gone}.1-AbCd13`);
  const then = new Date(Date.now() - 25 * 60 * 60 * 1000);
  utimesSync(join(home, old), then, then);
  const made = await scratchDir(home, 'mbox-');
  t.same(readdirSync(home).sort(), [young, made.slice(home.length + 1)].sort());
});
