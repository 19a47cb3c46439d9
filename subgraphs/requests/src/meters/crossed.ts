import { toMillionths } from "./quantity.js";

export interface Thresholds {
  readonly above: string | null;
  readonly below: string | null;
  readonly every: string | null;
}

/** A threshold that a reading reached. */
export interface Crossing {
  readonly kind: "ABOVE" | "BELOW" | "EVERY";
  /** For EVERY: the multiple that was passed. */
  readonly threshold: bigint;
}

/**
 * Returns the thresholds that the newest total reached and the total before it had not reached. Before the first reading, nothing was reached; multiples
 * are counted from the first reading on.
 */
export function crossed({ above, below, every }: Thresholds, before: bigint | null, total: bigint): Crossing[] {
  const found: Crossing[] = [];
  const high = above === null ? null : toMillionths(above);
  if (high !== null && total >= high && (before === null || before < high)) found.push({ kind: "ABOVE", threshold: high });
  const low = below === null ? null : toMillionths(below);
  if (low !== null && total <= low && (before === null || before > low)) found.push({ kind: "BELOW", threshold: low });
  const step = every === null ? null : toMillionths(every);
  if (step !== null && before !== null && total / step > before / step) found.push({ kind: "EVERY", threshold: (total / step) * step });
  return found;
}
