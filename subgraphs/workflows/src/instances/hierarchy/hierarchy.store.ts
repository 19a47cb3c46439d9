import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import { among, named, rankWithin, type KeysetSlice, type Tx, type Viewer } from "@weft/shared";
import { and, count, eq, getTableColumns, lte } from "drizzle-orm";
import { visible } from "../instance.store.js";

const { instances } = workflows;

/** Returns the children of many instances that the viewer can see, up to the slice's limit per instance, in the slice's order. */
export function selectChildrenOf(tx: Tx, viewer: Viewer, parentIds: readonly string[], slice: KeysetSlice): Promise<InstanceHead[]> {
  const ranked = tx
    .select({ id: instances.id, rank: rankWithin(instances.parentId, slice) })
    .from(instances)
    .where(and(among(instances.parentId, parentIds), visible(viewer, "workflow.read"), slice.where))
    .as("ranked");
  const query = tx
    .select(getTableColumns(instances))
    .from(instances)
    .innerJoin(ranked, eq(ranked.id, instances.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("selectChildrenOf", query);
}

export async function countChildrenOf(tx: Tx, viewer: Viewer, parentId: string): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(instances)
    .where(and(eq(instances.parentId, parentId), visible(viewer, "workflow.read")));
  const [row] = await named("countChildrenOf", query);
  return row?.count ?? 0;
}
