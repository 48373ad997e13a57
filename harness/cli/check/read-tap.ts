import { type FinalResults, Parser, type Result } from 'tap-parser';
import { stringify } from 'yaml';
import type { CheckCase, CheckedUnit } from './outcome.ts';

/**
 * Counts what `tap --reporter=tap` wrote: one unit a test file, one case each of the file's top-level tests and bare assertions.
 * It is pessimistic: a file that crashed, ran no test, or never came to its end has a failed case for that, however well its
 * tests did, and so has an output that stops before its plan is fulfilled.
 */
export function readTap(text: string): readonly CheckedUnit[] {
  const units: CheckedUnit[] = [];
  const root = new Parser();
  let file: OpenFile | undefined;
  root.on('child', (parser: Parser) => (file = openFile(parser)));
  root.on('assert', (result: Result) => {
    units.push(closeFile(file, result));
    file = undefined;
  });
  // The parser takes an output without anything in it for a plan of nothing, well fulfilled.
  const cut = whyCut(root, text) ?? (units.length === 0 ? 'no test file came to its end' : undefined);
  if (file !== undefined) units.push(giveUpFile(file, cut ?? 'it did not come to its end'));
  else if (cut !== undefined) units.push({ name: 'tap', ms: 0, cases: [failed('the test runner', [cut])] });
  return units;
}

interface OpenFile {
  readonly name: string;
  readonly cases: CheckCase[];
  /** The test that is being read, and what failed in it so far. */
  test: { readonly name: string; readonly failures: string[] } | undefined;
}

function openFile(parser: Parser): OpenFile {
  const file: OpenFile = { name: parser.name, cases: [], test: undefined };
  parser.on('child', (child: Parser) => {
    file.test = { name: child.name, failures: [] };
    collectFailures(child, [], file.test.failures);
  });
  parser.on('assert', (result: Result) => {
    file.cases.push(toCase(result, file.test?.failures ?? []));
    file.test = undefined;
  });
  return file;
}

/** Gathers the failed assertions below `parser` that have no failed assertion below themselves. */
function collectFailures(parser: Parser, above: readonly string[], failures: string[]): void {
  let before = failures.length;
  parser.on('child', (child: Parser) => {
    before = failures.length;
    collectFailures(child, [...above, child.name], failures);
  });
  parser.on('assert', (result: Result) => {
    if (counts(result) === 'failed' && failures.length === before) failures.push(...describe(result, above));
    before = failures.length;
  });
}

function toCase(result: Result, failures: readonly string[]): CheckCase {
  const outcome = counts(result);
  if (outcome !== 'failed') return { name: result.name, outcome, evidence: [] };
  return { name: result.name, outcome, evidence: failures.length > 0 ? failures : describe(result, []) };
}

function counts(result: Result): CheckCase['outcome'] {
  if (result.skip !== false || result.todo !== false) return 'skipped';
  return result.ok ? 'passed' : 'failed';
}

function closeFile(file: OpenFile | undefined, result: Result): CheckedUnit {
  const name = result.name.replace(/ # time=.*$/, '');
  const cases = [...(file?.cases ?? [])];
  const diag = (result.diag ?? {}) as Readonly<Record<string, unknown>>;
  if (!result.ok && !cases.some(({ outcome }) => outcome === 'failed')) {
    cases.push(failed('the file itself', [howItEnded(result, diag)]));
  } else if (cases.length === 0) {
    const why = typeof result.skip === 'string' && result.skip !== 'no tests found' ? result.skip : undefined;
    cases.push(why === undefined ? failed('the file itself', ['it ran no test']) : { name: why, outcome: 'skipped', evidence: [] });
  }
  return { name, cases, ms: result.time ?? 0 };
}

function giveUpFile({ name, cases, test }: OpenFile, why: string): CheckedUnit {
  return { name, ms: 0, cases: [...cases, failed(test?.name ?? 'the file itself', [...(test?.failures ?? []), why])] };
}

function howItEnded(result: Result, diag: Readonly<Record<string, unknown>>): string {
  if (diag['timeout'] !== undefined || diag['expired'] !== undefined) return 'it was ended when its time was up';
  if (typeof diag['signal'] === 'string') return `it was ended by ${diag['signal']}`;
  if (typeof diag['exitCode'] === 'number') return `it ended with exit code ${String(diag['exitCode'])} before its tests did; the log has its last words`;
  return result.tapError ?? 'it failed outside of its tests; the log has its last words';
}

function describe(result: Result, above: readonly string[]): string[] {
  const lines = [[...above, result.name].join(' › ')];
  if (result.tapError !== null) lines.push(`    ${result.tapError}`);
  if (result.diag !== null) lines.push(...stringify(result.diag).trimEnd().split('\n').map((line) => `    ${line}`));
  return lines;
}

function failed(name: string, evidence: readonly string[]): CheckCase {
  return { name, outcome: 'failed', evidence };
}

/** Feeds `text` to the parser. @returns why the output is not all there, if it is not */
function whyCut(root: Parser, text: string): string | undefined {
  let why: string | undefined = 'its output is cut short';
  root.on('complete', ({ plan, count, bailout }: FinalResults) => {
    if (bailout !== false) why = `it gave up: ${String(bailout)}`;
    else if (plan.end === null) why = 'its output has no plan';
    else if (plan.end !== count) why = `${String(plan.end)} files were to be run, ${String(count)} came to their end`;
    else why = undefined;
  });
  root.end(text);
  return why;
}
