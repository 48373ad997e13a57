import fc from 'fast-check';
import t from 'tap';
import { parseTrace } from '../../../harness/judge/parse-trace.ts';
import { traceOf } from './played.ts';

const trace = traceOf('parallel-writes-meet');
const lines = trace.trimEnd().split('\n');

t.test('a real trace is read whole', async (t) => {
  const parsed = parseTrace(trace);
  t.equal(parsed.damage, undefined);
  t.equal(parsed.events.length, lines.length);
  t.match(parsed.events[0], { n: 2, e: 'hello', release: '6.12.107' });
  t.equal(parsed.events.at(-1)?.e, 'end');
});

t.test('damage is named with its place, and what came before it stays', async (t) => {
  const cases: readonly (readonly [string, string, number])[] = [
    [trace.slice(0, -1), 'ends in the middle: {"n":', lines.length - 1],
    [`${lines.slice(0, 5).join('\n')}\n${(lines[5] ?? '').slice(0, 20)}`, 'line 6 ends in the middle: {"n":7,', 5],
    [`${lines.slice(0, 5).join('\n')}\n${lines.slice(6).join('\n')}\n`, 'line 8 follows line 6', 5],
    [`${lines[0]}\n${lines[0]}\n`, 'line 2 follows line 2', 1],
    [`${lines[0]}\n\n${lines[1]}\n`, 'line 2 is no event: ', 1],
    [`${lines[0]}\n\u0000\u001b[31m\n`, 'line 2 is no event: ', 1],
    ['[]\n', 'line 1 is no event: []', 0],
    ['null\n', 'line 1 is no event: null', 0],
    ['{"n":1,"t":0,"e":"constructor"}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"step"}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"step","step":"1"}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"step","step":1.5}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"step","step":1e999}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"reply","req":2,"flags":7}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"opened","req":2,"ino":2,"fh":1,"flags":"7"}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"begin","more":1}\n', 'line 1 is no event', 0],
    ['{"n":1,"t":0,"e":"begin","more":{}}\n', 'line 1 is no event', 0],
  ];
  for (const [text, damage, events] of cases) {
    const parsed = parseTrace(text);
    t.match(parsed.damage, damage, JSON.stringify(text.slice(-40)));
    t.equal(parsed.events.length, events);
  }
});

t.test('a line of 10 MB is damage with a short name', async (t) => {
  const parsed = parseTrace(`${lines[0]}\n${'x'.repeat(10 * 1024 * 1024)}\n`);
  t.ok((parsed.damage ?? '').length < 200);
});

t.test('whatever the text, nothing is thrown, and what is given is numbered without a gap', async (t) => {
  const line = fc.oneof(fc.constantFrom(...lines), fc.string(), fc.json());
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(line, { maxLength: 8 }), fc.string(), (texts, tail) => {
    const { events } = parseTrace(`${texts.join('\n')}\n${tail}`);
    return events.every((event, index) => index === 0 || event.n === (events[index - 1]?.n ?? 0) + 1);
  })));
});
