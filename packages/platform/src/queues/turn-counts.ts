/** Counts the turns of tenants in the queues of this process. */

/** `done`: something was handled, whatever came of it. `refused`: the receiver accepts nothing at present. `failed`: the turn threw an error. */
export const turnResults = ["done", "refused", "failed"] as const;
export type TurnResult = (typeof turnResults)[number];

const counts = new Map<string, Record<TurnResult, number>>();

/** Returns the counts of a queue, to be incremented. From then on it is reported, even before its first turn. */
export function turnsOf(queue: string): Record<TurnResult, number> {
  let turns = counts.get(queue);
  if (!turns) counts.set(queue, (turns = { done: 0, refused: 0, failed: 0 }));
  return turns;
}

/** Returns what this process has counted since it started, by the name of the queue. */
export const turnCounts = (): ReadonlyMap<string, Readonly<Record<TurnResult, number>>> => counts;
