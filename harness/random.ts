/** Numbers in [0, 1) that look random and are the same for the same seed: mulberry32, whose period of 2^32 is enough for a load or an order. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in an order that the random numbers say, each as likely as any other (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let end = mixed.length - 1; end > 0; end -= 1) {
    const at = Math.floor(random() * (end + 1));
    const [one, other] = [mixed[at], mixed[end]];
    if (one !== undefined && other !== undefined) [mixed[at], mixed[end]] = [other, one];
  }
  return mixed;
}
