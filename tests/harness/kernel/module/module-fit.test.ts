import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { moduleMisfit } from '../../../../harness/kernel/module/module-fit.ts';
import type { KernelFacts } from '../../../../harness/kernel/module/module-fit.ts';

/** An object as the assembler makes it: what it says of itself, what it needs, and with which CRCs. */
function module(t: Test, given: { readonly vermagic?: string; readonly needs?: readonly string[]; readonly weak?: string; readonly versions?: Readonly<Record<string, number>> }): Buffer {
  const dir = t.testdir({});
  const lines = [
    '.section .modinfo,"a"', '.asciz "name=fuse"', ...(given.vermagic === undefined ? [] : [`.asciz "vermagic=${given.vermagic}"`]),
    '.text', ...(given.needs ?? []).map((name) => `.quad ${name}`), ...(given.weak === undefined ? [] : [`.weak ${given.weak}`, `.quad ${given.weak}`]),
    '.section __versions,"a"', ...Object.entries(given.versions ?? {}).flatMap(([name, crc]) => [`.quad ${crc}`, `.ascii "${name}"`, `.fill ${56 - name.length}`]),
  ];
  writeFileSync(join(dir, 'module.s'), `${lines.join('\n')}\n`);
  execFileSync('gcc', ['-c', join(dir, 'module.s'), '-o', join(dir, 'module.o')]);
  return readFileSync(join(dir, 'module.o'));
}

const plain: KernelFacts = { vermagic: '6.12.7 SMP mod_unload ', exports: new Map([['kmalloc', undefined], ['iput', undefined]]) };
const versioned: KernelFacts = { vermagic: '6.12.7 SMP mod_unload modversions ', exports: new Map([['kmalloc', 0x11223344], ['iput', 0xfedcba98]]) };

t.test('a module fits a kernel of the same vermagic that exports what it needs', async (t) => {
  const { vermagic } = plain;
  t.equal(moduleMisfit(module(t, { vermagic, needs: ['kmalloc', 'iput', '_GLOBAL_OFFSET_TABLE_'], weak: 'perhaps' }), plain), undefined);
  t.equal(moduleMisfit(module(t, { vermagic: '6.12.8 SMP mod_unload ', needs: [] }), plain), 'it is for "6.12.8 SMP mod_unload", and the kernel is "6.12.7 SMP mod_unload"');
  t.match(moduleMisfit(module(t, { vermagic: '6.12.7 SMP preempt mod_unload ' }), plain), /it is for/, 'another configuration');
  t.equal(moduleMisfit(module(t, { needs: ['kmalloc'] }), plain), 'it does not say which kernel it is for');
  t.equal(moduleMisfit(module(t, { vermagic, needs: ['kmalloc', 'new_one'] }), plain), 'it needs new_one, which vmlinux does not export');
  t.equal(moduleMisfit(module(t, { vermagic, needs: ['one', 'two'] }), plain), 'it needs one and 1 more, which vmlinux does not export');
  t.match(moduleMisfit(module(t, { vermagic }), { vermagic: '', exports: new Map() }), /and the kernel is ""/, 'nothing fits a kernel that says nothing');
});

t.test('where the kernel has CRCs, each must be the same, and be there', async (t) => {
  const { vermagic } = versioned;
  const needs = ['kmalloc', 'iput'];
  t.equal(moduleMisfit(module(t, { vermagic, needs, versions: { kmalloc: 0x11223344, iput: 0xfedcba98 } }), versioned), undefined);
  t.equal(moduleMisfit(module(t, { vermagic, needs, versions: { kmalloc: 0x11223344, iput: 0xfedcba99 } }), versioned), 'it was made for iput with CRC 0xfedcba99, and vmlinux has it with 0xfedcba98');
  t.equal(moduleMisfit(module(t, { vermagic, needs, versions: { kmalloc: 0x11223344 } }), versioned), 'it was made for iput with CRC unknown, and vmlinux has it with 0xfedcba98');
});

t.test('a module that is cut short anywhere, or has a bit flipped in its headers, never breaks the check', async (t) => {
  const whole = module(t, { vermagic: plain.vermagic, needs: ['kmalloc'] });
  for (let bytes = 0; bytes < whole.length; bytes++) t.equal(moduleMisfit(whole.subarray(0, bytes), plain), 'it is damaged', `of ${whole.length} bytes ${bytes}`);
  for (let at = 0; at < 64; at++) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 0x80;
    t.doesNotThrow(() => moduleMisfit(flipped, plain));
  }
});
