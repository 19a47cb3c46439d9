import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { type Context, rowLoader } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { Request, type RequestStub } from "./references.js";

const { from, id, inScope } = objectAccessRules.request;

const findVisible = async (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<{ id: string }[]> =>
  tx.execute<{ id: string }>(
    named("findVisibleRequests", sql`select ${id} as id from ${from} where ${among(id, ids)} and ${inScope(viewer, "request.read")}`),
  );

const loader = rowLoader("vendors.visibleRequest", findVisible, (row): RequestStub => Request.of(row.id));

/** Loads the reference to a request. Null if the viewer cannot see it. */
export const loadVisibleRequest = (ctx: Context, uuid: string): Promise<RequestStub | null> => loader(ctx).load(uuid);
