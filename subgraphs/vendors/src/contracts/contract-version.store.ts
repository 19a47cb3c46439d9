import { vendors as tables } from "@weft/drizzle";
import { among, insertedRow, named, type Tx, writtenRow } from "@weft/platform/db";
import { and, desc, eq, getTableColumns, ne, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";

const { contractVersions: versions } = tables;

type StoredVersion = typeof versions.$inferSelect;

/** A version with what its hash covers. */
export type ContractVersionRow = StoredVersion & { hashedText: string; isHashValid: boolean | null };

const columns = {
  ...getTableColumns(versions),
  hashedText: sql<string>`vendors.contract_text(${versions.contractId}, ${versions.number}, ${versions.content})`,
  isHashValid: sql<
    boolean | null
  >`vendors.contract_hash(${versions.contractId}, ${versions.number}, ${versions.content}) = ${versions.hash}`,
};

/** Returns all versions of contracts, newest first. */
export const findVersions = (tx: Tx, contractIds: readonly string[]): Promise<ContractVersionRow[]> =>
  named(
    "findContractVersions",
    tx.select(columns).from(versions).where(among(versions.contractId, contractIds)).orderBy(desc(versions.number)),
  );

/** Returns the version that is not signed, a draft or one in approval. Lock the contract first. */
export async function findOpenVersion(tx: Tx, contractId: string): Promise<StoredVersion | null> {
  const where = and(eq(versions.contractId, contractId), ne(versions.status, "SIGNED"));
  const [row] = await named("findOpenContractVersion", tx.select().from(versions).where(where));
  return row ?? null;
}

/** Returns the newest version. */
export async function findNewestVersion(tx: Tx, contractId: string): Promise<StoredVersion | null> {
  const query = tx.select().from(versions).where(eq(versions.contractId, contractId)).orderBy(desc(versions.number)).limit(1);
  const [row] = await named("findNewestContractVersion", query);
  return row ?? null;
}

/** Returns a version by its number. */
export async function findVersion(tx: Tx, contractId: string, number: number): Promise<StoredVersion | null> {
  const where = and(eq(versions.contractId, contractId), eq(versions.number, number));
  const [row] = await named("findContractVersion", tx.select().from(versions).where(where));
  return row ?? null;
}

export const insertVersion = (tx: Tx, values: typeof versions.$inferInsert): Promise<StoredVersion> =>
  insertedRow(named("insertContractVersion", tx.insert(versions).values(values).returning()));

/** Changes a version that is not signed. Lock the contract first. */
export async function updateVersion(
  tx: Tx,
  { contractId, number }: Pick<StoredVersion, "contractId" | "number">,
  changes: Partial<Omit<PgUpdateSetSource<typeof versions>, "tenantId" | "contractId" | "number" | "vendorId">>,
): Promise<StoredVersion> {
  const query = tx
    .update(versions)
    .set({ ...changes, updatedAt: sql`now()` })
    .where(and(eq(versions.contractId, contractId), eq(versions.number, number)))
    .returning();
  const row = await writtenRow(named("updateContractVersion", query));
  if (!row) throw new Error("A version of a locked contract could not be changed.");
  return row;
}
