import { appendEvents, type Tx, writeAudit, type WriteMeta } from "@weft/shared";
import { type DestinationRow, disableDestination, lockDestinations } from "./destination.store.js";

interface Change {
  readonly userId: string;
  readonly action: string;
  readonly before: DestinationRow | null;
  readonly after: DestinationRow | null;
}

/** Records a change of the destinations of a user, without their addresses. */
export async function tellOfDestination(tx: Tx, meta: WriteMeta, { userId, action, before, after }: Change): Promise<void> {
  await appendEvents(tx, meta, [{ type: "notification.destinations_changed", subjectId: userId, subjectVersion: 1, payload: { userId } }]);
  const image = (row: DestinationRow | null) =>
    row && { notificationDestination: { id: row.id, channel: row.channel, format: row.format, status: row.status, reason: row.reason } };
  await writeAudit(tx, meta, [{ action, entityType: "user", entityId: userId, before: image(before), after: image(after) }]);
}

/** Disables a destination that no longer exists, as its receiver says. */
export async function recordDisabled(
  tx: Tx,
  meta: WriteMeta,
  { destination, reason }: { readonly destination: DestinationRow; readonly reason: string },
): Promise<void> {
  // A user who adds it at the same time adds it before, or finds it disabled.
  await lockDestinations(tx, destination.userId);
  if (!(await disableDestination(tx, destination.id, reason))) return;
  const after = { ...destination, status: "DISABLED", reason };
  await tellOfDestination(tx, meta, {
    userId: destination.userId,
    action: "user.disableNotificationDestination",
    before: destination,
    after,
  });
}
