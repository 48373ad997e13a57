import { DioramaError } from '../errors.ts';
import type { Qmp } from './qmp.ts';

const pollMs = 5;

/**
 * Saves a stopped machine's state, all but its RAM (which is in its file: capability x-ignore-shared), to the file `state`.
 * @throws DioramaError `program-failed` (blame: the machine) when QEMU cannot write it
 */
export async function saveState(qmp: Qmp, state: string): Promise<void> {
  await ignoreShared(qmp);
  await qmp.ask('migrate', { uri: `exec:cat > ${shellQuoted(state)}` });
  for (;;) {
    const migration = (await qmp.ask('query-migrate')) as { status?: string; 'error-desc'?: string };
    if (migration.status === 'completed') return;
    if (migration.status === 'failed' || migration.status === 'cancelled') {
      throw new DioramaError({
        blame: 'machine',
        code: 'program-failed',
        message: `QEMU could not save the template: ${migration['error-desc'] ?? migration.status}`,
        next: 'is the disk that holds the cache full? ./diorama doctor tells',
      });
    }
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

/**
 * Has a machine that was started with `-incoming defer` read its state, and lets it go. It had stopped as "guest-panicked", which
 * QEMU keeps (migration/global_state.c sends every state but running and paused), so it goes on only when told to.
 */
export async function loadState(qmp: Qmp, state: string): Promise<void> {
  await ignoreShared(qmp);
  await qmp.ask('migrate-incoming', { uri: `exec:cat ${shellQuoted(state)}` });
  for (;;) {
    const { status } = (await qmp.ask('query-status')) as { status: string };
    if (status !== 'inmigrate') break;
    await new Promise((done) => setTimeout(done, 1));
  }
  await qmp.ask('cont');
}

async function ignoreShared(qmp: Qmp): Promise<void> {
  await qmp.ask('migrate-set-capabilities', { capabilities: [{ capability: 'x-ignore-shared', state: true }] });
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
