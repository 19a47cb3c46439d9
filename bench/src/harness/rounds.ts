import { median } from "./statistics.js";

/** Figures that a contestant measured in one round, by name. */
export type Sample = Readonly<Record<string, number>>;

export interface Contestant {
  readonly name: string;
  /** Runs one round: measures, verifies every answer, and throws if one is wrong. */
  readonly run: () => Promise<Sample>;
}

/** Samples of all rounds, by contestant, in order of the rounds. */
export type Rounds = ReadonlyMap<string, readonly Sample[]>;

/** Runs the contestants alternately (A B A B), so that other work on the machine affects all of them equally. */
export async function alternate(contestants: readonly Contestant[], rounds: number): Promise<Rounds> {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contestants) {
      const sample = await run();
      samples.get(name)?.push(sample);
      const figures = Object.entries(sample).map(([figure, value]) => `${figure} ${show(value)}`);
      console.log(`  round ${round} of ${rounds}  ${name}: ${figures.join(", ")}`);
    }
  }
  return samples;
}

/** Returns the median of a contestant's figure. */
export function medianOf(rounds: Rounds, name: string, figure: string): number {
  return median(figuresOf(rounds, name, figure));
}

/**
 * Returns the median, over all rounds, of one contestant's figure divided by the other's. Compares measurements that are close in time, so a slow
 * minute cancels out.
 */
export function ratioOf(rounds: Rounds, figure: string, of: string, to: string): number {
  const below = figuresOf(rounds, to, figure);
  return median(figuresOf(rounds, of, figure).map((value, round) => value / (below[round] ?? Number.NaN)));
}

function figuresOf(rounds: Rounds, name: string, figure: string): number[] {
  const samples = rounds.get(name);
  if (samples === undefined) throw new Error(`Nobody called ${name} took part.`);
  return samples.map((sample) => sample[figure] ?? Number.NaN);
}

/** Formats a number for people, with three or four significant digits. */
export function show(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(Math.abs(value) >= 1 ? 2 : 3);
}
