/**
 * A reason or a splat's title without what moves with every change of a kernel: line numbers of its sources, addresses and offsets, CPU and
 * process, and where on the console it was. Of two builds, those with the same text complain of the same.
 */
export function withoutPlaces(text: string): string {
  return text
    .replace(/\b([\w./-]+\.[chS]):\d+/g, '$1')
    .replace(/\b(CPU|PID|UID): \d+/g, '$1')
    .replace(/\+?0x[\da-f]+(\/0x[\da-f]+)?|\b[\da-f]{16}\b/gi, '')
    .replace(/console line \d+/g, 'console');
}
