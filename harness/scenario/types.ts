/** A scene as its file says it, with every default filled in and every name checked. */
export interface Scenario {
  readonly name: string;
  readonly file: string;
  readonly protects: string;
  readonly source: string;
  readonly needs: readonly string[];
  readonly server: { readonly init: readonly string[]; readonly maxWrite: number };
  readonly files: readonly SceneFile[];
  readonly actors: readonly Actor[];
  readonly steps: readonly Step[];
}

export interface SceneFile {
  readonly name: string;
  readonly size: number;
  /** One letter; what the file is full of. */
  readonly fill: string;
  readonly open: number;
}

export interface Actor {
  readonly name: string;
  /** Actors with the same process are its threads. */
  readonly process: string;
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

export interface OrderStep {
  readonly kind: 'order';
  /** 1-based. */
  readonly number: number;
  readonly actor: string;
  readonly call: Call;
  readonly expect: ReadonlyMap<string, Outcome>;
}

export interface ServerStep {
  readonly kind: 'server';
  readonly number: number;
  readonly action: ServerAction;
  readonly expect: ReadonlyMap<string, Outcome>;
}

export type ServerAction =
  | { readonly kind: 'hold' | 'unhold'; readonly match: RequestMatch }
  | { readonly kind: 'release'; readonly match: RequestMatch; readonly count?: number; readonly error?: string; readonly bytes?: number }
  | { readonly kind: 'open-flags'; readonly file: string; readonly flags: number }
  /** The server's file changes its size, and the kernel is not told. */
  | { readonly kind: 'size'; readonly file: string; readonly bytes: number };

/** One system call; `handle` and `mapping` are names that its process gave. */
export type Call =
  | { readonly kind: 'open'; readonly file: string; readonly handle: string; readonly flags: readonly string[] }
  | { readonly kind: 'close' | 'fsync' | 'fstat'; readonly handle: string }
  | { readonly kind: 'ftruncate'; readonly handle: string; readonly bytes: number }
  | { readonly kind: 'pread'; readonly handle: string; readonly at: number; readonly bytes: number }
  | { readonly kind: 'pwrite'; readonly handle: string; readonly at: number; readonly bytes: number; readonly fill: string }
  | { readonly kind: 'mmap'; readonly handle: string; readonly mapping: string; readonly bytes: number; readonly prot: readonly string[]; readonly share: 'shared' | 'private' }
  | { readonly kind: 'munmap' | 'msync'; readonly mapping: string }
  | { readonly kind: 'load'; readonly mapping: string; readonly at: number; readonly bytes: number }
  | { readonly kind: 'store'; readonly mapping: string; readonly at: number; readonly bytes: number; readonly fill: string };

/** What an actor's call must have come to when nothing moves any more. */
export type Outcome =
  /** It returned: `value` where it matters (else anything but an error), and the bytes that it read, as runs. */
  | { readonly kind: 'returns'; readonly value?: number; readonly sees?: string }
  | { readonly kind: 'fails'; readonly errno: string }
  /** Its request is at the server, which holds it. */
  | { readonly kind: 'held' }
  /** It sleeps in the kernel and no request of it is at the server; `where` as in scenario/places.ts, or a kernel function. */
  | { readonly kind: 'waits'; readonly where?: string };
