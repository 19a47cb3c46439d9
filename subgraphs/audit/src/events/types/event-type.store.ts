import { events } from "@weft/drizzle";
import { atVersion, countRows, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, asc, eq, isNull, sql } from "drizzle-orm";

const { customTypes } = events;

export type CustomTypeRow = typeof customTypes.$inferSelect;
export type CustomTypeChanges = Partial<Pick<CustomTypeRow, "description" | "payloadSchema" | "typeVersion">>;

const isDeclared = isNull(customTypes.deletedAt);

/** Returns the declared types of the tenant, by name. */
export const selectCustomTypes = (tx: Tx): Promise<CustomTypeRow[]> =>
  named("selectCustomTypes", tx.select().from(customTypes).where(isDeclared).orderBy(asc(customTypes.name)));

export async function findCustomType(tx: Tx, name: string): Promise<CustomTypeRow | null> {
  const query = tx
    .select()
    .from(customTypes)
    .where(and(eq(customTypes.name, name), isDeclared));
  return (await named("findCustomType", query))[0] ?? null;
}

export async function findCustomTypeById(tx: Tx, id: string): Promise<CustomTypeRow | null> {
  const query = tx
    .select()
    .from(customTypes)
    .where(and(eq(customTypes.id, id), isDeclared));
  return (await named("findCustomTypeById", query))[0] ?? null;
}

export const countCustomTypes = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countCustomTypes", table: customTypes, where: isDeclared });

/** Inserts a type. Its version continues after those of deleted types of the same name. Returns null if a declared type has the name. */
export function insertCustomType(tx: Tx, values: Omit<typeof customTypes.$inferInsert, "typeVersion">): Promise<CustomTypeRow | null> {
  const typeVersion = sql`(select coalesce(max(t.type_version), 0) + 1 from events.custom_types t
    where t.tenant_id = ${values.tenantId}::uuid and t.name = ${values.name})`;
  const query = tx
    .insert(customTypes)
    .values({ ...values, typeVersion })
    .onConflictDoNothing()
    .returning();
  return writtenRow(named("insertCustomType", query));
}

/** Returns null if the type's version is no longer `version`. */
export function updateCustomType(tx: Tx, id: string, version: number, changes: CustomTypeChanges): Promise<CustomTypeRow | null> {
  const query = tx
    .update(customTypes)
    .set({ ...changes, ...nextVersion(customTypes) })
    .where(and(atVersion(customTypes, id, version), isDeclared))
    .returning();
  return writtenRow(named("updateCustomType", query));
}

/** Returns null if the type's version is no longer `version`. */
export function markCustomTypeDeleted(tx: Tx, id: string, version: number): Promise<CustomTypeRow | null> {
  const query = tx
    .update(customTypes)
    .set({ deletedAt: sql`now()`, ...nextVersion(customTypes) })
    .where(and(atVersion(customTypes, id, version), isDeclared))
    .returning();
  return writtenRow(named("markCustomTypeDeleted", query));
}
