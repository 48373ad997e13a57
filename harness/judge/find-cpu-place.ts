/**
 * Where the CPU was when a hung guest was asked by NMI: the function, and the first of fs/fuse that had called it, from the first
 * register dump of a console (arch/x86/kernel/dumpstack.c). Undefined when there is none.
 */
export function findCpuPlace(console: string): string | undefined {
  const found = /RIP: 0010:([\w.]+)\+0x/.exec(console);
  if (!found?.[1]) return undefined;
  const caller = /^.*?\]\s+(?!\? )([\w.]+)\+0x\S+ \[fuse\]/m.exec(console.slice(found.index));
  return caller?.[1] === undefined || caller[1] === found[1] ? found[1] : `${found[1]}, called by ${caller[1]}`;
}
