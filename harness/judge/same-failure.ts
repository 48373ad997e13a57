import type { Verdict } from './verdict.ts';

/**
 * Whether two failures are one: of the same kind, at the same step and with the same reason, but for the numbers and addresses that move
 * when the kernel around them changes (`file.c:1365`, `+0x1f/0x240`, `PID: 71`).
 */
export function sameFailure(a: Verdict, b: Verdict): boolean {
  return a.kind === b.kind && a.step === b.step && withoutNumbers(a.reason) === withoutNumbers(b.reason);
}

function withoutNumbers(reason: string): string {
  return reason.replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b|\d+/gi, '#');
}
