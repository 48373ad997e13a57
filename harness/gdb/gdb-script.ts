/** What gdb is to know, and where it is to stop. */
export interface GdbScript {
  /** Paths. */
  readonly vmlinux: string;
  readonly module: string;
  /** Where fuse.ko's sections are in the guest, as hexadecimal addresses; undefined for a guest that never loaded it. */
  readonly sections: Readonly<Partial<Record<'text' | 'rodata' | 'data' | 'bss', string>>> | undefined;
  /** Where the sources are, and where the compiler found them. */
  readonly source: { readonly at: string; readonly compiledFrom: string } | undefined;
  /** The stage's function that begins a step, as a hexadecimal address. */
  readonly stepFunction: string;
  readonly step: number;
  /** The unix socket, from gdb's own directory. */
  readonly socket: string;
  /** Where the person was. */
  readonly cwd: string;
  /** Everything of the guest so far, and the commands that tell it. */
  readonly trace: string;
  readonly commands: string;
}

/**
 * The script that attaches gdb to a clone that waits at its very first instruction, and lets it run to where a step begins. The stop is at
 * an instruction of the guest's own, so it is the same one every time; the number of the step is the function's first argument (System V ABI).
 */
export function gdbScript(script: GdbScript): string {
  const { sections, source } = script;
  const more = (['rodata', 'data', 'bss'] as const).flatMap((name) => (sections?.[name] === undefined ? [] : [`-s .${name} ${address(sections[name])}`]));
  return [
    'set confirm off',
    'set print thread-events off',
    'set architecture i386:x86-64',
    `file ${quoted(script.vmlinux)}`,
    ...(sections?.text === undefined ? [] : [`add-symbol-file ${quoted(script.module)} -s .text ${address(sections.text)} ${more.join(' ')}`.trimEnd()]),
    ...(source === undefined ? [] : [`set substitute-path ${quoted(source.compiledFrom)} ${quoted(source.at)}`]),
    `target remote ${script.socket}`,
    `cd ${script.cwd}`,
    `tbreak *${address(script.stepFunction)} if $edi == ${script.step}`,
    'continue',
    `python diorama_trace = ${JSON.stringify(script.trace)}`,
    `source ${script.commands}`,
    '',
  ].join('\n');
}

/** A guest says where its sections are; what is no address stays out of a script. */
function address(text: string): string {
  return /^0x[0-9a-f]{1,16}$/.test(text) ? text : '0x0';
}

/** gdb parts the arguments of these commands as a shell would (gdb's manual, "Command Syntax"; buildargv()). */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
