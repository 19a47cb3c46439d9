import { visibleInstances } from "@weft/platform/rights";
import { requests as tables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";

const { assetTypes } = tables;

export type AssetTypeRow = typeof assetTypes.$inferSelect;
export type NewAssetType = typeof assetTypes.$inferInsert;
export type AssetTypeChanges = Partial<
  Pick<
    AssetTypeRow,
    | "name"
    | "icon"
    | "position"
    | "status"
    | "hasUniqueSerialNumbers"
    | "warrantyNoticeDays"
    | "inspectionNoticeDays"
    | "lifecycleDefinitionKey"
    | "lifecycleStatuses"
  >
>;

const selectAssetTypes = (tx: Tx) => tx.select().from(assetTypes).$dynamic();

/** Visibility of the aggregate: viewers with the permission in the tenant. Users who can read assets can read all types. */
export const visibleAssetTypes = (viewer: Viewer, permission: Permission): SQL => visibleInstances(viewer, permission, {});

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findAssetTypes = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "asset.read",
): Promise<AssetTypeRow[]> =>
  named("findAssetTypes", selectAssetTypes(tx).where(and(among(assetTypes.id, ids), visibleAssetTypes(viewer, permission))));

/** Returns the types with these keys that the viewer can see, in any order. */
export const findAssetTypesByKey = (tx: Tx, viewer: Viewer, keys: readonly string[]): Promise<AssetTypeRow[]> =>
  named(
    "findAssetTypesByKey",
    selectAssetTypes(tx).where(and(inArray(assetTypes.key, [...keys]), visibleAssetTypes(viewer, "asset.read"))),
  );

/** Returns the keys of all types, active ones first. A tenant has few. */
export async function listAssetTypeKeys(tx: Tx): Promise<string[]> {
  const query = tx.select({ key: assetTypes.key }).from(assetTypes).orderBy(assetTypes.status, assetTypes.key).limit(1_000);
  return (await named("listAssetTypeKeys", query)).map(({ key }) => key);
}

/** Returns the type for an asset that is about to refer to it. Until the end of the transaction, it does not change: assets copy from it, and follow its lifecycle. */
export async function lockAssetType(tx: Tx, key: string): Promise<AssetTypeRow | null> {
  const [row] = await named("lockAssetType", selectAssetTypes(tx).where(eq(assetTypes.key, key)).for("share"));
  return row ?? null;
}

/** @throws BadUserInput if the key is taken */
export const insertAssetType = (tx: Tx, values: NewAssetType): Promise<AssetTypeRow> =>
  insertedRow(named("insertAssetType", tx.insert(assetTypes).values(values).returning()), {
    asset_types_key_key: { type: "assetType", field: "key", value: values.key },
  });

/**
 * Returns null if a type with the key exists. It names no constraint: two contain the key, and a transaction that adds the same key at the same time can
 * violate either of them first.
 */
export function insertAssetTypeOnce(tx: Tx, values: NewAssetType): Promise<AssetTypeRow | null> {
  const query = tx.insert(assetTypes).values(values).onConflictDoNothing().returning();
  return writtenRow(named("insertAssetTypeOnce", query));
}

const sameSerialNumbers = {
  path: "input.hasUniqueSerialNumbers",
  message: "Some assets of the type have the same serial number. Correct them first with updateAsset.",
};

/**
 * Returns null if the type's version is no longer `version`.
 * @throws BadUserInput if serial numbers are to be unique, but are not
 */
export function updateAssetTypeRow(tx: Tx, id: string, version: number, changes: AssetTypeChanges): Promise<AssetTypeRow | null> {
  const query = tx
    .update(assetTypes)
    .set({ ...changes, ...nextVersion(assetTypes) })
    .where(atVersion(assetTypes, id, version))
    .returning();
  return writtenRow(named("updateAssetTypeRow", query), { assets_serial_number_key: sameSerialNumbers });
}

/** Sets the statuses of assets of a type that do not have the status of their lifecycle's state, after the type's lifecycle has changed. */
export async function alignStatuses(tx: Tx, typeId: string): Promise<void> {
  await tx.execute(
    named(
      "alignStatuses",
      sql`update requests.assets a set status = t.lifecycle_statuses ->> i.state, version = a.version + 1, updated_at = now()
        from requests.asset_types t, workflows.instances i
       where t.tenant_id = app.tenant() and t.id = ${typeId}::uuid and a.tenant_id = app.tenant() and a.type = t.key
         and i.tenant_id = app.tenant() and i.id = a.instance_id and i.finished_at is null and i.definition_key = t.lifecycle_definition_key
         and a.status <> t.lifecycle_statuses ->> i.state`,
    ),
  );
}
