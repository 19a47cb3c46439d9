import type { EventPayload } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import type { AnyNewEvent } from "@weft/platform/events";
import type { BulkKind, BulkOperationRow } from "./bulk.type.js";
import { countResults } from "./run/progress.store.js";

/** The operation was started or made progress. */
export function changedEvent({ id, version, status, total, done, failed }: BulkOperationRow): AnyNewEvent {
  return { type: "bulkOperation.changed", subjectId: id, subjectVersion: version, payload: { status, total, done, failed } };
}

/**
 * Returns the events for an operation that was running until now: its change and, if it is no longer running, its end. The caller holds a lock on its
 * row, so exactly one transaction, the one that ends the operation, emits the end.
 */
export async function eventsAfter(tx: Tx, row: BulkOperationRow): Promise<AnyNewEvent[]> {
  if (row.status === "RUNNING") return [changedEvent(row)];
  const { id, version, kind, status, createdBy, total, params } = row;
  const payload: EventPayload<"bulkOperation.ended"> = {
    kind: kind as BulkKind,
    status: status as EventPayload<"bulkOperation.ended">["status"],
    transition: typeof params["transition"] === "string" ? params["transition"] : null,
    createdBy,
    total,
    ...(await countResults(tx, id)),
  };
  return [changedEvent(row), { type: "bulkOperation.ended", subjectId: id, subjectVersion: version, payload }];
}
