import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Revocation, Viewers } from "./viewers.js";

/**
 * Drops cached viewers based on the event log itself. Revocation messages are faster, but they are sent separately from the log and can be lost. In
 * the log, a change of rights has a place in the order of events, so no later event is evaluated with earlier rights.
 */
export function revokeBy(viewers: Pick<Viewers, "revoke">): (event: EventEnvelope) => void {
  return (event) => {
    const ended = revocationOf(event);
    if (ended) viewers.revoke(ended);
  };
}

function revocationOf({ type, tenantId, subjectId, payload }: EventEnvelope): Revocation | undefined {
  switch (type) {
    // Suspended, archived, or restored.
    case "tenant.updated":
      return Array.isArray(payload["changed"]) && payload["changed"].includes("status") ? { tenantId } : undefined;
    case "rights.changed":
      return { tenantId, userId: subjectId };
    case "session.ended":
    // Their ID takes the place of a session's.
    case "apiKey.updated":
    case "apiKey.rotated":
    case "apiKey.revoked":
      return { tenantId, sessionId: subjectId };
    // Only the database knows which users have the role.
    case "role.changed":
      return { tenantId };
    default:
      return undefined;
  }
}
