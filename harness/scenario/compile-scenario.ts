import { constants } from 'node:os';
import { initFlags, opcodes } from './fuse-names.ts';
import type { Call, RequestMatch, Scenario, ServerAction } from './types.ts';

/** open(2) flags on x86-64 Linux (asm-generic/fcntl.h). */
const openBits: Readonly<Record<string, number>> = {
  RDONLY: 0, WRONLY: 1, RDWR: 2, TRUNC: 0o1000, APPEND: 0o2000, NONBLOCK: 0o4000, DSYNC: 0o10000, DIRECT: 0o40000, SYNC: 0o4010000,
};
const protBits: Readonly<Record<string, number>> = { READ: 1, WRITE: 2 };
const mapBits = { shared: 1, private: 2 } as const;

/** The root directory is inode 1; the scene's files follow in their order. */
const firstInode = 2;

/**
 * The program of a scene: what the stage in the guest reads (guests/stage/program.h describes the lines). It holds what to do and
 * nothing of what should come of it.
 */
export function compileScenario(scene: Scenario): string {
  const inodes = new Map(scene.files.map((file, index) => [file.name, firstInode + index]));
  const actors = new Map(scene.actors.map((actor, index) => [actor.name, index]));
  const processes = [...new Set(scene.actors.map((actor) => actor.process))];
  const slots = new Map<string, number>();
  const slot = (process: string, kind: 'fd' | 'map', name: string): number => {
    const key = `${process} ${kind} ${name}`;
    const taken = slots.get(key) ?? [...slots.keys()].filter((other) => other.startsWith(`${process} ${kind} `)).length;
    slots.set(key, taken);
    return taken;
  };
  const names: Names = { inodes, actors, slot };
  const flags = scene.server.init.reduce((all, flag) => all | (initFlags[flag] ?? 0n), 0n);
  return [
    'program 1',
    `init flags=0x${flags.toString(16)} max_write=${scene.server.maxWrite}`,
    ...scene.files.map((file) => `file ino=${inodes.get(file.name)} name=${file.name} size=${file.size} fill=${file.fill.charCodeAt(0)} open=0x${file.open.toString(16)}`),
    ...scene.actors.map((actor, index) => `actor id=${index} name=${actor.name} process=${processes.indexOf(actor.process)}`),
    ...scene.steps.map((step) => {
      if (step.kind === 'server') return `step n=${step.number} ${actionWords(step.action, names)}`;
      const process = scene.actors.find((actor) => actor.name === step.actor)?.process ?? step.actor;
      return `step n=${step.number} do=order actor=${actors.get(step.actor)} ${callWords(step.call, process, names)}`;
    }),
    'end',
    '',
  ].join('\n');
}

interface Names {
  readonly inodes: ReadonlyMap<string, number>;
  readonly actors: ReadonlyMap<string, number>;
  readonly slot: (process: string, kind: 'fd' | 'map', name: string) => number;
}

function callWords(call: Call, process: string, names: Names): string {
  const fd = (handle: string): string => `handle=${names.slot(process, 'fd', handle)}`;
  const map = (mapping: string): string => `handle=${names.slot(process, 'map', mapping)}`;
  switch (call.kind) {
    case 'open':
      return `call=open ino=${names.inodes.get(call.file)} flags=0x${bits(call.flags, openBits).toString(16)} ${fd(call.handle)}`;
    case 'close':
    case 'fsync':
    case 'fstat':
      return `call=${call.kind} ${fd(call.handle)}`;
    case 'ftruncate':
      return `call=ftruncate ${fd(call.handle)} len=${call.bytes}`;
    case 'pread':
      return `call=pread ${fd(call.handle)} off=${call.at} len=${call.bytes}`;
    case 'pwrite':
      return `call=pwrite ${fd(call.handle)} off=${call.at} len=${call.bytes} fill=${call.fill.charCodeAt(0)}`;
    case 'mmap':
      return `call=mmap ${fd(call.handle)} mapping=${names.slot(process, 'map', call.mapping)} len=${call.bytes} prot=${bits(call.prot, protBits)} flags=${mapBits[call.share]}`;
    case 'munmap':
    case 'msync':
      return `call=${call.kind} ${map(call.mapping)}`;
    case 'load':
      return `call=load ${map(call.mapping)} off=${call.at} len=${call.bytes}`;
    case 'store':
      return `call=store ${map(call.mapping)} off=${call.at} len=${call.bytes} fill=${call.fill.charCodeAt(0)}`;
  }
}

function actionWords(action: ServerAction, names: Names): string {
  switch (action.kind) {
    case 'hold':
    case 'unhold':
      return [`do=${action.kind}`, ...matchWords(action.match, names)].join(' ');
    case 'release':
      return [
        'do=release', ...matchWords(action.match, names),
        ...(action.count === undefined ? [] : [`count=${action.count}`]),
        ...(action.error === undefined ? [] : [`errno=${(constants.errno as Record<string, number>)[action.error]}`]),
        ...(action.bytes === undefined ? [] : [`bytes=${action.bytes}`]),
      ].join(' ');
    case 'open-flags':
      return `do=open-flags ino=${names.inodes.get(action.file)} open=0x${action.flags.toString(16)}`;
    case 'size':
      return `do=size ino=${names.inodes.get(action.file)} size=${action.bytes}`;
  }
}

function matchWords(match: RequestMatch, names: Names): string[] {
  return [
    ...(match.opcode === undefined ? [] : [`op=${opcodes[match.opcode]}`]),
    ...(match.by === undefined ? [] : [`by=${names.actors.get(match.by)}`]),
    ...(match.file === undefined ? [] : [`ino=${names.inodes.get(match.file)}`]),
    ...(match.handle === undefined ? [] : [`fh=${match.handle}`]),
    ...(match.at === undefined ? [] : [`off=${match.at}`]),
    ...(match.bytes === undefined ? [] : [`len=${match.bytes}`]),
  ];
}

function bits(names: readonly string[], table: Readonly<Record<string, number>>): number {
  return names.reduce((all, name) => all | (table[name] ?? 0), 0);
}
