import type { RowLoader } from "@weft/shared";
import { findRequests } from "./request.store.js";
import { type Request, toRequest } from "./request.type.js";

/** Loads requests by UUID, batched per request. Null for requests that the viewer cannot see. */
export const requestLoader: RowLoader<Request> = (ctx) =>
  ctx.loader<string, Request>(
    "request",
    async (tx, ids) => new Map((await findRequests(tx, ctx.viewer, ids, "request.read")).map((row) => [row.id, toRequest(row)])),
  );
