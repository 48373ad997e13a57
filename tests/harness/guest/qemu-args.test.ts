import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cloneArgs, setArgs, shellArgs, templateArgs, type BootMachine } from '../../../harness/guest/qemu-args.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';

const guest = await readGuest(`${import.meta.dirname}/../../..`, 'deterministic');
const machine: BootMachine = {
  guest, accelerator: 'tcg', kernel: '/k,1/vm linux', initrd: "/i'nitrd,", ram: '/r,a m"',
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

t.test("a clone's machine differs in its memory's sharing, in what it waits for, and in having no kernel to boot", async (t) => {
  const template = templateArgs(machine);
  const clone = cloneArgs(machine);
  t.strictSame(clone.slice(-2), ['-incoming', 'defer']);
  t.strictSame(template.slice(-6).filter((_, at) => at % 2 === 0), ['-kernel', '-initrd', '-append']);
  t.strictSame(clone.slice(0, -2), template.slice(0, -6).map((word) => word.replace(',share=on', ',share=off')));
  t.strictSame(setArgs(machine), [...template.slice(0, -6), '-incoming', 'defer'], 'what a set writes to its memory stays');
});

t.test("a login's machine is in the host's time and has a port for ssh", async (t) => {
  const args = shellArgs(machine, { socket: '/s,ocket', bus: 'mmio' });
  t.equal(`${args.join('\n')}\n`, golden('shell-args.txt', args));
});

t.test('a comma in a path is doubled where an option would end at it, and only there', async (t) => {
  const args = templateArgs(machine);
  t.ok(args.includes('/k,1/vm linux'));
  t.ok(args.includes('name=opt/diorama/program,file=/p,,q=1,,,,'));
  t.ok(args.includes('file,id=console,path=/c,,console,append=on'));
  t.ok(args.some((word) => word.includes('mem-path=/r,,a m",share=on')));
});

t.test('nothing of a guest in virtual time comes from the host', async (t) => {
  const args = cloneArgs(machine).join(' ');
  t.match(args, '-icount shift=0,sleep=off,rr=record,rrfile=/dev/null');
  t.match(args, 'rdrand=off,rdseed=off');
  t.notMatch(args, /-net|-nic|virtio|kvm/);
});

t.test("a guest of several CPUs is without QEMU's record, which refuses them, and in virtual time all the same", async (t) => {
  const args = cloneArgs({ ...machine, guest: { ...guest, cpus: 2 } });
  t.equal(args[args.indexOf('-icount') + 1], 'shift=0,sleep=off');
  t.equal(args[args.indexOf('-smp') + 1], '2');
});
