import { readKtapLine, type KtapLineResult, type KtapOutcome } from './ktap-line.ts';

/** What a stretch of KTAP came to: results of one level that belong together, and what of them is missing. */
export interface KtapGroup {
  /** Its `# Subtest: ` line, where it has one. */
  readonly name?: string;
  readonly planned?: number;
  readonly results: readonly KtapResult[];
  /** What is known to be missing, or cannot be known; empty when all is there. */
  readonly incomplete: readonly KtapGap[];
}

export interface KtapResult {
  /** `incomplete`: subtests whose own result line was never printed. */
  readonly outcome: KtapOutcome | 'incomplete';
  readonly number?: number;
  readonly name: string;
  readonly detail: string;
  /** Lines before it that are no results, without console time stamps: its diagnostics, and what the kernel said meanwhile. */
  readonly diagnostics: readonly string[];
  /** More than one when a test printed results twice. */
  readonly groups: readonly KtapGroup[];
  /** It is the last line and has no line end: its end may be missing, and with it a directive. */
  readonly mayBeCut?: true;
}

export type KtapGap =
  | { readonly kind: 'no-plan' }
  | { readonly kind: 'fewer-than-planned' | 'more-than-planned'; readonly planned: number; readonly printed: number }
  /** Numbers do not go 1, 2, 3: some were lost, or come twice. */
  | { readonly kind: 'numbers'; readonly expected: number; readonly printed: number }
  /** Subtests without the result line of their test: the guest died, or the line was lost. */
  | { readonly kind: 'unterminated' };

export interface KtapReport {
  readonly groups: readonly KtapGroup[];
  /** Whether anything is missing anywhere below, or the tests gave up. */
  readonly incomplete: boolean;
  readonly bailOut?: string;
  /** Lines after the last result. */
  readonly diagnostics: readonly string[];
}

/** Of the lines before a result; the oldest go first. */
const mostDiagnostics = 2000;

/**
 * Reads KTAP, TAP 13 or TAP 14 out of whatever a console printed. Each result line that was printed is a result of the tree, in its order, also
 * when plans are missing, late or short, when subtests have no end, and when the kernel writes in between. Nothing is thrown, whatever comes in.
 */
export function readKtap(text: string): KtapReport {
  const stack: OpenGroup[] = [];
  const done: KtapGroup[] = [];
  let diagnostics: string[] = [];
  let names = new Map<number, string>();
  let bailOut: string | undefined;
  const lines = text.split(/\r\n|\n|\r/);
  const open = (depth: number): OpenGroup => {
    const name = names.get(depth) ?? names.get(depth - 1) ?? names.get(depth - 2);
    const group: OpenGroup = { depth, results: [], pending: [], ...(name === undefined ? {} : { name }) };
    names = new Map();
    stack.push(group);
    return group;
  };
  /** Ends the innermost group: it waits for the result line of its test in the group around it. */
  const close = (): void => {
    const ended = stack.pop();
    if (!ended) return;
    const group = closed(ended);
    const around = stack.at(-1);
    if (around) around.pending.push(group);
    else done.push(group);
  };
  const groupAt = (depth: number): OpenGroup => {
    while ((stack.at(-1)?.depth ?? -1) > depth) {
      if ((stack.at(-2)?.depth ?? -1) >= depth) {
        close();
        continue;
      }
      // Nothing of this level was printed yet: its first test began with its subtests.
      const inner = stack.pop();
      const group = open(depth);
      if (inner) group.pending.push(closed(inner));
    }
    const top = stack.at(-1);
    return top?.depth === depth ? top : open(depth);
  };
  lines.forEach((raw, index) => {
    const line = readKtapLine(raw);
    switch (line.kind) {
      case 'version': {
        const top = groupAt(line.depth);
        if (top.results.length > 0 || top.planned !== undefined || top.pending.length > 0) {
          close();
          open(line.depth);
        }
        break;
      }
      case 'plan': {
        const top = groupAt(line.depth);
        if (top.planned === undefined) {
          top.planned = line.planned;
        } else {
          close();
          open(line.depth).planned = line.planned;
        }
        break;
      }
      case 'result': {
        const top = groupAt(line.depth);
        const cut = index === lines.length - 1 ? { mayBeCut: true as const } : {};
        top.results.push({ ...resultOf(line.result), diagnostics, groups: top.pending.splice(0), ...cut });
        diagnostics = [];
        break;
      }
      case 'subtest':
        nameGroup(stack.at(-1), line, names);
        break;
      case 'bail-out':
        bailOut ??= line.reason;
        break;
      case 'other':
        if (line.text !== '') diagnostics.push(line.text);
        if (diagnostics.length > mostDiagnostics * 2) diagnostics = diagnostics.slice(-mostDiagnostics);
        break;
    }
  });
  while (stack.length > 0) close();
  return { groups: done, incomplete: bailOut !== undefined || done.some((group) => isIncomplete(group, false)), ...(bailOut === undefined ? {} : { bailOut }), diagnostics: diagnostics.slice(-mostDiagnostics) };
}

interface OpenGroup {
  readonly depth: number;
  name?: string;
  planned?: number;
  readonly results: KtapResult[];
  /** Subtests that wait for the result line of their test. */
  readonly pending: KtapGroup[];
}

/** KUnit names a group after its version line, TAP 14 before its first line. */
function nameGroup(top: OpenGroup | undefined, line: { readonly depth: number; readonly name: string }, names: Map<number, string>): void {
  if (top?.depth === line.depth && top.name === undefined && top.results.length === 0 && top.pending.length === 0 && top.depth > 0) top.name = line.name;
  else names.set(line.depth, line.name);
}

function resultOf({ outcome, number, name, detail }: KtapLineResult): Omit<KtapResult, 'diagnostics' | 'groups'> {
  return { outcome, name, detail, ...(number === undefined ? {} : { number }) };
}

/** Subtests whose test never got its result line stand in an `incomplete` one. */
function endUnfinished(group: OpenGroup): void {
  if (group.pending.length === 0) return;
  const groups = group.pending.splice(0);
  group.results.push({ outcome: 'incomplete', name: groups[0]?.name ?? '', detail: 'its result line was never printed', diagnostics: [], groups });
}

function closed(group: OpenGroup): KtapGroup {
  endUnfinished(group);
  const { name, planned, results } = group;
  return {
    results, incomplete: gapsOf(group),
    ...(name === undefined ? {} : { name }), ...(planned === undefined ? {} : { planned }),
  };
}

function gapsOf({ planned, results }: OpenGroup): KtapGap[] {
  const printed = results.filter(({ outcome }) => outcome !== 'incomplete');
  const gaps: KtapGap[] = [];
  if (planned === undefined) gaps.push({ kind: 'no-plan' });
  else if (printed.length !== planned) gaps.push({ kind: printed.length < planned ? 'fewer-than-planned' : 'more-than-planned', planned, printed: printed.length });
  const at = printed.findIndex(({ number }, index) => number !== undefined && number !== index + 1);
  const wrong = printed[at]?.number;
  if (wrong !== undefined) gaps.push({ kind: 'numbers', expected: at + 1, printed: wrong });
  if (printed.length < results.length) gaps.push({ kind: 'unterminated' });
  return gaps;
}

/** Subtests without a plan are whole when the result of their test was printed after them: ktap.rst lets a plan be left out. */
function isIncomplete(group: KtapGroup, ended: boolean): boolean {
  return group.incomplete.some(({ kind }) => kind !== 'no-plan' || !ended) ||
    group.results.some((result) => result.groups.some((below) => isIncomplete(below, result.outcome !== 'incomplete')));
}
