import { SYSTEM_ID } from "@weft/engine";
import type { Services, WriteMeta } from "@weft/shared";

/** Metadata of all rows that are written because of the time: the author is the system. */
export const metaOfTimers = (tenantId: string, keyring: Services["keyring"]): WriteMeta => {
  return { tenantId, actorId: SYSTEM_ID, onBehalfOf: null, requestId: "timers", sessionId: null, address: null, traceId: null, keyring };
};
