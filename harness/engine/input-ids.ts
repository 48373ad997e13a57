import { contentKey } from '../host/content-key.ts';
import type { Guest } from '../guest/read-guest.ts';
import { readFragments } from '../kernel/config/merge-config.ts';
import type { KernelConfig } from '../kernel/types.ts';

/**
 * Content keys of a guest and a configuration: two of the same name may be different ones. What is said about a guest does not count.
 * @throws DioramaError `bad-file` for mistakes in a fragment
 */
export async function inputIds(guest: Guest, config: KernelConfig): Promise<{ readonly guestId: string; readonly configId: string }> {
  const asked = (await readFragments(config)).map((one) => [one.symbol, one.value, one.optional]);
  return { guestId: contentKey([JSON.stringify({ ...guest, about: '' })]), configId: contentKey([JSON.stringify(asked)]) };
}
