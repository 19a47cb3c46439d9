import type { Report } from "./report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Sample } from "./rounds.js";
import { median } from "./statistics.js";

/** What a thing of one size costs beside the same of another, operation by operation. */
export interface TwoSizes {
  readonly title: string;
  /** Names of the two, the small one first: as `measure` calls them. */
  readonly names: readonly [small: string, large: string];
  readonly operations: readonly string[];
  /** A sample of both, taken request by request in turn: by name, the median of each operation in ms. */
  readonly measure: () => Promise<ReadonlyMap<string, Sample>>;
  readonly rounds: number;
  /** What the operations are called all together. */
  readonly noun: string;
  readonly goal: string;
  readonly notes: readonly string[];
}

/** The ratio of each operation, the large one to the small one; the report's own is their median. */
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
