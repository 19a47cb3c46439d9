import type { EventEnvelope } from "@weft/shared";
import type { Revocation, Viewers } from "./viewers.js";

/**
 * Drops cached viewers by the event log itself. Messages of revocations are sooner, but they travel beside the log and may be lost: here a
 * change of rights stands in the same order as the events, so that none that came after it is looked at with rights from before it.
 */
export function revokeBy(viewers: Pick<Viewers, "revoke">): (event: EventEnvelope) => void {
  return (event) => {
    const ended = revocationOf(event);
    if (ended) viewers.revoke(ended);
  };
}

function revocationOf({ type, tenantId, subjectId, payload }: EventEnvelope): Revocation | undefined {
  switch (type) {
    // Suspended, archived, or back again.
    case "tenant.updated":
      return Array.isArray(payload["changed"]) && payload["changed"].includes("status") ? { tenantId } : undefined;
    case "rights.changed":
      return { tenantId, userId: subjectId };
    case "session.ended":
      return { tenantId, sessionId: subjectId };
    // Who has the role is in the database only.
    case "role.changed":
      return { tenantId };
    default:
      return undefined;
  }
}
