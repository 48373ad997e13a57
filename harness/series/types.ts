export interface Patch {
  /** Its subject without `[PATCH …]`, or the file's name when it has none. */
  readonly subject: string;
  /** Where it came from: `series.mbox, mail 3`, `0001-x.patch`, or a commit id. */
  readonly from: string;
  /** What git apply is given. */
  readonly diff: Buffer;
  /** How many leading components of its paths git apply drops; 1 for what git writes. */
  readonly strip: number;
  readonly files: readonly PatchedFile[];
}

export interface PatchedFile {
  readonly path: string;
  /** Abbreviated blob id the hunks were made against, when the diff has an index line; all zeros for a new file. */
  readonly preImage?: string;
}

export interface Series {
  /** For people: the paths as given. */
  readonly label: string;
  readonly patches: readonly Patch[];
  /** The commit it was made on, when a `base-commit:` trailer (git format-patch --base, b4) names it. */
  readonly baseCommit?: string;
}
