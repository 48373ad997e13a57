import { join } from 'node:path';
import { z } from 'zod';
import { probeAccelerator, type Accelerator } from './accelerator.ts';
import { bootId } from './boot-id.ts';
import type { Host } from './host.ts';
import { readJson, writeJson } from './json-file.ts';

const remembered = z.object({ boot: z.string(), accelerator: z.enum(['kvm', 'tcg']) });

/** KVM where it really boots a guest, else TCG; asked once a boot of this machine, since a KVM that hangs takes its whole bound. */
export async function chooseAccelerator(host: Host): Promise<Accelerator> {
  const boot = await bootId();
  const known = await readJson(fileIn(host), remembered);
  if (known?.boot === boot) return known.accelerator;
  const accelerator: Accelerator = (await probeAccelerator(host, 'kvm')).works ? 'kvm' : 'tcg';
  await rememberAccelerator(host, accelerator);
  return accelerator;
}

/** Until the machine boots again, for one that runs the probe's guest and no kernel. */
export async function rememberAccelerator(host: Host, accelerator: Accelerator): Promise<void> {
  await writeJson(fileIn(host), { boot: await bootId(), accelerator });
}

function fileIn(host: Host): string {
  return join(host.cache, 'accelerator.json');
}
