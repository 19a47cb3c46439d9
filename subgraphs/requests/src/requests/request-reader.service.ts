import type { Context, Tx, Viewer } from "@weft/shared";
import { findRequests, type RequestRow } from "./request.store.js";
import { selectIsVisibleTo, selectIsWorkedOn } from "./request-reader.store.js";

/** Returns whether a user, who need not be the acting one, can see a request. */
export const isVisibleTo = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> => selectIsVisibleTo(tx, viewer, requestId);

/** Returns whether a user who can see a request works on it, and so reads its internal comments. */
export const isWorkedOnBy = (tx: Tx, viewer: Viewer, requestId: string): Promise<boolean> => selectIsWorkedOn(tx, viewer, requestId);

/** Returns those of the requests that the viewer can see, in any order. */
export const findRequestsWithIds = (tx: Tx, ctx: Context, ids: readonly string[]): Promise<RequestRow[]> =>
  findRequests(tx, ctx.viewer, ids, "request.read");
