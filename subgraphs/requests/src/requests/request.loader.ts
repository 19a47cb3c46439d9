import type { Context } from "@weft/shared";
import { findRequests } from "./request.store.js";
import { type Request, toRequest } from "./request.type.js";

/** Requests by UUID, batched over the request; null for what the viewer does not see. */
export const requestLoader = (ctx: Context) =>
  ctx.loader<string, Request>(
    "request",
    async (tx, ids) => new Map((await findRequests(tx, ctx.viewer, ids, "request.read")).map((row) => [row.id, toRequest(row)])),
  );
