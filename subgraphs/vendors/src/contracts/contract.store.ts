import { files, vendors as tables, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects, visibleObjectsByIndex } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, count, eq, isNotNull, isNull, type SQL } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";

const { attachments, files: fileTable } = files;
const { contracts } = tables;
const { instances } = workflows;

export type ContractRow = typeof contracts.$inferSelect;

/** Columns that can be changed, as values or expressions. */
export type ContractChanges = Partial<Omit<PgUpdateSetSource<typeof contracts>, "tenantId" | "id" | "number" | "vendorId" | "version">>;

export const visibleContracts = (viewer: Viewer, permission: Permission): SQL | undefined =>
  visibleObjectsByIndex("contract", viewer, permission);

/** Returns the visible contracts among the given IDs, in any order. */
export function findContracts(
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "contract.read",
): Promise<ContractRow[]> {
  const where = and(among(contracts.id, ids), visibleContracts(viewer, permission));
  return named("findContracts", tx.select().from(contracts).where(where));
}

/** Locks a contract for a change. Null if the permission does not cover it for the viewer. */
export async function lockContract(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<ContractRow | null> {
  const where = and(eq(contracts.id, id), visibleObjects("contract", viewer, permission));
  const [row] = await named("lockContract", tx.select().from(contracts).where(where).for("no key update"));
  return row ?? null;
}

/** Locks a deleted contract, whoever owned it. */
export async function lockDeletedContract(tx: Tx, id: string): Promise<ContractRow | null> {
  const where = and(eq(contracts.id, id), isNotNull(contracts.deletedAt));
  const [row] = await named("lockDeletedContract", tx.select().from(contracts).where(where).for("no key update"));
  return row ?? null;
}

export const insertContract = (tx: Tx, values: typeof contracts.$inferInsert): Promise<ContractRow> =>
  insertedRow(named("insertContract", tx.insert(contracts).values(values).returning()));

/** Writes the changes of a contract that the caller has locked, and increments its version. */
export async function updateContractRow(tx: Tx, id: string, changes: ContractChanges): Promise<ContractRow> {
  const query = tx
    .update(contracts)
    .set({ ...changes, ...nextVersion(contracts) })
    .where(eq(contracts.id, id))
    .returning();
  const row = await writtenRow(named("updateContractRow", query));
  if (!row) throw new Error("A locked contract could not be changed.");
  return row;
}

/** Returns the number of running workflows about a contract, whether or not the viewer can see them. */
export async function countRunningWorkflows(tx: Tx, contractId: string): Promise<number> {
  const where = and(eq(instances.subjectId, contractId), isNull(instances.finishedAt));
  const [row] = await named("countRunningWorkflows", tx.select({ count: count() }).from(instances).where(where));
  return row?.count ?? 0;
}

/** Returns the attached files of a contract that have a hash, by name. */
export async function findDocuments(tx: Tx, contractId: string): Promise<{ name: string; sha256: string }[]> {
  const query = tx
    .select({ name: fileTable.name, sha256: fileTable.sha256 })
    .from(attachments)
    .innerJoin(fileTable, and(eq(fileTable.tenantId, attachments.tenantId), eq(fileTable.id, attachments.fileId)))
    .where(and(eq(attachments.objectType, "contract"), eq(attachments.objectId, contractId), eq(fileTable.status, "STORED")))
    .orderBy(fileTable.name, fileTable.sha256);
  const rows = await named("findDocumentsOfContract", query);
  return rows.flatMap(({ name, sha256 }) => (sha256 === null ? [] : [{ name, sha256 }]));
}
