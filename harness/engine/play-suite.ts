import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { withLogin } from '../guest/guest-shell.ts';
import { bringFiles, enterHost } from '../guest/host-root.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Variant } from '../kernel/types.ts';
import type { Stage } from '../stage/build-stage.ts';
import { judgeSuite } from '../suites/judge-suite.ts';
import type { ServerName, Suite } from '../suites/read-suite.ts';
import { suiteScript } from '../suites/suite-script.ts';
import { guestFiles } from './clone-files.ts';
import { loginProgram } from './login-world.ts';

/** A suite on one of its servers, and the kernel to play it on. */
export interface SuiteToPlay {
  readonly suite: Suite;
  readonly server: ServerName;
  readonly variant: Variant;
  readonly guest: Guest;
  readonly accelerator: Accelerator;
  readonly stage: Stage;
  /** Variables that the script is given, such as the paths of what was built for it. */
  readonly variables: ReadonlyMap<string, string>;
  /** Where its script, output, console and files are kept. */
  readonly dir: string;
}

/** The stage's files are as large as it can make them: MAX_FILE_BYTES in guests/stage/program.h. */
const fileSize = '4M';
const mostOutput = 16 << 20;
const mostJudged = 1 << 20;

/**
 * Boots a guest with the host's root, runs the suite in it and judges what it came to; the guest is ended at the suite's bound.
 * @throws DioramaError `boot-failed` when the guest is never ready, or of the machine
 */
export async function playSuite(host: Host, given: SuiteToPlay): Promise<Verdict> {
  const { suite, dir, guest } = given;
  await mkdir(dir, { recursive: true });
  const file = (name: string): string => join(dir, name);
  const script = suiteScript(suite, given);
  await writeFile(file('script'), script, { mode: 0o755 });
  await writeFile(file('program'), loginProgram(fileSize));
  const request = {
    guest, kernel: given.variant.vmlinux, initrd: given.stage.initrd, files: guestFiles(file('program'), given.variant), accelerator: given.accelerator, bus: 'mmio',
    console: file('console'), limitMs: suite.bound,
  } as const;
  let trouble: { hung: boolean; message: string } | undefined;
  let begun = false;
  const exitCode = await withLogin(host, request, async (login) => {
    begun = true;
    const code = await login.run(enterHost('/', ['/bin/sh', '-c', script]), { file: file('output'), mostBytes: mostOutput, errors: true });
    await bringFiles(host, login, dir);
    return code;
  }).catch((error: unknown) => {
    if (!begun || !(error instanceof DioramaError) || host.signal.aborted) throw error;
    if (error.code === 'bad-usage') trouble = { hung: false, message: error.message };
    else if (error.blame === 'kernel') trouble = { hung: error.code === 'timed-out', message: error.message };
    else throw error;
    return undefined;
  });
  const [output, console] = await Promise.all([tailOf(file('output')), tailOf(file('console'))]);
  const verdict = judgeSuite({ exitCode, output, console, ...(trouble && { trouble }) });
  await writeFile(file('verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  return verdict;
}

/** The end of a file that may be large; nothing of one that is not there. */
async function tailOf(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const bytes = Math.min(size, mostJudged);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
