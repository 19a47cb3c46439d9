import type { AnyNewEvent, EventPayload, Tx } from "@weft/shared";
import type { BulkKind, BulkOperationRow } from "./bulk.type.js";
import { countResults } from "./progress.store.js";

/** It has begun, or gone on. */
export function changedEvent({ id, version, status, total, done, failed }: BulkOperationRow): AnyNewEvent {
  return { type: "bulkOperation.changed", subjectId: id, subjectVersion: version, payload: { status, total, done, failed } };
}

/**
 * Of an operation that ran until now: that it has changed, and, when it runs no longer, its end. The caller holds its row, so that the end is told by one alone,
 * in the transaction that ends it.
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
