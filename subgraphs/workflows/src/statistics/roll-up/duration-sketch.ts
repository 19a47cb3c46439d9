/**
 * Durations in fixed bins that grow by 2 %, as in DDSketch: every value of a bin differs from the bin's representative by at most 1 %. All sketches have
 * the same bins, so sketches are added by adding counts.
 */

/** Maximum relative error of a quantile. */
export const relativeError = 0.01;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);

/** Counts by bin. Bins are numbered from 0, which contains durations of less than a millisecond. */
export type DurationSketch = ReadonlyMap<string, number>;

/** Returns the bin of a duration. */
export const binOf = (ms: number): string => (ms < 1 ? "0" : String(1 + Math.ceil(Math.log(ms) / logGamma)));

/** Returns the duration in milliseconds that represents a bin. */
export const durationOf = (bin: string): number => (bin === "0" ? 0 : (2 * gamma ** (Number(bin) - 1)) / (gamma + 1));

/**
 * Returns the quantile in milliseconds, with a relative error of at most 1 %: the value at rank `ceil(q × count)` of the sorted durations. Null if there
 * are no durations.
 */
export function quantile(sketch: DurationSketch, q: number): number | null {
  const bins = [...sketch].filter(([, count]) => count > 0).sort(([a], [b]) => Number(a) - Number(b));
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  let rank = Math.max(1, Math.ceil(q * total));
  for (const [bin, count] of bins) {
    rank -= count;
    if (rank <= 0) return durationOf(bin);
  }
  return null;
}
