/** Counts the turns of tenants in the queues of this process. */

/** `done`: something was handled, whatever came of it. `refused`: the receiver accepts nothing at present. `failed`: the turn threw an error. */
export const turnResults = ["done", "refused", "failed"] as const;
export type TurnResult = (typeof turnResults)[number];

const counts = new Map<string, Record<TurnResult, number>>();

/** Makes a queue known, so that it is reported before its first turn. */
export function knowQueue(queue: string): void {
  if (!counts.has(queue)) counts.set(queue, { done: 0, refused: 0, failed: 0 });
}

export function countTurn(queue: string, result: TurnResult): void {
  knowQueue(queue);
  const counted = counts.get(queue);
  if (counted) counted[result]++;
}

/** Returns what this process has counted since it started, by the name of the queue. */
export const turnCounts = (): ReadonlyMap<string, Readonly<Record<TurnResult, number>>> => counts;
