import t from 'tap';
import { coveredFunctions } from '../../../../harness/kernel/module/covered-functions.ts';
import { compileModule } from './compile-module.ts';

const source = 'extern int kernel(int); int one(int x) { return kernel(x) + 1; } int two(int x) { return kernel(x) + 2; } int three(int x) { return kernel(x) + 3; }\n';

t.test('addresses of translated blocks become the functions that they are in', async (t) => {
  const module = compileModule(t.testdir(), { 'a.c': source });
  const at = (name: string, more = 0): string => `0x${(0xffffffffa0000000n + BigInt((module.symbols.find((symbol) => symbol.name === name)?.at ?? 0) + more)).toString(16)}`;
  const block = (address: string): string => `----------------\nIN: \n${address}:  55                       pushq    %rbp\n${address}: OBJD-T: 55\n\n`;
  const covered = (log: string, text = '0xffffffffa0000000'): string[] => coveredFunctions(log, { module, text });
  t.same(covered(block(at('three', 4)) + block(at('one')) + block(at('one', 3))), ['one', 'three']);
  t.same(covered(block('0xffffffffa0020000') + block('0xffffffff81000000')), [], 'what is elsewhere is none of its functions');
  t.same(covered(''), []);
  t.same(covered(block(at('two')), '0xffffffffa0000000; rm'), [], 'an address that is none');
  t.same(covered(`call to 0xffffffffa0000000:\n${block(at('two'))}`), ['two'], 'only at the beginning of a line');
});
