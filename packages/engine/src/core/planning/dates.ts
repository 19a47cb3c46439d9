import type { CompiledPlan, CompiledTask } from "./compile.js";

/** Dates of all tasks without children and, after a forward pass, of the exits of summary tasks, in minutes since the epoch. */
export type Dates = {
  readonly starts: Float64Array;
  readonly finishes: Float64Array;
  /** Positions of the finish of tasks without children, each on the line of the task. */
  readonly positions: Float64Array;
};

export function emptyDates({ network }: CompiledPlan): Dates {
  const nodes = 2 * network.size;
  return { starts: new Float64Array(nodes), finishes: new Float64Array(nodes), positions: new Float64Array(nodes) };
}

/** Writes the dates of a task that finishes at a position. One that has begun keeps its start, and one that has finished its finish, too. */
export function place({ starts, finishes, positions }: Dates, node: number, task: CompiledTask, position: number): void {
  positions[node] = position;
  starts[node] = task.actualStart ?? task.line.startAt(position - task.duration);
  finishes[node] = task.actualFinish ?? task.line.finishAt(position);
}

export const startOf = (dates: Dates, node: number): number => dates.starts[node] ?? Number.NaN;
export const finishOf = (dates: Dates, node: number): number => dates.finishes[node] ?? Number.NaN;
export const positionOf = (dates: Dates, node: number): number => dates.positions[node] ?? Number.NaN;
