import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { type DestinationRow, disableDestination, lockDestinations, type Owner, ownerOf } from "./destination.store.js";

interface Change {
  readonly owner: Owner;
  readonly verb: "add" | "confirm" | "update" | "remove" | "disable";
  readonly before: DestinationRow | null;
  readonly after: DestinationRow | null;
}

/** Records a change of the destinations of a user or a team, without their addresses. */
export async function tellOfDestination(tx: Tx, meta: WriteMeta, { owner, verb, before, after }: Change): Promise<void> {
  const { userId, teamId } = owner;
  const [entityType, entityId] = teamId === null ? (["user", userId] as const) : (["team", teamId] as const);
  await appendEvents(tx, meta, [
    teamId === null
      ? { type: "notification.destinations_changed", subjectId: userId, subjectVersion: 1, payload: { userId } }
      : { type: "notification.team_destinations_changed", subjectId: teamId, subjectVersion: 1, payload: { teamId } },
  ]);
  await writeAudit(tx, meta, [
    {
      action: `${entityType}.${verb}NotificationDestination`,
      entityType,
      entityId,
      before: before && imageOf(before),
      after: after && imageOf(after),
    },
  ]);
}

/** Returns a destination as audit entries show it: without its address, and without what a person calls it. */
export const imageOf = ({ id, channel, format, status, reason }: DestinationRow) => ({
  notificationDestination: { id, channel, format, status, reason },
});

/** Disables a destination that no longer exists, as its receiver says. */
export async function recordDisabled(
  tx: Tx,
  meta: WriteMeta,
  { destination, reason }: { readonly destination: DestinationRow; readonly reason: string },
): Promise<void> {
  const owner = ownerOf(destination);
  // Somebody who adds it at the same time adds it before, or finds it disabled.
  await lockDestinations(tx, owner);
  if (!(await disableDestination(tx, destination, reason))) return;
  const after = { ...destination, status: "DISABLED", reason };
  await tellOfDestination(tx, meta, { owner, verb: "disable", before: destination, after });
}
