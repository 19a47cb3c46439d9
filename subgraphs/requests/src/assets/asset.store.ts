import { visibleInstances } from "@weft/platform/rights";
import { identity, maintenance, requests as tables, vendors as vendorTables, workflows } from "@weft/drizzle";
import { quote } from "@weft/shared/errors";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjectsByIndex } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";

const { assets, assetTypes, requests } = tables;
const { instanceHeads } = workflows;
const { maintenancePlans } = maintenance;
const { teams, users } = identity;
const { vendors } = vendorTables;

export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = typeof assets.$inferInsert;
export type AssetChanges = Partial<Omit<AssetRow, "tenantId" | "id" | "version" | "createdAt" | "updatedAt" | "deletedAt" | "deletedBy">>;

const selectAssets = (tx: Tx) => tx.select().from(assets).$dynamic();

/**
 * Visibility of the aggregate: viewers with the permission in the tenant, unless the asset is deleted. Vendor users are restricted by row-level
 * security; the additional condition uses the primary key.
 */
export const visibleAssets = (viewer: Viewer, permission: Permission): SQL | undefined =>
  visibleObjectsByIndex("asset", viewer, permission);

/** Deleted assets, for viewers who can restore them. */
export const deletedAssets = (viewer: Viewer): SQL | undefined =>
  and(visibleInstances(viewer, "asset.delete", {}), isNotNull(assets.deletedAt));

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findAssets = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission = "asset.read"): Promise<AssetRow[]> =>
  named("findAssets", selectAssets(tx).where(and(among(assets.id, ids), visibleAssets(viewer, permission))));

export async function findAsset(tx: Tx, viewer: Viewer, id: string, permission?: Permission): Promise<AssetRow | null> {
  const [row] = await findAssets(tx, viewer, [id], permission);
  return row ?? null;
}

export async function findAssetByTag(tx: Tx, viewer: Viewer, tag: string): Promise<AssetRow | null> {
  const [row] = await named("findAssetByTag", selectAssets(tx).where(and(eq(assets.tag, tag), visibleAssets(viewer, "asset.read"))));
  return row ?? null;
}

export async function findDeletedAsset(tx: Tx, viewer: Viewer, id: string): Promise<AssetRow | null> {
  const [row] = await named("findDeletedAsset", selectAssets(tx).where(and(eq(assets.id, id), deletedAssets(viewer))));
  return row ?? null;
}

/** @throws BadUserInput if the tag or the serial number is taken, or a reference is unknown */
export const insertAsset = (tx: Tx, values: NewAsset): Promise<AssetRow> =>
  insertedRow(named("insertAsset", tx.insert(assets).values(values).returning()), constraints(values));

/**
 * Returns null if the asset's version is no longer `version`.
 * @throws BadUserInput if the tag or the serial number is taken, or a reference is unknown
 */
export function updateAssetRow(
  tx: Tx,
  before: AssetRow,
  version: number,
  changes: AssetChanges & Partial<Pick<AssetRow, "deletedBy">> & { readonly deletedAt?: SQL | null },
): Promise<AssetRow | null> {
  const query = tx
    .update(assets)
    .set({ ...changes, ...nextVersion(assets) })
    .where(atVersion(assets, before.id, version))
    .returning();
  return writtenRow(named("updateAssetRow", query), constraints({ ...before, ...changes }));
}

function constraints({ tag, type, serialNumber }: Pick<NewAsset, "tag" | "type" | "serialNumber">) {
  const taken = `Another asset of the type ${quote(type)} has the serial number ${quote(serialNumber ?? "")}.`;
  return {
    assets_tag_key: { type: "asset", field: "tag", value: tag },
    assets_serial_number_key: { path: "input.serialNumber", message: taken },
  } as const;
}

/** Returns at most `slice.limit` assets of each building, in the slice's order. */
export const listAssetsOfBuildings = (tx: Tx, viewer: Viewer, buildingIds: readonly string[], slice: KeysetSlice): Promise<AssetRow[]> =>
  listAssetsBelow(tx, viewer, { name: "listAssetsOfBuildings", column: assets.buildingId, ids: buildingIds }, slice);

/** Returns at most `slice.limit` children of each asset, in the slice's order. */
export const listChildren = (tx: Tx, viewer: Viewer, parentIds: readonly string[], slice: KeysetSlice): Promise<AssetRow[]> =>
  listAssetsBelow(tx, viewer, { name: "listChildren", column: assets.parentId, ids: parentIds }, slice);

interface Below {
  readonly name: string;
  readonly column: typeof assets.buildingId | typeof assets.parentId;
  readonly ids: readonly string[];
}

function listAssetsBelow(tx: Tx, viewer: Viewer, { name, column, ids }: Below, slice: KeysetSlice): Promise<AssetRow[]> {
  return rowsOfEach(tx, name, assets, { parent: column, parentIds: ids, where: visibleAssets(viewer, "asset.read"), slice });
}

/** Waits for other transactions of the tenant that change the hierarchy of its assets. */
export async function lockHierarchy(tx: Tx, tenantId: string): Promise<void> {
  await tx.execute(
    named("lockHierarchy", sql`select pg_advisory_xact_lock(hashtextextended(${`weft.assets.hierarchy.${tenantId}`}::text, 0))`),
  );
}

interface Hierarchy {
  /** The parent, its parent, and so on. */
  readonly ancestors: readonly string[];
  /** Levels below the asset. */
  readonly levelsBelow: number;
}

export async function findHierarchy(
  tx: Tx,
  { assetId, parentId }: { readonly assetId: string | null; readonly parentId: string },
): Promise<Hierarchy> {
  const [row] = await tx.execute<{ ancestors: string[]; levels: number }>(
    named(
      "findHierarchy",
      sql`with recursive up (id) as (
        select ${parentId}::uuid
        union
        select a.parent_id from up join requests.assets a on a.tenant_id = app.tenant() and a.id = up.id where a.parent_id is not null
      ), down (id, level) as (
        select ${assetId}::uuid, 0
        union all
        select a.id, down.level + 1 from down
          join requests.assets a on a.tenant_id = app.tenant() and a.parent_id = down.id and a.deleted_at is null
      ) select array(select id from up) as ancestors, (select max(level) from down) as levels`,
    ),
  );
  return { ancestors: row?.ancestors ?? [], levelsBelow: row?.levels ?? 0 };
}

/** Returns what people recognize an asset by, whether or not the viewer can see it. */
export async function namesOfAsset(tx: Tx, id: string): Promise<Pick<AssetRow, "tag" | "name"> | null> {
  const [row] = await named("namesOfAsset", tx.select({ tag: assets.tag, name: assets.name }).from(assets).where(eq(assets.id, id)));
  return row ?? null;
}

/** Whether a workflow sets the status of the asset. */
export async function hasRunningLifecycle(tx: Tx, { instanceId, type }: Pick<AssetRow, "instanceId" | "type">): Promise<boolean> {
  if (instanceId === null) return false;
  const query = tx
    .select({ id: instanceHeads.id })
    .from(instanceHeads)
    .innerJoin(assetTypes, and(eq(assetTypes.key, type), eq(assetTypes.lifecycleDefinitionKey, instanceHeads.definitionKey)))
    .where(and(eq(instanceHeads.id, instanceId), isNull(instanceHeads.finishedAt)));
  return (await named("findRunningLifecycle", query)).length > 0;
}

export interface AssetDependents {
  readonly children: number;
  readonly openRequests: number;
  readonly runningWorkflows: number;
  /** Excludes paused and ended plans. */
  readonly maintenancePlans: number;
}

/** Counts what keeps an asset from being deleted, whether or not the viewer can see it. */
export async function countAssetDependents(tx: Tx, id: string): Promise<AssetDependents> {
  const children = tx
    .select({ count: count() })
    .from(assets)
    .where(and(eq(assets.parentId, id), isNull(assets.deletedAt)));
  const openRequests = tx
    .select({ count: count() })
    .from(requests)
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(and(eq(requests.assetId, id), isNull(instanceHeads.closedAt)));
  const runningWorkflows = tx
    .select({ count: count() })
    .from(instanceHeads)
    .where(and(eq(instanceHeads.subjectId, id), isNull(instanceHeads.finishedAt)));
  const plans = tx
    .select({ count: count() })
    .from(maintenancePlans)
    .where(and(eq(maintenancePlans.assetId, id), eq(maintenancePlans.status, "ACTIVE")));
  const [row] = await tx.execute<AssetDependents & Record<string, unknown>>(
    named(
      "countAssetDependents",
      sql`select (${children})::int as children, (${openRequests})::int as "openRequests", (${runningWorkflows})::int as "runningWorkflows",
        (${plans})::int as "maintenancePlans"`,
    ),
  );
  return row ?? { children: 0, openRequests: 0, runningWorkflows: 0, maintenancePlans: 0 };
}

interface People {
  readonly userIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly vendorIds: readonly string[];
}

/** Returns those of the users, teams and vendors that exist. */
export async function findPeople(tx: Tx, { userIds, teamIds, vendorIds }: People): Promise<string[]> {
  const query = tx
    .select({ id: users.id })
    .from(users)
    .where(among(users.id, userIds))
    .unionAll(
      tx
        .select({ id: teams.id })
        .from(teams)
        .where(and(among(teams.id, teamIds), isNull(teams.deletedAt))),
    )
    .unionAll(tx.select({ id: vendors.id }).from(vendors).where(among(vendors.id, vendorIds)));
  return (await named("findPeople", query)).map(({ id }) => id);
}
