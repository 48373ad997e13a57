/**
 * The closed set of outcomes of a scene. `pass` needs a whole trace that met every expectation and a clean console; everything
 * else names what was seen instead.
 */
export type VerdictKind = 'pass' | 'fail' | 'splat' | 'hang' | 'crash' | 'known' | 'skip' | 'error';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One sentence in words: what was seen and which expectation it broke; empty for a pass. */
  readonly reason: string;
  /** Step of the scene (1-based) where it parted, when one did. */
  readonly step?: number;
  /** The known issue that it is, or that this kernel should have shown and did not (a pass). */
  readonly issue?: string;
}
