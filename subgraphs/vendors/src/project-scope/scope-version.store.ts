import { scope } from "@weft/drizzle";
import { among, insertedRow, named, type Tx } from "@weft/platform/db";
import { desc, eq, getTableColumns, sql } from "drizzle-orm";

const { scopeVersions: versions } = scope;

type StoredVersion = typeof versions.$inferSelect;

/** A version with what its hash covers. */
export type ScopeVersionRow = StoredVersion & { hashedText: string; isHashValid: boolean };

const columns = {
  ...getTableColumns(versions),
  hashedText: sql<string>`vendors.scope_text(${versions.projectId}, ${versions.number}, ${versions.content})`,
  isHashValid: sql<boolean>`vendors.scope_hash(${versions.projectId}, ${versions.number}, ${versions.content}) = ${versions.hash}`,
};

/** Returns all versions of projects that the caller has found visible, newest first. */
export const findScopeVersions = (tx: Tx, projectIds: readonly string[]): Promise<ScopeVersionRow[]> =>
  named("findScopeVersions", tx.select(columns).from(versions).where(among(versions.projectId, projectIds)).orderBy(desc(versions.number)));

/** Returns the versions in force of projects that the caller has found visible. */
export const findNewestVersions = (tx: Tx, projectIds: readonly string[]): Promise<ScopeVersionRow[]> =>
  named(
    "findNewestScopeVersions",
    tx
      .selectDistinctOn([versions.projectId], columns)
      .from(versions)
      .where(among(versions.projectId, projectIds))
      .orderBy(versions.projectId, desc(versions.number)),
  );

/** Returns the version in force. Null if none was approved. */
export async function findNewestVersion(tx: Tx, projectId: string): Promise<ScopeVersionRow | null> {
  const query = tx.select(columns).from(versions).where(eq(versions.projectId, projectId)).orderBy(desc(versions.number)).limit(1);
  const [row] = await named("findNewestScopeVersion", query);
  return row ?? null;
}

/** Returns a version that was written in this transaction, or replayed from an earlier one. */
export async function findScopeVersion(tx: Tx, id: string): Promise<ScopeVersionRow | null> {
  const [row] = await named("findScopeVersion", tx.select(columns).from(versions).where(eq(versions.id, id)));
  return row ?? null;
}

/** Inserts a version with the hash of its content. */
export const insertScopeVersion = (tx: Tx, values: Omit<typeof versions.$inferInsert, "hash" | "approvedAt">): Promise<StoredVersion> =>
  insertedRow(
    named(
      "insertScopeVersion",
      tx
        .insert(versions)
        .values({
          ...values,
          hash: sql`vendors.scope_hash(${values.projectId}::uuid, ${values.number}::integer, ${JSON.stringify(values.content)}::text::jsonb)`,
          approvedAt: sql`app.weft_now()`,
        })
        .returning(),
    ),
  );
