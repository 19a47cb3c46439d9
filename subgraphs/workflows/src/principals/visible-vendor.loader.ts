import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { type Context, type RowLoader, rowLoader } from "@weft/api/context";
import type { EntityStub } from "@weft/api/subgraph";
import { sql } from "drizzle-orm";
import { Vendor } from "./principal.type.js";

const { from, id, inScope } = objectAccessRules.vendor;

const findVisible = async (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<{ id: string }[]> =>
  tx.execute<{ id: string }>(
    named("findVisibleVendors", sql`select ${id} as id from ${from} where ${among(id, ids)} and ${inScope(viewer, "vendor.read")}`),
  );

const loader: RowLoader<EntityStub> = rowLoader("workflows.visibleVendor", findVisible, (row) => Vendor.of(row.id));

/** Loads the reference to a vendor. Null if the viewer cannot see it: a reference shows the ID. */
export const loadVisibleVendor = (ctx: Context, uuid: string): Promise<EntityStub | null> => loader(ctx).load(uuid);
