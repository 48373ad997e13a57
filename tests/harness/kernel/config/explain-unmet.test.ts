import fc from 'fast-check';
import { join } from 'node:path';
import t from 'tap';
import { parseDotConfig } from '../../../../harness/kernel/config/config-fragment.ts';
import { explainUnmet } from '../../../../harness/kernel/config/explain-unmet.ts';
import { evaluate, parseExpression, printExpression } from '../../../../harness/kernel/config/kconfig-expression.ts';
import { readKconfig } from '../../../../harness/kernel/config/read-kconfig.ts';
import { writeKernel } from '../kernel-fixture.ts';

const top = `# The top.
mainmenu "Linux"
source "arch/$(SRCARCH)/Kconfig"

menu "Features"
	depends on NET	# as a comment

config PLAIN
	bool "plain"
	depends on BLOCK && \\
		(PCI || MMIO)
	help
	  depends on NOTHING is only text here,
	  config TEXT too.

	  if it is right of the first line.
if EXPERT
config DEEP
	tristate "deep"
	depends on PLAIN
endif
endmenu

config HIDDEN
	bool
config PROMPTED
	bool "prompted" if EXPERT
	default y
config SELECTOR
	bool "selects"
	select SELECTED if PCI
	select HIDDEN
config SELECTED
	bool "selected"
config CONTENT
	bool "content with a module"
	depends on TRI && ABSENT
config STRICT
	tristate "not content with one"
	depends on TRI
config TOOL
	bool "tool"
	depends on $(cc-option,-mfoo) && ABSENT
choice
	prompt "one of"
	depends on ABSENT
config ONE
	bool "one"
endchoice
config TWICE
	bool "first"
	depends on ABSENT
config TWICE
	bool "second"
	depends on NET && BLOCK
`;

const values = parseDotConfig('CONFIG_BLOCK=y\nCONFIG_X86=y\nCONFIG_TRI=m\nCONFIG_SELECTOR=y\nCONFIG_PCI=y\nCONFIG_SELECTED=y\nCONFIG_PROMPTED=y\nCONFIG_HIDDEN=y\n');

t.test('the reason names the smallest unmet dependency, wherever it is written', async (t) => {
  const dir = writeKernel(join(t.testdir(), 'kernel'), { Kconfig: top, 'arch/x86/Kconfig': 'config X86\n\tdef_bool y\nconfig ARCH_ONLY\n\tbool "a"\n\tdepends on !X86\n' });
  const kconfig = await readKconfig(dir, 'x86');
  const why = (symbol: string, value = 'y'): string => explainUnmet(kconfig, values, { symbol, value });
  t.equal(why('PLAIN'), 'it needs NET (which is n)', 'of the menu around it');
  t.equal(why('DEEP', 'm'), 'it needs NET (which is n) and EXPERT (which is n) and PLAIN (which is n)');
  t.equal(why('ARCH_ONLY'), 'it needs !X86', 'through source');
  t.equal(why('ONE'), 'it needs ABSENT (which is n)', 'of the choice around it');
  t.equal(why('TWICE'), 'it needs ABSENT (which is n)');
  t.equal(why('CONTENT'), 'it needs ABSENT (which is n)', 'a bool is content with m');
  t.equal(why('STRICT'), 'it needs TRI (which is m)', 'a tristate can be y only with y');
  t.equal(why('TOOL'), 'it needs ABSENT (which is n)', 'the toolchain is not blamed');
  t.equal(why('HIDDEN'), 'it cannot be set by hand, only selected by another symbol');
  t.equal(why('PROMPTED', 'n'), 'it can only be unset with EXPERT');
  t.equal(why('SELECTED', 'n'), 'SELECTOR selects it');
  t.equal(why('TEXT'), 'this kernel has no such symbol', 'help is no Kconfig');
  t.equal(why('NOTHING'), 'this kernel has no such symbol');
});

t.test('expressions are read with the precedence of kconfig and worked out in three values', async (t) => {
  const value = (text: string): number | undefined => evaluate(parseExpression(text), values);
  t.equal(value('BLOCK && TRI'), 1);
  t.equal(value('BLOCK || ABSENT && ABSENT'), 2);
  t.equal(value('(BLOCK || ABSENT) && ABSENT'), 0);
  t.equal(value('!TRI'), 1);
  t.equal(value('TRI=m && TRI!=y'), 2);
  t.equal(value('TRI = m'), 2);
  t.equal(value('ABSENT = n'), 2);
  t.equal(value('!(BLOCK && !ABSENT)'), 0);
  t.equal(value('$(success,test -e x) && BLOCK'), undefined);
  t.equal(value('$(success,test -e (x)) || BLOCK'), 2);
  t.equal(value('&& broken'), undefined, 'what cannot be read is not judged');
});

t.test('printing an expression and reading it again is the same expression', async (t) => {
  const atom = fc.constantFrom('A', 'B', 'CONFIG', 'TRI').map((name) => name);
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(atom, fc.constantFrom('=', '!='), fc.constantFrom('y', 'm', 'n')).map((parts) => parts.join('')),
      fc.tuple(tie('expression'), fc.constantFrom(' && ', ' || '), tie('expression')).map(([a, op, b]) => `(${a}${op}${b})`),
      tie('expression').map((of) => `!(${of})`),
    ),
  }));
  fc.assert(
    fc.property(expression, (text) => {
      const once = printExpression(parseExpression(text));
      return printExpression(parseExpression(once)) === once && evaluate(parseExpression(once), values) === evaluate(parseExpression(text), values);
    }),
  );
  t.pass();
});
