import { SYSTEM_ID } from "@weft/engine";
import type { Services, WriteMeta } from "@weft/shared";

/** Metadata of all rows that due work writes: the author is the system. `requestId` names the work. */
export const metaOfWork = (requestId: string, tenantId: string, keyring: Services["keyring"]): WriteMeta => {
  return { tenantId, actorId: SYSTEM_ID, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
};
