import type { Context } from "@weft/api/context";
import { findRatingsOfRequests } from "./rating.store.js";
import { toRating, type VendorRating } from "./rating.type.js";

/** Loads the newest rating of a request. Null if there is none, or the viewer cannot see it. */
export function loadRatingOfRequest(ctx: Context, requestId: string): Promise<VendorRating | null> {
  const loader = ctx.loader<string, VendorRating>(
    "vendors.ratingOfRequest",
    async (tx, ids) => new Map((await findRatingsOfRequests(tx, ids)).map((row) => [row.requestId, toRating(row)])),
  );
  return loader.load(requestId);
}
