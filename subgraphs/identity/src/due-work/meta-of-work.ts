import type { Services, WriteMeta } from "@weft/shared";

/** Actor of what nobody in the tenant does. */
export const system = "00000000-0000-0000-0000-000000000000";

/** Metadata of all rows that due work writes: the author is the system. `requestId` names the work. */
export const metaOfWork = (requestId: string, tenantId: string, keyring: Services["keyring"]): WriteMeta => ({
  tenantId,
  actorId: system,
  onBehalfOf: null,
  requestId,
  sessionId: null,
  address: null,
  traceId: null,
  keyring,
});
