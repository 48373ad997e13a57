import type { ModuleFile, ModuleSymbol, Relocation } from './read-module.ts';
import { describePlace, describeTarget, targetsOf, type Targets } from './relocation-targets.ts';

/** A function of a module. */
export interface FunctionOf {
  readonly file: ModuleFile;
  readonly symbol: ModuleSymbol;
}

/**
 * Whether two functions are the same code: the same bytes, but for references, which are the same when they name the same thing. The
 * assembler leaves no relocation for a call within its own file, so a difference in the operand of a call or jump is looked up as well.
 */
export function compareFunctions(left: FunctionOf, right: FunctionOf): boolean {
  const [a, b] = [bodyOf(left), bodyOf(right)];
  if (a.bytes.length !== b.bytes.length || a.relocations.length !== b.relocations.length) return false;
  const referred = a.relocations.every((one, at) => {
    const other = b.relocations[at];
    return other !== undefined && one.offset - a.start === other.offset - b.start && describeTarget(one, a.targets) === describeTarget(other, b.targets);
  });
  if (!referred) return false;
  const fields = a.relocations.map(({ offset, type }) => ({ from: offset - a.start, to: offset - a.start + (type === absolute64 ? 8 : 4) }));
  for (let at = 0; at < a.bytes.length; at += 1) {
    if (a.bytes[at] === b.bytes[at]) continue;
    const field = fields.find(({ from, to }) => at >= from && at < to);
    const past = field ? field.to : sameBranch(a, b, at);
    if (past === undefined) return false;
    at = past - 1;
  }
  return true;
}

const absolute64 = 1;

interface Body {
  readonly section: number;
  /** Offset in its section. */
  readonly start: number;
  readonly bytes: Buffer;
  readonly relocations: readonly Relocation[];
  readonly targets: Targets;
}

const indexes = new WeakMap<ModuleFile, Targets>();

function bodyOf({ file, symbol }: FunctionOf): Body {
  const section = symbol.section ?? -1;
  const found = file.sections[section];
  const targets = indexes.get(file) ?? targetsOf(file);
  indexes.set(file, targets);
  const end = symbol.at + symbol.size;
  return {
    section, start: symbol.at, targets,
    bytes: found?.bytes.subarray(symbol.at, end) ?? Buffer.alloc(0),
    relocations: found?.relocations.filter(({ offset }) => offset >= symbol.at && offset < end) ?? [],
  };
}

/** Where the operand ends that the byte `at` belongs to, when it is that of the same call or jump to the same place in both. */
function sameBranch(a: Body, b: Body, at: number): number | undefined {
  for (let field = at; field >= Math.max(1, at - 3); field -= 1) {
    if (field + 4 > a.bytes.length || !isBranch(a.bytes, field) || !isBranch(b.bytes, field)) continue;
    if (branchTarget(a, field) === branchTarget(b, field)) return field + 4;
  }
  return undefined;
}

/** call rel32, jmp rel32 and jcc rel32 (Intel SDM vol. 2). */
function isBranch(bytes: Buffer, field: number): boolean {
  const [before, last = 0] = [bytes[field - 2], bytes[field - 1]];
  return last === 0xe8 || last === 0xe9 || (before === 0x0f && (last & 0xf0) === 0x80);
}

function branchTarget(body: Body, field: number): string {
  return describePlace(body.section, body.start + field + 4 + body.bytes.readInt32LE(field), body.targets);
}
