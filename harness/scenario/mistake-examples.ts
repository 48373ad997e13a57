/** A file, two actors and a forked one: what the examples below have before their steps. */
export const exampleHead = `protects: what the examples show
source: docs/scenes.md
files: {f: {}}
actors: {w1: , w2: , child: {forked: true}}
steps:
`;

/** Steps that are wrong, by what is wrong with them; docs/scenes.md shows what the reader says of each. */
export const mistakeExamples: readonly (readonly [string, string])[] = [
  ['a word that is no call', '- w1: {opne: f}'],
  ['a key that the call does not take', '- w1: {open: f, mode: 3}'],
  ['a field that is missing', '- w1: {open: f}\n- w1: {pread: f}'],
  ['a size that is none', '- w1: {open: f}\n- w1: {pread: f, bytes: 4Q}'],
  ['more than one call moves', '- w1: {open: f}\n- w1: {pread: f, bytes: 2M}'],
  ['two actors in one step', '- w1: {open: f}\n  w2: {open: f}'],
  ['a file that the scene has not', '- w1: {open: g}'],
  ['a file that the process has not opened', '- w1: {open: f}\n- w2: {close: f}'],
  ['a mapping that it has not made', '- w1: {open: f}\n- w1: {load: f, bytes: 1}'],
  ['a write of nothing known', '- w1: {open: f}\n- w1: {pwrite: f, bytes: 4K}'],
  ['an outcome that there is not', '- w1: {open: f}\n  expect: returned'],
  ['an errno that there is not', '- w1: {open: f}\n  expect: {fails: EFOO}'],
  ['a place that there is not', '- w1: {open: f}\n  expect: {waits: inode-lok}'],
  ['bytes of a call that reads none', '- w1: {open: f}\n  expect: {sees: A}'],
  ['an order to who is in a call', '- w1: {open: f}\n  expect: held\n- w1: {open: f}'],
  ['an outcome of who is in none', '- hold: WRITE\n  then: {w1: returns}'],
  ['an order to who is gone', '- kill: w1\n- w1: {open: f}'],
  ['an end that nothing brings', '- w1: {open: f}\n  expect: ends'],
  ['an order before the fork', '- child: {open: f}'],
  ['an actor twice in one block', '- parallel:\n  - w1: {open: f}\n  - w1: {open: f, as: g}'],
  ['bytes looked at, and none named', '- content: {file: f, bytes: 4K}'],
  ['a backing file that there is not', '- open-flags: {file: f, flags: [PASSTHROUGH], backing: b}'],
  ['an outcome of a step that has none', '- hold: WRITE\n  expect: held'],
  ['arrivals of no opcode', '- w1: {open: f}\n  arrives: {WRIT: 1}'],
];
