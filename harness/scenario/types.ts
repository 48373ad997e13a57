/** A scene as its file says it, with every default filled in and every name checked. */
export interface Scenario {
  readonly name: string;
  readonly file: string;
  readonly protects: string;
  readonly source: string;
  /** Ids of rules (harness/model/rules.ts) that the scene protects. */
  readonly covers: readonly string[];
  readonly needs: readonly string[];
  readonly server: {
    readonly init: readonly string[];
    /** Bytes of one WRITE, and pages of any request, at most. */
    readonly maxWrite: number;
    readonly maxPages: number;
    /** Microseconds that a READ or WRITE is at the server before it is answered. */
    readonly delayUs: number;
    /** max_stack_depth of the INIT answer. */
    readonly stackDepth: number;
    /** Whether the INIT answer has FUSE_INIT_EXT, without which flags from bit 32 on do not count. */
    readonly extended: boolean;
  };
  readonly files: readonly SceneFile[];
  readonly actors: readonly Actor[];
  readonly steps: readonly Step[];
  /** Steps that follow in every order that makes a difference, by session; `steps` come before each order (harness/model/expand-orders.ts). */
  readonly sessions?: ReadonlyMap<string, readonly Step[]>;
  /** The steps are played again and again, and timed (harness/model/expand-measure.ts). */
  readonly measure?: Measure;
}

export interface Measure {
  /** FOPEN flags of the files, by the name of the io mode that they stand for. */
  readonly modes: ReadonlyMap<string, number>;
  /** How many actors do at once what the actor `w` does; not there where nobody is multiplied. */
  readonly writers?: readonly number[];
  readonly repeat: number;
}

/** What the time that a step takes is of. */
export interface Measured {
  /** The call, with its number where it is not the only one of its kind in a round: `load 2`. */
  readonly operation: string;
  readonly mode: string;
  readonly writers: number;
}

export interface SceneFile {
  readonly name: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  /** One letter; what the file is full of. */
  readonly fill: string;
  /** FOPEN flags of each open's answer. */
  readonly open: number;
  /** Not there until somebody opens it with O_CREAT. */
  readonly absent: boolean;
}

export interface Actor {
  readonly name: string;
  /** Actors with the same process are its threads. A forked actor is the only thread of a process of its own name. */
  readonly process: string;
  /** It begins to live when a `fork` call of another actor makes it, with that process's open files and mappings. */
  readonly forked: boolean;
}

/** Which requests: every field that is there must agree. */
export interface RequestMatch {
  readonly opcode?: string;
  readonly by?: string;
  readonly file?: string;
  /** The server's number of an open: 1 is the first of the scene. */
  readonly handle?: number;
  readonly at?: number;
  readonly bytes?: number;
}

export type Step = OrderStep | ServerStep;

interface AnyStep {
  /** 1-based, through the whole scene; the steps of a `parallel` block have numbers of their own. */
  readonly number: number;
  /** Done at once after the step before, without waiting until nothing moves: a step of a `parallel` block that is not its first. */
  readonly joins: boolean;
  /** What the actors must have come to when nothing moves any more; of a `parallel` block only its last step says it. */
  readonly expect: ReadonlyMap<string, Outcome>;
  /** Requests that must have arrived since the last rest, by opcode; only those that are named are counted. */
  readonly arrives?: ReadonlyMap<string, number>;
  /** Of which order of the sessions it is a step. */
  readonly label?: string;
  /** Of a scene that measures. */
  readonly measured?: Measured;
}

export interface OrderStep extends AnyStep {
  readonly kind: 'order';
  readonly actor: string;
  readonly call: Call;
}

export interface ServerStep extends AnyStep {
  readonly kind: 'server';
  readonly action: ServerAction;
  /** What the action itself must come to, of those that come to something: `content`, `backing`, `backing-close`, `invalidate`. */
  readonly result?: Outcome;
}

/** What is registered instead of a regular file, so that the kernel refuses it: a directory, an fd that is not open, a device. */
export type BackingKind = 'directory' | 'closed' | 'device';

/** What the server does, or the stage itself (kill, drop-caches, abort, die). */
export type ServerAction =
  | { readonly kind: 'hold' | 'unhold'; readonly match: RequestMatch }
  | { readonly kind: 'release'; readonly match: RequestMatch; readonly count?: number; readonly error?: string; readonly bytes?: number }
  /** `backing` names a backing file of the scene, or is a raw backing id. */
  | { readonly kind: 'open-flags'; readonly file: string; readonly flags: number; readonly backing?: string | number }
  /** The server's file changes its size, and the kernel is not told. */
  | { readonly kind: 'size'; readonly file: string; readonly bytes: number }
  /** The server's bytes change, and the kernel is not told. */
  | { readonly kind: 'change'; readonly file: string; readonly at: number; readonly bytes: number; readonly fill: string }
  /** FUSE_NOTIFY_INVAL_INODE; bytes 0 is to the end. */
  | { readonly kind: 'invalidate'; readonly file: string; readonly at: number; readonly bytes: number }
  /** Makes a file of the server's own and registers it with FUSE_DEV_IOC_BACKING_OPEN; with `file`, registers that one as the mount shows it. */
  | { readonly kind: 'backing'; readonly name: string; readonly bytes: number; readonly fill: string; readonly of?: BackingKind; readonly file?: string; readonly flags?: number; readonly unprivileged?: boolean }
  /** FUSE_DEV_IOC_BACKING_CLOSE, of a backing file of the scene or of a raw id. */
  | { readonly kind: 'backing-close'; readonly name: string | number }
  /** Looks at what the server has, of a file or of a backing file. */
  | { readonly kind: 'content'; readonly file?: string; readonly backing?: string; readonly at: number; readonly bytes: number }
  /** Aborts the connection (fusectl). */
  | { readonly kind: 'abort' }
  /** The server is killed. */
  | { readonly kind: 'die' }
  /** A signal to an actor's process; KILL, TERM (both end it) or USR1 (which it catches). */
  | { readonly kind: 'kill'; readonly actor: string; readonly signal: 'KILL' | 'TERM' | 'USR1' }
  /** echo 3 > /proc/sys/vm/drop_caches. */
  | { readonly kind: 'drop-caches' };

/** One system call; `handle` and `mapping` are names that its process gave. */
export type Call =
  | { readonly kind: 'open'; readonly file: string; readonly handle: string; readonly flags: readonly string[] }
  | { readonly kind: 'close' | 'fsync' | 'fdatasync' | 'fstat'; readonly handle: string }
  | { readonly kind: 'dup'; readonly handle: string; readonly copy: string }
  /** fcntl(F_SETFL): APPEND, DIRECT, NONBLOCK; what is not named is cleared. */
  | { readonly kind: 'setfl'; readonly handle: string; readonly flags: readonly string[] }
  | { readonly kind: 'ftruncate'; readonly handle: string; readonly bytes: number }
  | { readonly kind: 'truncate'; readonly file: string; readonly bytes: number }
  | { readonly kind: 'fallocate'; readonly handle: string; readonly at: number; readonly bytes: number; readonly mode: readonly string[] }
  | { readonly kind: 'lseek'; readonly handle: string; readonly at: number; readonly whence: 'SET' | 'CUR' | 'END' | 'DATA' | 'HOLE' }
  /** preadv2 where there are RWF flags. */
  | { readonly kind: 'pread'; readonly handle: string; readonly at: number; readonly bytes: number; readonly rwf: readonly string[]; readonly to?: string }
  /**
   * pwritev2 where there are RWF flags. `from`: the buffer is this mapping of the process, from its first byte on, or `fresh`, memory
   * that was never touched; there is no fill then.
   */
  | { readonly kind: 'pwrite'; readonly handle: string; readonly at: number; readonly bytes: number; readonly fill?: string; readonly rwf: readonly string[]; readonly from?: string }
  /** At the file's own position. */
  | { readonly kind: 'read'; readonly handle: string; readonly bytes: number }
  | { readonly kind: 'write'; readonly handle: string; readonly bytes: number; readonly fill: string }
  /** One io_submit (libaio) or io_uring_enter of one request; it returns 1 when that was taken. */
  | { readonly kind: 'submit'; readonly handle: string; readonly through: 'aio' | 'uring'; readonly io: 'read' | 'write'; readonly at: number; readonly bytes: number; readonly fill?: string }
  /** Waits for the oldest submitted request of this actor that is not reaped and returns its result. */
  | { readonly kind: 'reap' }
  | { readonly kind: 'copy'; readonly handle: string; readonly to: string; readonly at: number; readonly toAt: number; readonly bytes: number }
  /** sendfile to a file in memory, or splice to a pipe; returns what got there. */
  | { readonly kind: 'sendfile' | 'splice'; readonly handle: string; readonly at: number; readonly bytes: number }
  /** A pipe filled with bytes is spliced into the file. */
  | { readonly kind: 'splice-write'; readonly handle: string; readonly at: number; readonly bytes: number; readonly fill: string }
  | {
      readonly kind: 'mmap'; readonly handle: string; readonly mapping: string; readonly at: number; readonly bytes: number;
      readonly prot: readonly string[]; readonly share: 'shared' | 'private';
    }
  | { readonly kind: 'munmap'; readonly mapping: string; readonly at?: number; readonly bytes?: number }
  | { readonly kind: 'msync'; readonly mapping: string; readonly flags: readonly string[] }
  | { readonly kind: 'mremap'; readonly mapping: string; readonly bytes: number }
  | { readonly kind: 'mprotect'; readonly mapping: string; readonly prot: readonly string[] }
  | { readonly kind: 'madvise'; readonly mapping: string; readonly advice: 'DONTNEED' | 'WILLNEED' | 'POPULATE_READ' | 'POPULATE_WRITE' }
  | { readonly kind: 'load'; readonly mapping: string; readonly at: number; readonly bytes: number }
  | { readonly kind: 'store'; readonly mapping: string; readonly at: number; readonly bytes: number; readonly fill: string }
  /** The caller's process is forked; the child is a forked actor of the scene. */
  | { readonly kind: 'fork'; readonly child: string }
  /** The actor's process ends, and with it all its threads. */
  | { readonly kind: 'exit' };

/** What an actor's call must have come to when nothing moves any more. */
export type Outcome =
  /** It returned: `value` where it matters (else anything but an error), and the bytes that it read, as runs. */
  | { readonly kind: 'returns'; readonly value?: number; readonly sees?: string }
  | { readonly kind: 'fails'; readonly errno: string }
  /** The call raised this signal, which the actor caught: BUS or SEGV of a load or store. */
  | { readonly kind: 'raises'; readonly signal: string }
  /** Its request is at the server, which holds it. */
  | { readonly kind: 'held' }
  /** It sleeps in the kernel and no request of it is at the server; `where` as in scenario/places.ts, or a kernel function. */
  | { readonly kind: 'waits'; readonly where?: string }
  /** Its process is gone. */
  | { readonly kind: 'ends' }
  /** It is in no call: one that may have returned before. */
  | { readonly kind: 'idle' }
  /** One of these, where more than one is right: a race that the scene leaves open. */
  | { readonly kind: 'any'; readonly of: readonly Outcome[] };
