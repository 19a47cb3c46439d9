import type { PersonKeyring } from "../privacy/keyring.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { WriteMeta } from "./write-meta.js";

/** Nil UUID: not a user of any tenant. The author of everything that nobody in the tenant does. */
export const SYSTEM_ID = "00000000-0000-0000-0000-000000000000";

/** Returns the metadata of all rows that background work writes: the author is the system. `requestId` names the work. */
export const metaOfWork = (requestId: string, tenantId: string, keyring: PersonKeyring): WriteMeta => {
  return { tenantId, actorId: SYSTEM_ID, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
};

/** Returns the metadata of what an event causes: its author and its request are those of the event. */
export const metaOfCause = (event: EventEnvelope, keyring: PersonKeyring): WriteMeta => {
  const { tenantId, actorId, onBehalfOf, requestId, traceId, id: causeId } = event;
  return { tenantId, actorId, onBehalfOf, requestId, traceId, causeId, sessionId: null, address: null, keyring };
};
