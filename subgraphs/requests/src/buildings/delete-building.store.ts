import { visibleInstances } from "@weft/platform/rights";
import { maintenance, requests as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, isNotNull, sql, type SQL } from "drizzle-orm";
import type { BuildingRow } from "./building.store.js";

const { assets, buildings, requests, spaces } = tables;
const { instances } = workflows;
const { maintenancePlans } = maintenance;

/** What prevents a building from being deleted, with the number of each. */
export interface BuildingDependents {
  readonly openRequests: number;
  /** Excludes decommissioned and deleted assets. */
  readonly assets: number;
  readonly spaces: number;
  /** Excludes paused and ended plans. */
  readonly maintenancePlans: number;
  /** Workflows about the building itself. */
  readonly runningWorkflows: number;
}

/** Counts for the whole tenant, not only what the viewer can see. */
export async function countBuildingDependents(tx: Tx, id: string): Promise<BuildingDependents> {
  const counted = (from: SQL) => sql`(select count(*)::int from ${from})`;
  const [row] = await tx.execute<BuildingDependents & Record<string, unknown>>(
    named(
      "countBuildingDependents",
      sql`select ${counted(
        sql`${requests} r join ${instances} i on i.tenant_id = r.tenant_id and i.id = r.instance_id
          where r.tenant_id = app.tenant() and r.building_id = ${id} and i.finished_at is null`,
      )} as "openRequests",
        ${counted(sql`${assets} where tenant_id = app.tenant() and building_id = ${id} and status <> 'DECOMMISSIONED' and deleted_at is null`)} as assets,
        ${counted(sql`${spaces} where tenant_id = app.tenant() and building_id = ${id} and deleted_at is null`)} as spaces,
        ${counted(sql`${maintenancePlans} where tenant_id = app.tenant() and building_id = ${id} and status = 'ACTIVE'`)} as "maintenancePlans",
        ${counted(sql`${instances} where tenant_id = app.tenant() and subject_id = ${id} and finished_at is null`)} as "runningWorkflows"`,
    ),
  );
  if (!row) throw new Error("Counting gives a row.");
  return row;
}

/** Locks a building's row, so that nothing is added to it until the transaction ends. */
export async function lockBuilding(tx: Tx, id: string): Promise<void> {
  await named("lockBuilding", tx.select({ id: buildings.id }).from(buildings).where(eq(buildings.id, id)).for("update"));
}

/** Returns a deleted building, if the viewer's permission reaches it. */
export async function findDeletedBuilding(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<BuildingRow | null> {
  const where = and(
    eq(buildings.id, id),
    isNotNull(buildings.deletedAt),
    visibleInstances(viewer, permission, { buildingId: buildings.id }),
  );
  const [row] = await named("findDeletedBuilding", tx.select().from(buildings).where(where).for("update"));
  return row ?? null;
}

/** Marks a building that the caller has locked as deleted. */
export async function markBuildingDeleted(tx: Tx, id: string): Promise<void> {
  const changes = { deletedAt: sql`app.weft_now()`, ...nextVersion(buildings) };
  await named("markBuildingDeleted", tx.update(buildings).set(changes).where(eq(buildings.id, id)));
}

/**
 * Restores a building that the caller has locked.
 * @throws BadUserInput if another building has its code now
 */
export function unmarkBuildingDeleted(tx: Tx, { id, code }: BuildingRow): Promise<BuildingRow | null> {
  const changes = { deletedAt: null, ...nextVersion(buildings) };
  const query = tx.update(buildings).set(changes).where(eq(buildings.id, id)).returning();
  const message = `Another building has the code "${code}" now. Change its code with updateBuilding, and then restore this building.`;
  return writtenRow(named("unmarkBuildingDeleted", query), { buildings_code_key: { path: "input.id", message } });
}
