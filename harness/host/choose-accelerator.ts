import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { probeAccelerator, type Accelerator } from './accelerator.ts';
import type { Host } from './host.ts';
import { readJson, writeJson } from './json-file.ts';

const remembered = z.object({ boot: z.string(), accelerator: z.enum(['kvm', 'tcg']) });

/** KVM where it really boots a guest, else TCG; asked once a boot of this machine, since a KVM that hangs takes its whole bound. */
export async function chooseAccelerator(host: Host): Promise<Accelerator> {
  const file = join(host.cache, 'accelerator.json');
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim(), () => 'unknown');
  const known = await readJson(file, remembered);
  if (known?.boot === boot) return known.accelerator;
  const accelerator: Accelerator = (await probeAccelerator(host, 'kvm')).works ? 'kvm' : 'tcg';
  await writeJson(file, { boot, accelerator });
  return accelerator;
}
