/** A reason of the judge in its parts, so that what was expected and what came can stand side by side. */
export interface PartingWords {
  /** What the kernel said on its console, where that was the worst. */
  readonly said?: string;
  readonly came?: string;
  readonly expected?: string;
  /** What it means: whom it overtook, behind whom it queues. */
  readonly meaning?: string;
  /** The actor whose call it was. */
  readonly actor?: string;
}

/**
 * Parts the judge's sentence (judge/check-steps.ts): `step 7: CAME, where EXPECTED: MEANING`, after `the kernel said: …; and ` for a
 * splat. Parts that are not there are absent; the sentence itself is shown beside them.
 */
export function partingWords(reason: string): PartingWords {
  const said = /the kernel said: (.*?)(?: \(console line \d+\))?(?:; and |$)/s.exec(reason)?.[1];
  const parted = /(?:^|; and |: )step \d+(?: \([^)]*\))?: (?<came>.+?), where (?<rest>.+)$/s.exec(reason)?.groups;
  const { came, rest } = parted ?? {};
  if (came === undefined || rest === undefined) return said === undefined ? {} : { said };
  const colon = rest.indexOf(': it ');
  const actor = /^(\S+?)'s /.exec(came)?.[1] ?? /^(\S+) /.exec(came)?.[1];
  return {
    ...(said === undefined ? {} : { said }),
    came,
    expected: colon === -1 ? rest : rest.slice(0, colon),
    ...(colon === -1 ? {} : { meaning: rest.slice(colon + 2) }),
    ...(actor === undefined ? {} : { actor }),
  };
}
