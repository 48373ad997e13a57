import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { EngineEvent } from '../../../harness/events.ts';
import { makeTemplate, type Template } from '../../../harness/guest/make-template.ts';
import { readGuest, type Guest } from '../../../harness/guest/read-guest.ts';
import type { Accelerator } from '../../../harness/host/accelerator.ts';
import { chooseAccelerator, rememberAccelerator } from '../../../harness/host/choose-accelerator.ts';
import type { Host } from '../../../harness/host/host.ts';
import { fakeQemu } from './fake-qemu.ts';

const root = join(import.meta.dirname, '../../..');
const guest = await readGuest(root, 'deterministic');

const saves = "if (command === 'xen-save-devices-state') fs.writeFileSync(given.filename, 'QEVM'); return false;";

/** Makes a template on a QEMU whose guest is ready at once, and whose answers after that are `body`; KVM ends it at once. */
async function made(t: Test, body: string, change: Partial<Guest> = {}, notes: string[] = []): Promise<Template> {
  const fake = fakeQemu(t, `
    if (process.argv[2] === '--version') { console.log('QEMU emulator version 1.2.3'); process.exit(0); }
    if (process.argv.includes('kvm')) { console.error('KVM: entry failed, hardware error 0x7'); process.exit(1); }
    fs.writeFileSync(wordOf('file,id=trace,path='), '{"e":"ready"}\\n');
    fs.writeFileSync(wordOf('file,id=console,path='), '');
    serve((command, given) => { if (command === 'qmp_capabilities') setTimeout(() => say({ event: 'GUEST_PANICKED' }), 20); if (command === 'quit') process.exit(0); ${body} });`);
  const file = join(fake.dir, 'kernel');
  writeFileSync(file, '');
  const emit = (event: EngineEvent): void => void (event.kind === 'note' && notes.push(event.text));
  const host: Host = { cache: join(fake.dir, 'cache'), root, emit, signal: new AbortController().signal, jobs: 1 };
  // As if the probe's guest had run.
  await rememberAccelerator(host, 'kvm');
  const template = await makeTemplate(host, { guest: { ...guest, ...change }, vmlinux: file, vmlinuxId: 'k', initrd: file, initrdId: 'i', label: 'a kernel' });
  remembered = await chooseAccelerator(host);
  return template;
}

let remembered: Accelerator | undefined;

t.test('a guest that stops itself is saved, and QEMU sent home', async (t) => {
  const template = await made(t, saves);
  t.match(template.state, /templates\/[0-9a-f]+\/state$/);
  t.notOk(template.reused);
});

t.test('a QEMU that refuses to save is told with its own words', async (t) => {
  const refuses = "if (command !== 'xen-save-devices-state') return false; say({ error: { class: 'GenericError', desc: 'No space left' } }); return true;";
  await t.rejects(made(t, refuses), { code: 'program-failed', blame: 'machine', message: 'QEMU could not save the template: xen-save-devices-state: No space left' });
});

t.test('a QEMU that dies while it saves is told by what it said last', async (t) => {
  const dies = "if (command !== 'xen-save-devices-state') return false; console.error('assertion failed'); process.exit(1);";
  await t.rejects(made(t, dies), { code: 'program-failed', message: 'QEMU could not save the template: assertion failed' });
});

t.test('where KVM does not bring the kernel to its init, TCG does, and is remembered', async (t) => {
  const notes: string[] = [];
  t.equal((await made(t, saves, { clock: 'host' }, notes)).accelerator, 'tcg');
  t.match(notes, [/^KVM did not bring this kernel to its init, and TCG is used from now on: QEMU ended before the kernel said a word: KVM: entry failed/]);
  t.equal(remembered, 'tcg');
});

t.test('what a user asks for is not replaced, and virtual time asks for nothing', async (t) => {
  await t.rejects(made(t, saves, { clock: 'host', accelerator: 'kvm' }), { code: 'program-failed', message: /KVM: entry failed/ });
  t.equal((await made(t, saves, { clock: 'host', accelerator: 'tcg' })).accelerator, 'tcg');
  t.equal((await made(t, saves)).accelerator, 'tcg');
  t.equal(remembered, 'kvm');
});
