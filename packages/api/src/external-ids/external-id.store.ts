import { listImports } from "@weft/drizzle";
import { and, eq } from "drizzle-orm";
import { quote } from "@weft/shared/errors";
import { among, named, type Tx, writtenRow } from "@weft/platform/db";

const { externalIds } = listImports;

/** Lists whose objects can have an external ID. */
export type ExternalIdList = "REQUESTS" | "BUILDINGS" | "ASSETS" | "VENDORS";

/** Returns the UUID of the object with an external ID, also if the object was deleted since. */
export async function findByExternalId(tx: Tx, list: ExternalIdList, externalId: string): Promise<string | null> {
  const query = tx
    .select({ objectId: externalIds.objectId })
    .from(externalIds)
    .where(and(eq(externalIds.list, list), eq(externalIds.externalId, externalId)));
  const [row] = await named("findByExternalId", query);
  return row?.objectId ?? null;
}

/** Returns the external IDs of those objects that have one, by UUID. Visibility of the objects is up to the caller. */
export async function findExternalIds(tx: Tx, objectIds: readonly string[]): Promise<Map<string, string>> {
  const query = tx
    .select({ objectId: externalIds.objectId, externalId: externalIds.externalId })
    .from(externalIds)
    .where(among(externalIds.objectId, objectIds));
  return new Map((await named("findExternalIds", query)).map(({ objectId, externalId }) => [objectId, externalId]));
}

/** Returns false if the object has an external ID already, or another object got this one meanwhile. */
export async function insertExternalId(tx: Tx, values: typeof externalIds.$inferInsert): Promise<boolean> {
  const query = tx.insert(externalIds).values(values).onConflictDoNothing().returning({ objectId: externalIds.objectId });
  return (await named("insertExternalId", query)).length > 0;
}

/** @throws BadUserInput if another object of the list has the external ID */
export async function replaceExternalId(tx: Tx, values: typeof externalIds.$inferInsert): Promise<void> {
  const { externalId } = values;
  const query = tx
    .insert(externalIds)
    .values(values)
    .onConflictDoUpdate({ target: [externalIds.tenantId, externalIds.objectId], set: { externalId } })
    .returning();
  const message = `The external ID ${quote(externalId)} is already taken. Choose another one.`;
  await writtenRow(named("replaceExternalId", query), { external_ids_pkey: { path: "input.externalId", message } });
}

export async function deleteExternalId(tx: Tx, objectId: string): Promise<void> {
  await named("deleteExternalId", tx.delete(externalIds).where(eq(externalIds.objectId, objectId)));
}
