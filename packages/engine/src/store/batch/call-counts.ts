/** Counts what became of calls that can share a transaction, in this process. */

/**
 * Why a call ran in a transaction of its own:
 * - `vendor`: its user works for a vendor; `large`: its input is large; `references`: it starts an instance with a team, a subject or a version
 * - `hidden`: its instance does not exist, is invisible to its user, or does not run; `definition`: its definition or state is not batchable
 * - `roles`: its rejection names roles; `outcome`: what it changes is not batchable, or has secrets; `clocks`: its SLA clocks are not batchable
 * - `key`: another call has its idempotency key, or its encryption key could not be created in time; `busy`: another transaction has locked its rows
 * - `error`: it could not be decided; `failed`: the batch was rolled back as a whole
 *
 * A call that loses to another one on the same instance has the reason of that one.
 */
export const unbatchedReasons = [
  "vendor",
  "large",
  "references",
  "hidden",
  "definition",
  "roles",
  "outcome",
  "clocks",
  "key",
  "busy",
  "error",
  "failed",
] as const;
export type UnbatchedReason = (typeof unbatchedReasons)[number];

export type CallCounts = {
  /** Batches that ran. */
  readonly batches: number;
  /** Calls that a batch has written. */
  readonly written: number;
  /** Calls that a batch has refused. */
  readonly refused: number;
  /** Calls that ran in a transaction of their own, by reason. */
  readonly unbatched: Readonly<Record<UnbatchedReason, number>>;
};

const counts = {
  batches: 0,
  written: 0,
  refused: 0,
  unbatched: Object.fromEntries(unbatchedReasons.map((reason) => [reason, 0])) as Record<UnbatchedReason, number>,
};

export function countBatch(): void {
  counts.batches++;
}

export function countCall(result: "written" | "refused" | { readonly unbatched: UnbatchedReason }): void {
  if (typeof result === "string") counts[result]++;
  else counts.unbatched[result.unbatched]++;
}

/** Returns what this process has counted since it started. */
export const callCounts = (): CallCounts => ({ ...counts, unbatched: { ...counts.unbatched } });
