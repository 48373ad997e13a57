import { wholeOf } from '../model/expand-orders.ts';
import type { Side } from '../events.ts';

const kept = new Set(['--kernel', '--guest', '--config', '--model']);

/**
 * The words of the `./diorama test` that plays a scene of a run again: with what the run itself was told of kernel, guest, config and
 * model, and with its series on the patched side. A scene of the user's own is named by the copy that the run kept.
 */
export function testCommand(
  command: readonly string[],
  given: { readonly scene: string; readonly side: Side; readonly ownFile: string | undefined },
): string[] {
  const words = ['./diorama', 'test', given.ownFile ?? wholeOf(given.scene)];
  const args = command.flatMap((arg) => (/^--[a-z-]+=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg]));
  args.forEach((arg, index) => {
    const value = args[index + 1];
    if (value !== undefined && (kept.has(arg) || (arg === '--series' && given.side === 'patched'))) words.push(arg, value);
  });
  return words;
}
