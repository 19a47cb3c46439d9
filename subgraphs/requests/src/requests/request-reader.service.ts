import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findRequests, type RequestRow } from "./request.store.js";
import { selectCommentedInternally, selectIsVisibleTo, selectIsWorkedOn } from "./request-reader.store.js";

/** Returns whether a user, who need not be the acting one, can see a request. */
export const isVisibleTo = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> => selectIsVisibleTo(tx, viewer, requestId);

/** Returns whether a user who can see a request works on it, and so reads its internal comments. */
export const isWorkedOnBy = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> => selectIsWorkedOn(tx, viewer, requestId);

/** Returns whether the viewer can write internal comments on a request. One statement for all requests of the response; none for users of vendors. */
export async function canCommentInternally(ctx: Context, requestId: string): Promise<boolean> {
  const { viewer } = ctx;
  if (viewer.vendorId !== null) return false;
  const loader = ctx.loader<string, true>(
    "canCommentInternally",
    async (tx, ids) => new Map((await selectCommentedInternally(tx, viewer, ids)).map((id) => [id, true])),
  );
  return (await loader.load(requestId)) ?? false;
}

/** Returns those of the requests that the viewer can see, in any order. */
export const findRequestsWithIds = (tx: Tx, ctx: Context, ids: readonly string[]): Promise<RequestRow[]> =>
  findRequests(tx, ctx.viewer, ids, "request.read");
