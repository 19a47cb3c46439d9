import { workflows } from "@weft/drizzle";
import {
  Conflict,
  among,
  mapDatabaseError,
  named,
  visibleObjectsByIndex,
  type KeysetSlice,
  type Permission,
  type Tx,
  type Viewer,
} from "@weft/shared";
import { and, count, eq, sql, type SQL } from "drizzle-orm";
import type { DefinitionRow } from "./definition.type.js";

const { definitions } = workflows;

/**
 * Which definitions a viewer may see: row-level security keeps to the tenant, the scope OWN to those that he wrote. A vendor's user sees those that the
 * vendor's work runs on; row-level security says so too, but row by row.
 */
export function visibleDefinitions(viewer: Viewer, permission: Permission): SQL | undefined {
  return visibleObjectsByIndex("definition", viewer, permission);
}

export async function findDefinition(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<DefinitionRow | null> {
  const [row] = await named(
    "findDefinition",
    tx
      .select()
      .from(definitions)
      .where(and(eq(definitions.id, id), visibleDefinitions(viewer, permission))),
  );
  return row ?? null;
}

export function selectDefinitions(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<DefinitionRow[]> {
  return named(
    "selectDefinitions",
    tx
      .select()
      .from(definitions)
      .where(and(among(definitions.id, ids), visibleDefinitions(viewer, "definition.read"))),
  );
}

export function selectDefinitionPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<DefinitionRow[]> {
  return named(
    "selectDefinitionPage",
    tx
      .select()
      .from(definitions)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countDefinitions(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countDefinitions", tx.select({ count: count() }).from(definitions).where(where));
  return row?.count ?? 0;
}

export type NewDefinition = Omit<typeof definitions.$inferInsert, "number" | "status" | "version">;

/** The next number of the key. Two authors at once draw the same number: the unique constraint lets one through, the other may try again. */
export async function insertDraft(tx: Tx, draft: NewDefinition): Promise<DefinitionRow> {
  const number = sql<number>`(select coalesce(max(d.number), 0) + 1 from workflows.definitions d where d.key = ${draft.key})`;
  try {
    const [row] = await named(
      "insertDraft",
      tx
        .insert(definitions)
        .values({ ...draft, number, status: "DRAFT" })
        .returning(),
    );
    if (!row) throw new Error("an insert gave no row");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, {
      definitions_number_key: () =>
        new Conflict(`Somebody else has just created a version of ${draft.key}. Try again: yours becomes the next.`),
    });
  }
}

/** Freezes a draft; null when it is no longer the draft that was read. */
export async function markPublished(tx: Tx, { id, version }: DefinitionRow, publishedBy: string): Promise<DefinitionRow | null> {
  const update = tx
    .update(definitions)
    .set({
      status: "PUBLISHED",
      publishedBy,
      publishedAt: sql`app.weft_now()`,
      updatedAt: sql`app.weft_now()`,
      version: sql`${definitions.version} + 1`,
    })
    .where(and(eq(definitions.id, id), eq(definitions.version, version), eq(definitions.status, "DRAFT")))
    .returning();
  const [row] = await named("markPublished", update);
  return row ?? null;
}
