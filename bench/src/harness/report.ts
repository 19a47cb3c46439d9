import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.js";
import { type Rounds, show } from "./rounds.js";
import { table } from "./table.js";

export interface BenchOptions {
  /** Short rounds: a smoke check of less than a minute, whose figures say little. */
  readonly quick: boolean;
  /** Of a bench with many parts only those whose names contain this. Such figures are not kept. */
  readonly only: string | undefined;
}

/** What a bench found. */
export interface Report {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Whose figure is divided by whose, and the goal that it is held against. */
  readonly ratio: { readonly what: string; readonly value: number; readonly goal: string };
  /** Conditions under which it was measured, and what was checked. */
  readonly notes: readonly string[];
  readonly rounds: Rounds;
}

const folder = fileURLToPath(new URL("../../results/", import.meta.url));

/** Prints the table, the ratio on its last line, and keeps the figures in bench/results; those of a quick run under a name of their own, which is not kept by git. */
export function publish(name: string, report: Report, machine: Machine, { quick, only }: BenchOptions): void {
  const rows = report.rows.map((row) => row.map((cell) => (typeof cell === "number" ? show(cell) : cell)));
  console.log(`\n${report.title}\n`);
  console.log(table(report.head, rows));
  for (const note of report.notes) console.log(`  ${note}`);
  mkdirSync(folder, { recursive: true });
  const { rounds, ...rest } = report;
  const kept = { name, quick, at: new Date().toISOString(), machine, ...rest, rounds: Object.fromEntries(rounds) };
  writeFileSync(`${folder}${name}${quick || only !== undefined ? ".quick" : ""}.json`, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`\nratio  ${show(report.ratio.value)}  ${report.ratio.what}  (goal ${report.ratio.goal})`);
}
