import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, eq } from "drizzle-orm";
import { visible } from "../instance.store.js";

const { instances } = workflows;

/** Returns the children of many instances that the viewer can see, up to the slice's limit per instance, in the slice's order. */
export function selectChildrenOf(tx: Tx, viewer: Viewer, parentIds: readonly string[], slice: KeysetSlice): Promise<InstanceHead[]> {
  return rowsOfEach(tx, "selectChildrenOf", instances, {
    parent: instances.parentId,
    parentIds,
    where: visible(viewer, "workflow.read"),
    slice,
  });
}

export async function countChildrenOf(tx: Tx, viewer: Viewer, parentId: string): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(instances)
    .where(and(eq(instances.parentId, parentId), visible(viewer, "workflow.read")));
  const [row] = await named("countChildrenOf", query);
  return row?.count ?? 0;
}
