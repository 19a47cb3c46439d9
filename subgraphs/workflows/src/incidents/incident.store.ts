import { workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, desc, eq, getTableColumns, lt, type SQL } from "drizzle-orm";
import type { IncidentRow } from "./incident.type.js";

const { incidents, instances } = workflows;

/** Users who can reach the instance with the permission can reach its incidents. */
export function visible(viewer: Viewer, permission: Permission): SQL {
  return visibleObjects("instance", viewer, permission);
}

const ofInstance = and(eq(instances.tenantId, incidents.tenantId), eq(instances.id, incidents.instanceId));
const withInstances = (tx: Tx) =>
  tx
    .select({ ...getTableColumns(incidents), definitionKey: instances.definitionKey })
    .from(incidents)
    .innerJoin(instances, ofInstance);

export function selectIncidents(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<IncidentRow[]> {
  return named("selectIncidents", withInstances(tx).where(and(among(incidents.id, ids), visible(viewer, "incident.read"))));
}

export async function findIncident(tx: Tx, viewer: Viewer, id: string): Promise<IncidentRow | null> {
  const [row] = await named("findIncident", withInstances(tx).where(and(eq(incidents.id, id), visible(viewer, "incident.read"))));
  return row ?? null;
}

export function selectIncidentPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<IncidentRow[]> {
  return named(
    "selectIncidentPage",
    withInstances(tx)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countIncidents(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countIncidents", tx.select({ count: count() }).from(incidents).innerJoin(instances, ofInstance).where(where));
  return row?.count ?? 0;
}

/** Returns the open incidents of many instances. Each instance has at most one. */
export function selectOpenIncidents(tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<IncidentRow[]> {
  const where = and(among(incidents.instanceId, instanceIds), eq(incidents.status, "OPEN"), visible(viewer, "incident.read"));
  return named("selectOpenIncidents", withInstances(tx).where(where));
}

/** Returns the newest incident that stopped the instance at this version (`isExact`) or an earlier one. */
export async function findIncidentAt(
  tx: Tx,
  viewer: Viewer,
  { instanceId, version, isExact }: { readonly instanceId: string; readonly version: number; readonly isExact: boolean },
): Promise<IncidentRow | null> {
  const atVersion = isExact ? eq(incidents.instanceVersion, version) : lt(incidents.instanceVersion, version);
  const [row] = await named(
    "findIncidentAt",
    withInstances(tx)
      .where(and(eq(incidents.instanceId, instanceId), atVersion, visible(viewer, "incident.read")))
      .orderBy(desc(incidents.instanceVersion))
      .limit(1),
  );
  return row ?? null;
}
