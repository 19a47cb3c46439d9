import type { Report } from "./report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Sample } from "./rounds.js";
import { median } from "./statistics.js";

/** Compares the cost of operations at two sizes, operation by operation. */
export interface TwoSizes {
  readonly title: string;
  /** Names of the two sizes, the small one first, as used by `measure`. */
  readonly names: readonly [small: string, large: string];
  readonly operations: readonly string[];
  /** Measures a sample of both, alternating with each request. Returns the median of each operation in ms, by name. */
  readonly measure: () => Promise<ReadonlyMap<string, Sample>>;
  readonly rounds: number;
  /** Collective name of the operations. */
  readonly noun: string;
  readonly goal: string;
  readonly notes: readonly string[];
}

/** Reports the ratio of the large to the small size for each operation. The report's own ratio is their median. */
export async function compareSizes({ title, names, operations, measure, rounds: count, noun, goal, notes }: TwoSizes): Promise<Report> {
  const [small, large] = names;
  let samples: ReadonlyMap<string, Sample> = new Map();
  const contestants = names.map((name, index): Contestant => ({
    name,
    run: async () => {
      if (index === 0) samples = await measure();
      return samples.get(name) ?? {};
    },
  }));
  const rounds = await alternate(contestants, count);
  const ratios = operations.map((operation) => ratioOf(rounds, operation, large, small));
  return {
    title,
    head: ["", small, large, "ratio"],
    rows: operations.map((operation, index) => [
      operation,
      medianOf(rounds, small, operation),
      medianOf(rounds, large, operation),
      ratios[index] ?? Number.NaN,
    ]),
    ratio: {
      what: `${large} / ${small}, median of the ${noun}; the worst is ${Math.max(...ratios).toFixed(2)}`,
      value: median(ratios),
      goal,
    },
    notes,
    rounds,
  };
}
