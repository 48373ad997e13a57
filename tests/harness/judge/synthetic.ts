import { judgeScene } from '../../../harness/judge/judge-scene.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import { evidenceOf, renumbered } from './played.ts';

const head = `protects: a sentence of words
source: s
files: {f: {open: [DIRECT_IO]}, n: {absent: true}}
actors: {w1: , w2: , t2: {process: w2}, child: {forked: true}}
steps:
`;

/**
 * The verdict on a made-up trace of these steps: `events` are those between begin and strike, `after` those of the strike, as JSON
 * without their braces.
 */
export function verdictOn(steps: string, events: readonly string[], after: readonly string[] = []): Verdict {
  const all = [
    '"e":"hello","release":"6.12.107"', '"e":"arrive","req":2,"op":"INIT","ino":0,"minor":41,"offered":"0x1fd73fffffb"', '"e":"reply","req":2,"flags":"0x1040400020"',
    '"e":"begin"', ...events, '"e":"strike"', ...after, '"e":"end","stuck":0',
  ];
  return judgeScene(readScenario(head + steps, 'made-up.yaml'), evidenceOf('plain-direct-writes-never-meet', { trace: renumbered(all.map((event) => `{"n":0,"t":1,${event}}`)) }));
}

export const step = (number: number): string => `"e":"step","step":${number}`;
export const rest = (number: number): string => `"e":"rest","step":${number}`;
export const call = (number: number, who: string, what: string): string => {
  const [name, off = '0', len = '0'] = what.split(' ');
  return `"e":"call","step":${number},"who":"${who}","call":"${name}","off":${off},"len":${len}`;
};
export const back = (number: number, who: string, what: string, more = ''): string => {
  const [name, ret = '0'] = what.split(' ');
  return `"e":"return","step":${number},"who":"${who}","call":"${name}","ret":${ret}${more}`;
};
export const arrive = (req: number, op: string, more: string): string => `"e":"arrive","req":${req},"op":"${op}","ino":2${more}`;
export const reply = (req: number): string => `"e":"reply","req":${req}`;

/** An open of f by this actor, whose handle at the server is `fh`. */
export const opening = (number: number, who: string, fh: number): string[] => [
  step(number), call(number, who, 'open'), arrive(1000 + fh, 'OPEN', `,"by":"${who}"`), `"e":"opened","req":${1000 + fh},"by":"${who}","ino":2,"fh":${fh},"flags":1`, reply(1000 + fh),
  back(number, who, 'open'), rest(number),
];
/** A WRITE. */
export const write = (req: number, by: string, given: { readonly fh?: number; readonly off?: number; readonly data?: string }): string =>
  arrive(req, 'WRITE', `,"by":"${by}","fh":${given.fh ?? 1},"off":${given.off ?? 0},"len":4096,"cached":0,"data":"${given.data ?? 'A*4096'}"`);
