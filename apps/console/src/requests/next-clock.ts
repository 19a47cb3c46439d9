import type { RequestRow } from "./requests-operations";

export type RowClock = NonNullable<RequestRow["slaStatus"]>[number];

/** Returns the clock of a request that reaches its target next, otherwise a paused one. Null if no clock is left. */
export function nextClock({ slaStatus }: Pick<RequestRow, "slaStatus">): RowClock | null {
  const running = slaStatus?.filter(
    ({ status, dueAt }) => dueAt !== null && (status === "ON_TRACK" || status === "WARNING" || status === "BREACHED"),
  );
  const first = running?.toSorted((one, other) => (one.dueAt ?? "").localeCompare(other.dueAt ?? ""))[0];
  return first ?? slaStatus?.find(({ status }) => status === "PAUSED") ?? null;
}
