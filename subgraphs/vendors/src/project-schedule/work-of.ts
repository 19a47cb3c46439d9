import type { Plan } from "@weft/engine";

/** Estimates in minutes by task. Tasks without one take their duration. */
export type Estimates = ReadonlyMap<string, number | null>;

export interface PlannedWork {
  /** Minutes by task. For a summary task, those of its subtasks. */
  readonly byTask: ReadonlyMap<string, number>;
  readonly total: number;
}

/** Returns the work of a plan. */
export function workOf({ tasks }: Plan, estimates: Estimates): PlannedWork {
  const parents = new Map(tasks.map(({ id, parentId }) => [id, parentId]));
  const summaries = new Set(tasks.map(({ parentId }) => parentId));
  const byTask = new Map(tasks.map(({ id }) => [id, 0]));
  let total = 0;
  for (const { id, durationMinutes } of tasks) {
    if (summaries.has(id)) continue;
    const minutes = estimates.get(id) ?? durationMinutes;
    total += minutes;
    for (let at: string | null | undefined = id; at; at = parents.get(at)) byTask.set(at, (byTask.get(at) ?? 0) + minutes);
  }
  return { byTask, total };
}

export const estimatesOf = (rows: Iterable<{ readonly id: string; readonly estimateMinutes: number | null }>): Estimates =>
  new Map([...rows].map(({ id, estimateMinutes }) => [id, estimateMinutes]));
