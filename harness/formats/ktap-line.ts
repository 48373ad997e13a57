/** What a line of KTAP says; `other` is a diagnostic line, or one of the kernel's that has nothing to do with the tests. */
export type KtapLine =
  | { readonly kind: 'version'; readonly depth: number }
  | { readonly kind: 'plan'; readonly depth: number; readonly planned: number }
  | { readonly kind: 'result'; readonly depth: number; readonly result: KtapLineResult }
  | { readonly kind: 'subtest'; readonly depth: number; readonly name: string }
  | { readonly kind: 'bail-out'; readonly reason: string }
  | { readonly kind: 'other'; readonly text: string };

export type KtapOutcome = 'pass' | 'fail' | 'skip' | 'todo' | 'xfail' | 'timeout' | 'error';

export interface KtapLineResult {
  readonly outcome: KtapOutcome;
  /** As it is printed before the directive. */
  readonly ok: boolean;
  readonly number?: number;
  /** Without a leading `- `; may be empty. */
  readonly name: string;
  /** What follows the `#`, without the directive. */
  readonly detail: string;
}

/** Deeper nesting than any test has; a megabyte of spaces is no tree. */
const deepest = 64;
const longestText = 4000;
const longestNumber = 9;
/** Of the console: a level, a time, and who printed it (CONFIG_PRINTK_CALLER), each as printk writes it, then one space. */
const consolePrefix = /^(?:<\d{1,3}>)?(?:\[ {0,11}\d{1,10}\.\d{1,9}\](?:\[ {0,8}[TC]\d{1,10}\])? ?)?/;
const directives = ['SKIP', 'TODO', 'XFAIL', 'TIMEOUT', 'ERROR'] as const;

/**
 * Reads one line of KTAP (the kernel's Documentation/dev-tools/ktap.rst). A level of nesting is two spaces, or the `# ` that kselftest's runner puts
 * before the lines of a test (tools/testing/selftests/kselftest/prefix.pl).
 */
export function readKtapLine(line: string): KtapLine {
  const printed = line.replace(consolePrefix, '');
  const nested = /^[ \t]*(?:# )*[ \t]*/.exec(printed.slice(0, longestText))?.[0] ?? '';
  const depth = depthOf(nested);
  const text = printed.slice(nested.length).trimEnd();
  if (/^K?TAP version \d{1,4}$/i.test(text)) return { kind: 'version', depth };
  const planned = /^1\.\.(\d{1,9})(?:\s+#.*)?$/.exec(text)?.[1];
  if (planned !== undefined) return { kind: 'plan', depth, planned: Number(planned) };
  const result = readResult(text);
  if (result) return { kind: 'result', depth, result };
  if (/^Bail out!/i.test(text)) return { kind: 'bail-out', reason: text.slice('Bail out!'.length, longestText).trim() };
  // `# Subtest: name` stands inside of the tests it names (KUnit), or before them (TAP 14).
  const name = /^(?:# )?Subtest: (.{1,4000})$/.exec(text)?.[1];
  if (name !== undefined && (nested.includes('#') || text.startsWith('#'))) return { kind: 'subtest', depth: depthOf(nested.replace(/# [ \t]*$/, '')), name };
  return { kind: 'other', text: printed.slice(0, longestText).trimEnd() };
}

function depthOf(nested: string): number {
  const marks = nested.split('#').length - 1;
  const spaces = nested.replaceAll('# ', '').replaceAll('\t', '  ').length;
  return Math.min(deepest, marks + Math.floor(spaces / 2));
}

function readResult(text: string): KtapLineResult | undefined {
  // Without a number only what can be nothing else: "ok, …" is a sentence of somebody's.
  const head = /^(not )?ok(?:[ \t]+(\d+)(?=\s|$)|(?= - )|$)/.exec(text);
  if (!head) return undefined;
  const ok = head[1] === undefined;
  const rest = text.slice(head[0].length);
  const hash = /(?:^|\s)#/.exec(rest);
  const name = unescape(rest.slice(0, hash?.index ?? rest.length).trim().replace(/^-\s+|^-$/, '')).slice(0, longestText);
  const tail = hash === null ? '' : rest.slice(hash.index + hash[0].length).trim().slice(0, longestText);
  const directive = directives.find((word) => new RegExp(`^${word}\\b`, 'i').test(tail));
  return {
    ok, name, outcome: outcomeOf(ok, directive),
    detail: unescape(directive === undefined ? tail : tail.slice(directive.length).replace(/^\S*\s*/, '').trim()),
    ...(head[2] === undefined || head[2].length > longestNumber ? {} : { number: Number(head[2]) }),
  };
}

/** A directive counts whatever stands before it, as ktap.rst says of SKIP; one that means trouble makes no `ok` of it. */
function outcomeOf(ok: boolean, directive: (typeof directives)[number] | undefined): KtapOutcome {
  switch (directive) {
    case 'SKIP': return 'skip';
    case 'TODO': return 'todo';
    case 'XFAIL': return 'xfail';
    case 'TIMEOUT': return 'timeout';
    case 'ERROR': return 'error';
    case undefined: return ok ? 'pass' : 'fail';
  }
}

function unescape(text: string): string {
  return text.replace(/\\([\\#])/g, '$1');
}
