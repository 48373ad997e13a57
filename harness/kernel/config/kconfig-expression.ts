/** An expression of `depends on`, `if` or a prompt (Documentation/kbuild/kconfig-language.rst, "Menu dependencies"). */
export type Expression =
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A macro such as `$(cc-option,-mfoo)`: what it says depends on the toolchain and is not worked out here. */
  | { readonly kind: 'macro'; readonly text: string }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] };

/** Values of a `.config`, by symbol with its `CONFIG_`. */
export type Values = ReadonlyMap<string, string>;

/** Parses an expression; one that cannot be read whole becomes a macro, which is never blamed wrongly. */
export function parseExpression(text: string): Expression {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|&&|\|\||!=|<=|>=|[=<>!]|\$\((?:[^()]|\([^()]*\))*\)|[()]|[\w$./-]+/g) ?? [];
  const cursor = { tokens, at: 0 };
  const parsed = parseOr(cursor);
  return parsed !== undefined && cursor.at === tokens.length ? parsed : { kind: 'macro', text };
}

/** 0 for n, 1 for m, 2 for y; undefined where a macro decides. */
export function evaluate(expression: Expression, values: Values): number | undefined {
  switch (expression.kind) {
    case 'symbol':
      return { y: 2, m: 1 }[valueOf(expression, values)] ?? 0;
    case 'text':
      return { y: 2, m: 1 }[expression.text] ?? 0;
    case 'macro':
      return undefined;
    case 'compare':
      return compare(expression.operator, valueOf(expression.left, values), valueOf(expression.right, values)) ? 2 : 0;
    case 'not': {
      const of = evaluate(expression.of, values);
      return of === undefined ? undefined : 2 - of;
    }
    case 'and': {
      const parts = expression.parts.map((part) => evaluate(part, values));
      if (parts.includes(0)) return 0;
      return parts.includes(undefined) ? undefined : Math.min(...parts.map((part) => part ?? 0));
    }
    case 'or': {
      const parts = expression.parts.map((part) => evaluate(part, values));
      if (parts.includes(2)) return 2;
      return parts.includes(undefined) ? undefined : Math.max(...parts.map((part) => part ?? 0));
    }
  }
}

/** The smallest parts of an expression that keep it from holding, as one would write them. */
export function failingParts(expression: Expression, values: Values, wanted = 1): readonly string[] {
  if ((evaluate(expression, values) ?? wanted) >= wanted) return [];
  if (expression.kind === 'and') return expression.parts.flatMap((part) => failingParts(part, values, wanted));
  return [printExpression(expression)];
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'symbol':
      return expression.name;
    case 'text':
      return `"${expression.text}"`;
    case 'macro':
      return expression.text;
    case 'compare':
      return `${printExpression(expression.left)}${expression.operator}${printExpression(expression.right)}`;
    case 'not':
      return `!${inParentheses(expression.of)}`;
    case 'and':
      return expression.parts.map(inParentheses).join(' && ');
    case 'or':
      return expression.parts.map(inParentheses).join(' || ');
  }
}

function inParentheses(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === 'and' || expression.kind === 'or' ? `(${text})` : text;
}

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function parseOr(cursor: Cursor): Expression | undefined {
  return parseChain(cursor, '||', 'or', () => parseChain(cursor, '&&', 'and', () => parseUnary(cursor)));
}

function parseChain(cursor: Cursor, operator: string, kind: 'and' | 'or', next: () => Expression | undefined): Expression | undefined {
  const parts: Expression[] = [];
  for (;;) {
    const part = next();
    if (part === undefined) return undefined;
    parts.push(part);
    if (cursor.tokens[cursor.at] !== operator) break;
    cursor.at++;
  }
  return parts.length === 1 ? parts[0] : { kind, parts };
}

function parseUnary(cursor: Cursor): Expression | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === '!') {
    cursor.at++;
    const of = parseUnary(cursor);
    return of === undefined ? undefined : { kind: 'not', of };
  }
  if (token === '(') {
    cursor.at++;
    const inner = parseOr(cursor);
    if (cursor.tokens[cursor.at] !== ')') return undefined;
    cursor.at++;
    return inner;
  }
  return parseComparison(cursor);
}

function parseComparison(cursor: Cursor): Expression | undefined {
  const left = parseAtom(cursor.tokens[cursor.at++]);
  const operator = cursor.tokens[cursor.at];
  if (left === undefined || operator === undefined || !['=', '!=', '<', '>', '<=', '>='].includes(operator)) return left;
  cursor.at++;
  const right = parseAtom(cursor.tokens[cursor.at++]);
  return right === undefined ? undefined : { kind: 'compare', operator, left, right };
}

function parseAtom(token: string | undefined): Expression | undefined {
  if (token === undefined || /^(&&|\|\||[()=<>!]|!=|<=|>=)$/.test(token)) return undefined;
  if (token.startsWith('$(')) return { kind: 'macro', text: token };
  if (/^["']/.test(token)) return { kind: 'text', text: token.slice(1, -1) };
  if (/^(y|m|n|\d.*|-\d.*)$/.test(token)) return { kind: 'text', text: token };
  return { kind: 'symbol', name: token };
}

function valueOf(expression: Expression, values: Values): string {
  if (expression.kind === 'symbol') return values.get(`CONFIG_${expression.name}`)?.replace(/^"(.*)"$/, '$1') ?? 'n';
  return expression.kind === 'text' ? expression.text : '';
}

function compare(operator: string, left: string, right: string): boolean {
  const [a, b] = [Number(left), Number(right)];
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    default:
      return a >= b;
  }
}
