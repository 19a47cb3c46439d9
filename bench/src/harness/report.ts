import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.js";
import { type Rounds, show } from "./rounds.js";
import { table } from "./table.js";

export interface BenchOptions {
  /** Short rounds: a smoke test of less than a minute. Its figures are not meaningful. */
  readonly quick: boolean;
  /** For a bench with many parts, runs only those whose names contain this text. The figures are not kept. */
  readonly only: string | undefined;
  /** For a bench with a steady load, its duration. Default: the bench's own. */
  readonly minutes: number | undefined;
  /** For a bench that simulates users, their number. Default: the bench's own. */
  readonly people: number | undefined;
  /** For the bench of queues, whether nearly all tasks are in one of them. */
  readonly isSkewed: boolean;
}

/** The result of a bench. */
export interface Report {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** The two figures whose ratio is reported, and the goal for the ratio. */
  readonly ratio: { readonly what: string; readonly value: number; readonly goal: string };
  /** Conditions of the measurement, and what was verified. */
  readonly notes: readonly string[];
  readonly rounds: Rounds;
}

const folder = fileURLToPath(new URL("../../results/", import.meta.url));

/**
 * Prints the table, with the ratio on the last line, and saves the figures in bench/results. Figures of a quick run get a separate name that is not
 * kept in Git.
 */
export function publish(
  name: string,
  report: Report,
  machine: Machine,
  { quick, only, isSkewed }: Pick<BenchOptions, "quick" | "only" | "isSkewed">,
): void {
  const rows = report.rows.map((row) => row.map((cell) => (typeof cell === "number" ? show(cell) : cell)));
  console.log(`\n${report.title}\n`);
  console.log(table(report.head, rows));
  for (const note of report.notes) console.log(`  ${note}`);
  mkdirSync(folder, { recursive: true });
  const { rounds, ...rest } = report;
  const kept = { name, quick, at: new Date().toISOString(), machine, ...rest, rounds: Object.fromEntries(rounds) };
  writeFileSync(
    `${folder}${name}${isSkewed ? "-skewed" : ""}${quick || only !== undefined ? ".quick" : ""}.json`,
    `${JSON.stringify(kept, null, 2)}\n`,
  );
  console.log(`\nratio  ${show(report.ratio.value)}  ${report.ratio.what}  (goal ${report.ratio.goal})`);
}
