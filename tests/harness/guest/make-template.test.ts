import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { makeTemplate, type Template } from '../../../harness/guest/make-template.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';
import { fakeQemu } from './fake-qemu.ts';

const root = join(import.meta.dirname, '../../..');
const guest = await readGuest(root, 'deterministic');

/** Makes a template on a QEMU whose guest is ready at once, and whose answers after that are `body`. */
function made(t: Test, body: string): Promise<Template> {
  const fake = fakeQemu(t, `
    if (process.argv[2] === '--version') { console.log('QEMU emulator version 1.2.3'); process.exit(0); }
    fs.writeFileSync(wordOf('file,id=trace,path='), '{"e":"ready"}\\n');
    fs.writeFileSync(wordOf('file,id=console,path='), '');
    serve((command, given) => { if (command === 'qmp_capabilities') setTimeout(() => say({ event: 'GUEST_PANICKED' }), 20); if (command === 'quit') process.exit(0); ${body} });`);
  const file = join(fake.dir, 'kernel');
  writeFileSync(file, '');
  const host = { cache: join(fake.dir, 'cache'), root, emit: () => undefined, signal: new AbortController().signal, jobs: 1 };
  return makeTemplate(host, { guest, vmlinux: file, vmlinuxId: 'k', initrd: file, initrdId: 'i', label: 'a kernel' });
}

t.test('a guest that stops itself is saved, and QEMU sent home', async (t) => {
  const saves = "if (command === 'xen-save-devices-state') fs.writeFileSync(given.filename, 'QEVM'); return false;";
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
