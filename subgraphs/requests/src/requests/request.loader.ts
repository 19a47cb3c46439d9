import type { RowLoader } from "@weft/api/context";
import { readRequests } from "./request.store.js";
import { type Request, requestNodes } from "./request.type.js";

/** Loads requests by UUID, batched per request. Null for requests that the viewer cannot see. */
export const requestLoader: RowLoader<Request> = (ctx) =>
  ctx.loader<string, Request>("request", async (tx, ids) => {
    const rows = await readRequests(tx, ctx.viewer, { ids, reading: requestNodes.reading(ctx) });
    return new Map(rows.map((row) => [row.id, requestNodes.toNode(row)]));
  });
