import { escalations as tables, workflows } from "@weft/drizzle";
import type { EscalationRow } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, desc, eq, getTableColumns, sql, type SQL } from "drizzle-orm";

const { escalations } = tables;
const { instances } = workflows;

/** Maximum number of levels of an instance that a field returns. */
const MAX_OF_ONE = 100;

/** Users who can reach the instance with the permission can reach its escalations. */
export const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("instance", viewer, permission);

const ofInstance = and(eq(instances.tenantId, escalations.tenantId), eq(instances.id, escalations.instanceId));
const withInstances = (tx: Tx) => tx.select(getTableColumns(escalations)).from(escalations).innerJoin(instances, ofInstance);

export async function findEscalation(tx: Tx, viewer: Viewer, id: string): Promise<EscalationRow | null> {
  const [row] = await named("findEscalation", withInstances(tx).where(and(eq(escalations.id, id), visible(viewer, "sla.read"))));
  return row ?? null;
}

/** Returns the escalations of many instances that the viewer can see, newest first, at most a hundred of each. */
export async function selectEscalationsOf(tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<EscalationRow[]> {
  const place = sql<number>`row_number() over (partition by ${escalations.instanceId} order by ${escalations.occurredAt} desc, ${escalations.id} desc)`;
  const ranked = tx
    .select({ id: sql<string>`${escalations.id}`.as("ranked_id"), place: place.as("place") })
    .from(escalations)
    .where(among(escalations.instanceId, instanceIds))
    .as("ranked");
  return named(
    "selectEscalationsOf",
    withInstances(tx)
      .innerJoin(ranked, and(eq(ranked.id, escalations.id), sql`${ranked.place} <= ${MAX_OF_ONE}`))
      .where(and(among(escalations.instanceId, instanceIds), visible(viewer, "workflow.read")))
      .orderBy(desc(escalations.occurredAt), desc(escalations.id)),
  );
}

export function selectEscalationPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<EscalationRow[]> {
  return named(
    "selectEscalationPage",
    withInstances(tx)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countEscalations(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countEscalations",
    tx.select({ count: count() }).from(escalations).innerJoin(instances, ofInstance).where(where),
  );
  return row?.count ?? 0;
}
