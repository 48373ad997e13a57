import { join } from 'node:path';
import { writeWhole } from '../results/run-directory.ts';
import { indexPage } from './index-page.ts';
import type { NightlyConfig } from './nightly-config.ts';
import { writeNightlyState, type Cell, type Memory, type Night, type NightlyState } from './night-state.ts';
import { forgetNights, pruneRuns } from './prune-nights.ts';

/** The night and what is remembered, while they change; on disk after every change. */
export interface NightBook {
  readonly night: Night;
  update(change: Partial<Night>): Promise<void>;
  /** An entry has come to an end. */
  settle(entry: string, given: { readonly cell: Cell; readonly spentMs: number; readonly memory: Partial<Memory> }): Promise<void>;
  finish(): Promise<void>;
}

/** Opens the night `begun`, the last of the state or one more. */
export function openNightBook(config: NightlyConfig, before: NightlyState, begun: Night): NightBook {
  let night = begun;
  let state: NightlyState = { ...before, nights: [...before.nights.filter(({ id }) => id !== begun.id), begun] };
  const write = async (): Promise<void> => {
    state = { ...state, nights: [...state.nights.slice(0, -1), night] };
    await writeNightlyState(config.results, state);
    await writeWhole(join(config.results, 'index.html'), indexPage(state.nights, { title: 'diorama nightly' }));
  };
  return {
    get night() {
      return night;
    },
    update: (change) => {
      night = { ...night, ...change };
      return write();
    },
    settle: (entry, { cell, spentMs, memory }) => {
      night = { ...night, spentMs: night.spentMs + spentMs, cells: { ...night.cells, [entry]: cell } };
      state = { ...state, entries: { ...state.entries, [entry]: { ...state.entries[entry], ...memory } } };
      return write();
    },
    finish: async () => {
      night = { ...night, status: 'done', ended: new Date().toISOString() };
      state = forgetNights(state, config.keep);
      await write();
      await pruneRuns(config.results, state);
    },
  };
}
