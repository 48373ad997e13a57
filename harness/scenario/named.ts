import type { RawEntry } from './step-schema.ts';

/** What the checks of names and turns need of a scene. */
export interface Named {
  readonly files: Readonly<Record<string, { readonly open: number }>>;
  readonly actors: Readonly<Record<string, { readonly process?: string | undefined; readonly forked?: boolean | undefined } | null>>;
  readonly steps: readonly RawEntry[];
  readonly sessions?: Readonly<Record<string, readonly RawEntry[]>> | undefined;
  readonly measure?: { readonly writers?: readonly number[] | undefined } | undefined;
}

/** Tells a file that the scene has not. */
export function checkFile(scene: Named, file: string | undefined, wrong: (message: string) => void): void {
  if (file !== undefined && !Object.hasOwn(scene.files, file)) wrong(`'${file}' is no file of this scene (${Object.keys(scene.files).join(', ')})`);
}
