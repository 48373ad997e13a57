import t from 'tap';
import { fragmentForMerge, parseDotConfig, parseFragment } from '../../../../harness/kernel/config/config-fragment.ts';

t.test('values, unset symbols and optional ones are told apart from prose', async (t) => {
  const text = `# What this is for: CONFIG_FOO and others.
CONFIG_A=y

# CONFIG_B is not set
CONFIG_C=n
# optional: CONFIG_D=m
CONFIG_E="a string"
`;
  const { asked, mistakes } = parseFragment(text, 'x.config');
  t.same(mistakes, []);
  t.same(asked, [
    { symbol: 'CONFIG_A', value: 'y', optional: false, place: 'x.config:2' },
    { symbol: 'CONFIG_B', value: 'n', optional: false, place: 'x.config:4' },
    { symbol: 'CONFIG_C', value: 'n', optional: false, place: 'x.config:5' },
    { symbol: 'CONFIG_D', value: 'm', optional: true, place: 'x.config:6' },
    { symbol: 'CONFIG_E', value: '"a string"', optional: false, place: 'x.config:7' },
  ]);
  const merged = '# CONFIG_B is not set\n# CONFIG_C is not set\nCONFIG_D=m\nCONFIG_E="a string"\n';
  t.equal(fragmentForMerge(asked), `CONFIG_A=y\n${merged}`);
});

t.test('what was meant as a request but is none is a mistake with its place', async (t) => {
  for (const line of ['CONFIG_A', 'A=y', '# CONFIG_A is unset', '# CONFIG_A is not', '#CONFIG_A=y', '# optional: CONFIG_A', '# optional : A=y', 'config A']) {
    t.match(parseFragment(`\n${line}\n`, 'x.config'), { asked: [], mistakes: [/^x\.config:2: expected/] }, line);
  }
});

t.test('a .config is a map in which unset symbols are not', async (t) => {
  const values = parseDotConfig('#\n# Automatically generated\n#\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x=y"\n');
  t.same([...values], [
    ['CONFIG_A', 'y'],
    ['CONFIG_C', '"x=y"'],
  ]);
});
