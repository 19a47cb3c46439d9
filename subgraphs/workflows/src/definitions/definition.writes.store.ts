import { workflows } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { mapDatabaseError, named, type Tx } from "@weft/platform/db";
import { and, count, desc, eq, sql } from "drizzle-orm";
import type { DefinitionRow } from "./definition.type.js";

const { definitions } = workflows;

/** Prevents other transactions from adding or deleting versions of the key until this one ends, so the numbers and the count of keys are exact. */
export async function lockKey(tx: Tx, key: string): Promise<void> {
  await tx.execute(
    named("lockKey", sql`select pg_advisory_xact_lock(hashtextextended('weft.definition.' || app.tenant() || ${key}::text, 0))`),
  );
}

export async function countVersions(tx: Tx, key: string): Promise<number> {
  const [row] = await named("countVersions", tx.select({ count: count() }).from(definitions).where(eq(definitions.key, key)));
  return row?.count ?? 0;
}

/** Returns the newest version of a key, whatever its status and whoever can see it. */
export async function findNewestVersion(tx: Tx, key: string): Promise<Pick<DefinitionRow, "id" | "name" | "number" | "status"> | null> {
  const { id, name, number, status } = definitions;
  const query = tx.select({ id, name, number, status }).from(definitions).where(eq(definitions.key, key)).orderBy(desc(number)).limit(1);
  const [row] = await named("findNewestVersion", query);
  return row ?? null;
}

export type NewDefinition = Omit<typeof definitions.$inferInsert, "number" | "status" | "version">;

/** Inserts a draft with the next number of the key, which the caller has locked. Its parent is the previous version by default. */
export async function insertDraft(tx: Tx, draft: NewDefinition): Promise<DefinitionRow> {
  const number = sql<number>`(select coalesce(max(d.number), 0) + 1 from workflows.definitions d where d.key = ${draft.key})`;
  const before = sql<string>`(select d.id from workflows.definitions d where d.key = ${draft.key} order by d.number desc limit 1)`;
  try {
    const [row] = await named(
      "insertDraft",
      tx
        .insert(definitions)
        .values({ ...draft, parentId: draft.parentId ?? before, number, status: "DRAFT" })
        .returning(),
    );
    if (!row) throw new Error("insert returned no row");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, {
      definitions_number_key: () =>
        new Conflict(`Another request has just created a version of ${draft.key}. Retry to create the next one.`),
    });
  }
}

/** Deletes a draft. Returns false if it is no longer the draft that was read. */
export async function removeDraft(tx: Tx, { id, version }: DefinitionRow): Promise<boolean> {
  const gone = tx
    .delete(definitions)
    .where(and(eq(definitions.id, id), eq(definitions.version, version), eq(definitions.status, "DRAFT")))
    .returning({ id: definitions.id });
  return (await named("removeDraft", gone)).length > 0;
}

/** Columns that an author can change. */
export type DraftContent = Pick<
  DefinitionRow,
  "name" | "description" | "source" | "original" | "format" | "document" | "message" | "tags" | "authorIds"
>;

/**
 * Replaces a draft with a new row. Returns null if it is no longer the draft that was read. Not an update: the content columns cannot be updated, so
 * published versions never change.
 */
export async function replaceDraft(tx: Tx, draft: DefinitionRow, content: DraftContent): Promise<DefinitionRow | null> {
  if (!(await removeDraft(tx, draft))) return null;
  const next = { ...draft, ...content, version: draft.version + 1, updatedAt: sql`app.weft_now()` };
  const [row] = await named("replaceDraft", tx.insert(definitions).values(next).returning());
  return row ?? null;
}

const touched = { updatedAt: sql`app.weft_now()`, version: sql`${definitions.version} + 1` };

/** Publishes a draft. Returns null if it is no longer the draft that was read. */
export async function markPublished(
  tx: Tx,
  { id, version }: DefinitionRow,
  publication: { readonly publishedBy: string; readonly environments: string[] },
): Promise<DefinitionRow | null> {
  const update = tx
    .update(definitions)
    .set({ status: "PUBLISHED", ...publication, publishedAt: sql`app.weft_now()`, ...touched })
    .where(and(eq(definitions.id, id), eq(definitions.version, version), eq(definitions.status, "DRAFT")))
    .returning();
  const [row] = await named("markPublished", update);
  return row ?? null;
}

/** Returns the ID of the newest PUBLISHED version of a key in each of the environments. Environments without one are absent. */
export async function selectPublishedIn(tx: Tx, key: string, environments: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.execute<{ environment: string; id: string }>(
    named(
      "selectPublishedIn",
      sql`select distinct on (e.environment) e.environment, d.id
        from unnest(${sql.param([...environments])}::text[]) as e (environment)
        join workflows.definitions d on d.tenant_id = app.tenant() and d.key = ${key} and d.status = 'PUBLISHED'
          and d.environments @> array[e.environment]
       order by e.environment, d.number desc`,
    ),
  );
  return new Map(rows.map(({ environment, id }) => [environment, id]));
}

/** Updates status, tags or environments of a version. Returns null if it has changed since it was read. */
export async function updateVersion(
  tx: Tx,
  { id, version }: DefinitionRow,
  changes: { readonly status?: string; readonly tags?: string[]; readonly environments?: string[] },
): Promise<DefinitionRow | null> {
  const update = tx
    .update(definitions)
    .set({ ...changes, ...touched })
    .where(and(eq(definitions.id, id), eq(definitions.version, version)))
    .returning();
  const [row] = await named("updateVersion", update);
  return row ?? null;
}
