import { readFile, writeFile } from 'node:fs/promises';
import type { Qmp } from './qmp.ts';
import { settleClock } from './settle-clock.ts';

/**
 * Saves a stopped machine's state, all but its RAM (which is in its file), to the file `state`. The command is named after its
 * first user and needs no Xen: it writes every device's state, from the thread that has rr's lock. A migration runs in a thread
 * that does not have it, and QEMU 7.2 aborts (replay_save_clock()). The load is a plain migration, which is why the machine's
 * arguments leave out what a migration adds to the stream. The clock is settled (settle-clock.ts).
 * @throws QmpRefusal when QEMU cannot write it
 */
export async function saveState(qmp: Qmp, state: string): Promise<void> {
  await qmp.ask('xen-save-devices-state', { filename: state });
  await writeFile(state, settleClock(await readFile(state)));
}

/** Has a machine that was started with `-incoming defer` read its state (QemuStart.state), and lets it go. */
export async function loadState(qmp: Qmp): Promise<void> {
  await loadStopped(qmp);
  await qmp.ask('cont');
}

/**
 * Has a machine that was started with `-incoming defer` read its state; one with `-S` stays where it is. It had stopped as "guest-panicked",
 * which QEMU keeps (migration/global_state.c sends every state but running and paused), so it goes on only when told to.
 */
export async function loadStopped(qmp: Qmp): Promise<void> {
  await qmp.ask('migrate-incoming', { uri: `fd:${stateDescriptor}` });
  for (;;) {
    const { status } = (await qmp.ask('query-status')) as { status: string };
    if (status !== 'inmigrate') break;
    await new Promise((done) => setTimeout(done, 1));
  }
}

/** The first after standard error: where startQemu() puts the state's file. */
const stateDescriptor = 3;
