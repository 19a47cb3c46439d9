import { median } from "./statistics.js";

/** What one turn of a contestant measured, by the name of the figure. */
export type Sample = Readonly<Record<string, number>>;

export interface Contestant {
  readonly name: string;
  /** One turn: measures, checks every answer, and throws when one is wrong. */
  readonly run: () => Promise<Sample>;
}

/** The samples of all rounds, by the contestant's name, in the order of the rounds. */
export type Rounds = ReadonlyMap<string, readonly Sample[]>;

/** Lets the contestants run in turn, A B A B: what else the machine does meanwhile then hits all of them alike. */
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

/** The median of a figure of one contestant. */
export function medianOf(rounds: Rounds, name: string, figure: string): number {
  return median(figuresOf(rounds, name, figure));
}

/** The median over the rounds of one contestant's figure divided by the other's: neighbours in time are compared, so a slow minute cancels out. */
export function ratioOf(rounds: Rounds, figure: string, of: string, to: string): number {
  const below = figuresOf(rounds, to, figure);
  return median(figuresOf(rounds, of, figure).map((value, round) => value / (below[round] ?? Number.NaN)));
}

function figuresOf(rounds: Rounds, name: string, figure: string): number[] {
  const samples = rounds.get(name);
  if (samples === undefined) throw new Error(`Nobody called ${name} took part.`);
  return samples.map((sample) => sample[figure] ?? Number.NaN);
}

/** A number for people: three or four digits that count. */
export function show(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(Math.abs(value) >= 1 ? 2 : 3);
}
