import type { Context } from "../context/context.js";
import { findExternalIds } from "./external-id.store.js";

/**
 * Loads the external ID of an object, batched per request. Null if it has none. The field that calls it is only for users of the organization.
 * @param objectId UUID of an object that the viewer sees
 */
export const loadExternalId = (ctx: Context, objectId: string): Promise<string | null> =>
  ctx.loader<string, string>("externalId", findExternalIds).load(objectId);
