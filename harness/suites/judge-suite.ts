import { groupSplats } from '../judge/group-splats.ts';
import type { Verdict } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import { notBegun } from './suite-script.ts';

/** What is known of a suite that was run. */
export interface SuiteEvidence {
  /** Of the script; undefined when the guest did not live so long. */
  readonly exitCode: number | undefined;
  /** What it said, standard error too. */
  readonly output: string;
  readonly console: string;
  /** Why the guest was not there until the end, where it was not. */
  readonly trouble?: { readonly hung: boolean; readonly message: string };
}

const longestReason = 400;

/** What a script exits with that could not test anything here and says why: automake's word for it ("Scripts-based Testsuites"). */
const notRun = 77;

/** The verdict of a suite: the guest, the kernel's complaints, then what the programs say of themselves by their exit code. */
export function judgeSuite(evidence: SuiteEvidence): Verdict {
  const splats = groupSplats(evidence.console).filter(({ kind }) => !evidence.trouble?.hung || kind !== 'panic');
  const [worst] = splats;
  const said = lastLine(evidence.output);
  const reason = (text: string): string => printable(text, longestReason);
  if (evidence.trouble) {
    const also = worst ? `; the kernel said: ${worst.title} (console line ${worst.line})` : '';
    return { kind: evidence.trouble.hung ? 'hang' : 'crash', reason: reason(`${evidence.trouble.message}${also}${said === '' ? '' : `; the last it said was: ${said}`}`) };
  }
  if (worst) return { kind: 'splat', reason: reason(`the kernel said: ${worst.title} (console line ${worst.line})${splats.length > 1 ? `; ${splats.length} different complaints in all` : ''}`) };
  if (evidence.exitCode === 0) return { kind: 'pass', reason: '' };
  if (evidence.exitCode === notRun) return { kind: 'skip', reason: reason(said === '' ? 'it could not run here' : said) };
  if (evidence.exitCode === notBegun) return { kind: 'error', reason: reason(`its server did not come up${said === '' ? '' : `: ${said}`}`) };
  return { kind: 'fail', reason: reason(`exit code ${evidence.exitCode ?? '?'}${said === '' ? '' : `: ${said}`}`) };
}

/** The first line that sounds like a failure, else the last one that has something in it. */
function lastLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return lines.find((line) => /\[not run\]/.test(line)) ?? lines.find((line) => /\b(?:fail(?:ed|ure)?|error|bad|mismatch|verify)\b/i.test(line)) ?? lines.at(-1) ?? '';
}
