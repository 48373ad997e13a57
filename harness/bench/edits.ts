/** A change as somebody would save it: it compiles, and what is built of it differs from what was built before. */
export interface Edit {
  /** In the kernel tree. */
  readonly path: string;
  /** Given the file as it is and a number that was not used before, the file with the change. */
  readonly change: (text: string, nth: number) => string;
}

/** One object of fuse.ko. */
export const fileC: Edit = { path: 'fs/fuse/file.c', change: withFunction };

/** A struct that every object of fuse.ko reads grows. */
export const fuseIH: Edit = {
  path: 'fs/fuse/fuse_i.h',
  change: (text, nth) => text.replace(/^struct fuse_conn \{\n/m, (line) => `${line}\tint diorama_bench_${nth};\n`),
};

/** Part of vmlinux: another kernel, and so another template. */
export const mmUtilC: Edit = { path: 'mm/util.c', change: withFunction };

function withFunction(text: string, nth: number): string {
  const name = `diorama_bench_${nth}`;
  return `${text}int ${name}(int a);\nint ${name}(int a) { return a + ${nth}; }\n`;
}
