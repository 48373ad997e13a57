import fc from 'fast-check';
import t from 'tap';
import { judgeLatency } from '../../../harness/judge/judge-latency.ts';
import { readLatencyTrace } from '../../../harness/judge/read-latency-trace.ts';

const hello = '{"n":1,"t":0,"e":"hello","release":"6.12.117"}';
const cell = (counts: string, done = 3): string => `{"n":2,"t":9,"e":"latency","mode":"mapped","writers":4,"delay_us":500,"op":"pwrite","window_ns":400000000,"done":${done},"counts":"${counts}"}`;
const end = '{"n":99,"t":10,"e":"end"}';
const limits = { boot: 300_000, scene: 300_000, console: 1 << 20 };
const judged = (trace: string, more: object = {}) => judgeLatency({ trace, console: '[    0.000000] Linux version 6.12.117\n', ended: 'exit', exitCode: 1, stderr: '', limits, ...more });

t.test('a cell goes on in the lines behind it', async (t) => {
  const trace = readLatencyTrace([hello, cell('1000*2'), '{"n":3,"t":9,"e":"more","counts":"2000*1 64000*7"}', end, ''].join('\n'));
  t.strictSame(trace, {
    whole: true, cells: [{ operation: 'pwrite', mode: 'mapped', writers: 4, delayUs: 500, windowNs: 400_000_000, done: 3, counts: [[1000, 2], [2000, 1], [64_000, 7]] }],
  });
});

t.test('what is no count is damage', async (t) => {
  for (const counts of ['1000', '1000*0', '1000*2 ', '-1*2', '1e9*1', '1000*2,2000*1']) t.match(readLatencyTrace([hello, cell(counts), end].join('\n')), { damage: /^line 2 is no event/, cells: [], whole: false }, counts);
  t.match(readLatencyTrace(`${hello}\n{"e":"more","counts":"1*1"}\n`), { damage: /^line 2/ });
});

t.test('whatever the text, it is read', async () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(readLatencyTrace(text).cells)));
});

t.test('a boot passes that came to its end, said nothing wrong and saw writes end', async (t) => {
  t.match(judged([hello, cell('1000*3'), end].join('\n')), { kind: 'pass' });
  t.match(judged([hello, cell('', 0), end].join('\n')), { kind: 'error', reason: /^no witness/ });
  t.match(judged([hello, cell('1000*3')].join('\n')), { kind: 'crash' });
  t.match(judged([hello, cell('1000*3')].join('\n'), { ended: 'limit' }), { kind: 'hang', reason: /within 600 s \(limit: scene\)/ });
  t.match(judged('', { ended: 'limit' }), { kind: 'hang', reason: /within 300 s \(limit: boot\)/ });
  t.match(judged([hello, '{"e":"trouble","what":"pwrite","error":"EIO"}'].join('\n'), { exitCode: 3 }), { kind: 'error', reason: 'the guest has no use of pwrite: EIO' });
  t.match(judged([hello, cell('1000*3'), end].join('\n'), { console: '[    1.0] WARNING: CPU: 0 PID: 9 at fs/fuse/iomode.c:40 fuse_x+0x1/0x2 [fuse]\n' }), { kind: 'splat' });
});
