import { among, type Context, type EntityStub, named, objectAccessRules, rowLoader, type Tx, type Viewer } from "@weft/shared";
import { sql } from "drizzle-orm";
import { Request } from "./references.js";

const { from, id, inScope } = objectAccessRules.request;

const findVisible = async (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<{ id: string }[]> =>
  tx.execute<{ id: string }>(
    named("findVisibleRequests", sql`select ${id} as id from ${from} where ${among(id, ids)} and ${inScope(viewer, "request.read")}`),
  );

const loader = rowLoader("vendors.visibleRequest", findVisible, (row): EntityStub => Request.of(row.id));

/** Loads the reference to a request. Null if the viewer cannot see it: a reference shows the ID. */
export const loadVisibleRequest = (ctx: Context, uuid: string): Promise<EntityStub | null> => loader(ctx).load(uuid);
