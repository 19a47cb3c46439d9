/** The weighted score of a vendor's figures. Pure. */
import { type Figure, VendorFigureName } from "./figures.js";

/** Weights by figure, from the configuration. Other figures do not count. */
export type ScoreWeights = Readonly<Partial<Record<VendorFigureName, number>>>;

export type Medians = ReadonlyMap<VendorFigureName, number>;

/** Returns the median of each figure over vendors. Figures without a value in any of them are omitted. */
export function mediansOf(vendors: readonly (readonly Figure[])[]): Medians {
  const values = Map.groupBy(vendors.flat(), ({ name }) => name);
  return new Map(
    [...values].flatMap(([name, figures]) => {
      const sorted = figures.flatMap(({ value }) => (value === null ? [] : [value])).toSorted((a, b) => a - b);
      const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
      return low === undefined || high === undefined ? [] : [[name, (low + high) / 2] as const];
    }),
  );
}

/**
 * Returns the points of a figure, from 0 to 100. Shares count as they are, and stars from one (0) to five (100). A time gets 100 points up to the
 * median, and half of them at twice the median. Null if the figure has no value, or does not count for the score.
 */
export function pointsOf({ name, value }: Figure, medians: Medians): number | null {
  if (value === null) return null;
  switch (name) {
    case VendorFigureName.FIRST_TIME_FIX:
    case VendorFigureName.SLA_COMPLIANCE:
      return 100 * value;
    case VendorFigureName.RATING:
      return 25 * (value - 1);
    case VendorFigureName.RESPONSE_TIME:
    case VendorFigureName.COMPLETION_TIME: {
      const median = medians.get(name) ?? value;
      return value <= median ? 100 : (100 * median) / value;
    }
    case VendorFigureName.ASSIGNED:
    case VendorFigureName.COMPLETED:
    case VendorFigureName.REOPENED:
      return null;
    default:
      throw new Error(`unknown figure ${String(name satisfies never)}`);
  }
}

/** Returns the weighted mean of the points. Null if no figure with a weight has a value. */
export function scoreOf(figures: readonly Figure[], medians: Medians, weights: ScoreWeights): number | null {
  const parts = figures.flatMap((figure) => {
    const points = pointsOf(figure, medians);
    const weight = weights[figure.name];
    return points === null || weight === undefined ? [] : [{ points, weight }];
  });
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  return whole === 0 ? null : parts.reduce((sum, { points, weight }) => sum + points * weight, 0) / whole;
}
