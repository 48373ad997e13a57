/**
 * A 64 KiB BIOS image that does in a few instructions what a kernel needs of a processor, and then says so by writing 0x10 to
 * isa-debug-exit, which makes QEMU exit with `probeGuestExitCode`. It starts at the reset vector, so no firmware takes part.
 *
 * It restores and saves the FPU with xrstor and xsave, and counts to twenty million: a KVM that only emulates (nested where the
 * outer host does not allow it) opens and runs the first steps, but knows no xrstor and takes minutes to count.
 */
export function probeGuestImage(): Buffer {
  const image = Buffer.alloc(imageBytes);
  Buffer.from(resetVector).copy(image, imageBytes - 0x10);
  Buffer.from(program).copy(image, imageBytes - 0x100);
  return image;
}

/** isa-debug-exit makes QEMU exit with (value << 1) | 1. */
export const probeGuestExitCode = (0x10 << 1) | 1;

/** QEMU maps a BIOS in pages of 64 KiB, the last byte at 4 GiB. */
const imageBytes = 0x10000;

const resetVector = [0xe9, 0x0d, 0xff]; // jmp to 0xff00

const program = [
  ...[0x31, 0xc0], // xor ax, ax
  ...[0x8e, 0xd8], // mov ds, ax
  ...[0x0f, 0x20, 0xc0], // mov eax, cr0
  ...[0x66, 0x25, 0xff, 0xff, 0xff, 0x9f], // and eax, ~(CD | NW): caches on
  ...[0x0f, 0x22, 0xc0], // mov cr0, eax
  ...[0x0f, 0x20, 0xe0], // mov eax, cr4
  ...[0x66, 0x0d, 0x00, 0x02, 0x04, 0x00], // or eax, OSFXSR | OSXSAVE
  ...[0x0f, 0x22, 0xe0], // mov cr4, eax
  ...[0x66, 0x31, 0xc9], // xor ecx, ecx
  ...[0x66, 0x31, 0xd2], // xor edx, edx
  ...[0x66, 0xb8, 0x03, 0x00, 0x00, 0x00], // mov eax, x87 | SSE
  ...[0x0f, 0x01, 0xd1], // xsetbv
  ...[0xbf, 0x00, 0x10], // mov di, 0x1000: zeroed memory, a valid empty state
  ...[0x0f, 0xae, 0x2d], // xrstor [di]
  ...[0x0f, 0xae, 0x25], // xsave [di]
  ...[0x66, 0xb9, 0x00, 0x2d, 0x31, 0x01], // mov ecx, 20000000
  ...[0x66, 0x49], // dec ecx
  ...[0x75, 0xfc], // jnz back to dec
  ...[0xb0, 0x10], // mov al, 0x10
  ...[0xe6, 0xf4], // out 0xf4, al
  ...[0xf4], // hlt
  ...[0xeb, 0xfd], // jmp back to hlt
];
