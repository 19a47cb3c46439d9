import type { Context } from "@weft/shared";
import { findRequestTypes } from "./request-type.store.js";
import { type RequestType, toRequestType } from "./request-type.type.js";

/** Request types by UUID, batched over the request; null for what the viewer does not see. */
export const requestTypeLoader = (ctx: Context) =>
  ctx.loader<string, RequestType>(
    "requestType",
    async (tx, ids) => new Map((await findRequestTypes(tx, ctx.viewer, ids)).map((row) => [row.id, toRequestType(row)])),
  );
