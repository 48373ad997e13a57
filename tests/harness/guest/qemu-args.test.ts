import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cloneArgs, shellArgs, templateArgs, type Machine } from '../../../harness/guest/qemu-args.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';

const guest = await readGuest(`${import.meta.dirname}/../../..`, 'deterministic');
const machine: Machine = {
  guest, kernel: '/k,1/vm linux', initrd: "/i'nitrd,", ram: '/r,a m"',
  files: new Map([['program', '/p,q=1,,'], ['fuse.ko', '/f']]), console: '/c,console', trace: "/t'race",
};

/** The golden file of that name; TAP_SNAPSHOT=1 writes it anew. */
function golden(name: string, args: readonly string[]): string {
  const file = join(import.meta.dirname, 'golden', name);
  if (process.env['TAP_SNAPSHOT'] === '1') writeFileSync(file, `${args.join('\n')}\n`);
  return readFileSync(file, 'utf8');
}

t.test("the template's machine is the golden one", async (t) => {
  const args = templateArgs(machine);
  t.equal(`${args.join('\n')}\n`, golden('template-args.txt', args));
});

t.test("a clone's machine differs in its memory's sharing and in what it waits for", async (t) => {
  const template = templateArgs(machine);
  const clone = cloneArgs(machine);
  t.strictSame(clone.slice(-2), ['-incoming', 'defer']);
  t.strictSame(clone.slice(0, -2), template.map((word) => word.replace(',share=on', ',share=off')));
});

t.test("a login's machine is in the host's time and has a port for ssh", async (t) => {
  const args = shellArgs(machine, { socket: '/s,ocket', accelerator: 'tcg', bus: 'mmio' });
  t.equal(`${args.join('\n')}\n`, golden('shell-args.txt', args));
});

t.test('a comma in a path is doubled where an option would end at it, and only there', async (t) => {
  const args = cloneArgs(machine);
  t.ok(args.includes('/k,1/vm linux'));
  t.ok(args.includes('name=opt/diorama/program,file=/p,,q=1,,,,'));
  t.ok(args.includes('file,id=console,path=/c,,console'));
  t.ok(args.some((word) => word.includes('mem-path=/r,,a m",share=off')));
});

t.test('nothing of a guest in virtual time comes from the host', async (t) => {
  const args = cloneArgs(machine).join(' ');
  t.match(args, '-icount shift=0,sleep=off,rr=record,rrfile=/dev/null');
  t.match(args, 'rdrand=off,rdseed=off');
  t.notMatch(args, /-net|-nic|virtio|kvm/);
});
