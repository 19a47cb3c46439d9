/** Sums of facts by period, team, definition and state: the cells of the roll-up table. */
import { binOf, forEachBin, type PackedSketch } from "./duration-sketch.js";
import type { CountedInstance, Fact } from "./facts.js";

/** Lengths of the cells' periods in seconds: a quarter of an hour, an hour, a day (UTC) and 32 days. A period is put together from few of them. */
export const spans = [900, 3_600, 86_400, 2_764_800] as const;

/** The span of cells about the present: how many instances are in a state now. */
export const present = 0;

/** Cells of all teams. Cells of single teams have their ID. */
export const allTeams = "00000000-0000-0000-0000-000000000000";

/** Cells about instances as a whole, not about a state. */
export const wholeInstance = "";

/**
 * Cells of a day (UTC) that say in which quarters of an hour instances started and ended, because days of a time zone begin at any of them. Their
 * sketch has bins of moments (`momentOf`). Definitions contain no state with this name.
 */
export const moments = "/moments";

const [quarter, , day] = spans;
export const kindsOfMoments = ["STARTED", "COMPLETED", "REJECTED", "CANCELLED"] as const;
type KindOfMoment = (typeof kindsOfMoments)[number];

const momentOf = (kind: KindOfMoment, at: number): number =>
  ((startOf(at, quarter) - startOf(at, day)) / quarter) * kindsOfMoments.length + kindsOfMoments.indexOf(kind);

/**
 * Calls a function with the numbers of instances that started or ended in the quarters of an hour of a day, in the order of time. `kind` is an index of
 * `kindsOfMoments`.
 */
export const forEachMoment = (sketch: PackedSketch, dayStart: number, handle: (start: number, kind: number, count: number) => void): void =>
  forEachBin(sketch, (bin, count) =>
    handle(dayStart + Math.floor(bin / kindsOfMoments.length) * quarter, bin % kindsOfMoments.length, count),
  );

export interface CellKey {
  readonly teamId: string;
  readonly definitionId: string;
  readonly environment: string;
  readonly state: string;
  readonly span: number;
  /** Start of the period, in seconds since 1970. */
  readonly start: number;
}

/**
 * A cell. `counts` of a state has the transitions that left it (`leftBy`); of instances as a whole STARTED, the endings, and `DONE/<user>` for completed
 * tasks; of the present the instances by status. Durations are of stays in the state, or of ended instances.
 */
export interface Cell {
  readonly key: CellKey;
  readonly counts: Map<string, number>;
  readonly durations: Map<number, number>;
  ms: number;
}

export type Cells = Map<string, Cell>;

export const textOf = ({ teamId, definitionId, environment, state, span, start }: CellKey): string =>
  [teamId, definitionId, environment, span, start, state].join(" ");

/** Returns the cell with this key, and adds it if it is missing. */
export function cellOf(cells: Cells, key: CellKey): Cell {
  const text = textOf(key);
  let cell = cells.get(text);
  if (!cell) {
    cell = { key, counts: new Map(), durations: new Map(), ms: 0 };
    cells.set(text, cell);
  }
  return cell;
}

/** Adds to a count. Counts of 0 are removed. */
export function add<Name>(counts: Map<Name, number>, name: Name, by: number): void {
  const sum = (counts.get(name) ?? 0) + by;
  if (sum === 0) counts.delete(name);
  else counts.set(name, sum);
}

export const doneBy = (userId: string): string => `DONE/${userId}`;

/** Name of the count of a transition that left a state. Names in definitions contain no slash. */
export const leftBy = ({ by, transition, to }: { readonly by: string; readonly transition: string | null; readonly to: string }): string =>
  `${by}/${transition ?? ""}/${to}`;

/** Values by which the facts of an instance are counted. */
export type Dimensions = Pick<CountedInstance, "definitionId" | "teamId" | "environment">;

/** Counts facts (sign 1), or takes them back (sign -1), in cells of some lengths. */
export function countFacts(
  cells: Cells,
  { definitionId, teamId, environment }: Dimensions,
  facts: readonly Fact[],
  { sign = 1, of = spans }: { readonly sign?: 1 | -1; readonly of?: readonly number[] } = {},
): void {
  for (const fact of facts) {
    const state = fact.kind === "left" ? fact.state : wholeInstance;
    const name =
      fact.kind === "started" ? "STARTED" : fact.kind === "left" ? leftBy(fact) : fact.kind === "ended" ? fact.ending : doneBy(fact.userId);
    for (const team of teamId === null ? [allTeams] : [allTeams, teamId]) {
      for (const span of of) {
        const cell = cellOf(cells, { teamId: team, definitionId, environment, state, span, start: startOf(fact.at, span) });
        add(cell.counts, name, sign);
        if (!("ms" in fact)) continue;
        add(cell.durations, binOf(fact.ms), sign);
        cell.ms += sign * fact.ms;
      }
      if (!of.includes(day) || fact.kind === "left" || fact.kind === "done") continue;
      const ofDay = cellOf(cells, { teamId: team, definitionId, environment, state: moments, span: day, start: startOf(fact.at, day) });
      add(ofDay.durations, momentOf(fact.kind === "started" ? "STARTED" : fact.ending, fact.at), sign);
    }
  }
}

/** Counts an unfinished instance in its state (sign 1), or takes it back (sign -1). */
export function countPresent(
  cells: Cells,
  { definitionId, teamId, environment, state, status }: Dimensions & Pick<CountedInstance, "state" | "status">,
  sign: 1 | -1,
): void {
  for (const team of teamId === null ? [allTeams] : [allTeams, teamId])
    add(cellOf(cells, { teamId: team, definitionId, environment, state, span: present, start: 0 }).counts, status, sign);
}

/** Returns the start of the period of a length that contains a time in milliseconds. */
export const startOf = (at: number, span: number): number => Math.floor(at / 1_000 / span) * span;
