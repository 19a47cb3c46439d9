import { customFields } from "@weft/drizzle";
import { type CustomFieldKind, customFieldObjects, type CustomFieldOwnerColumns } from "@weft/platform/custom-field-kinds";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow, withDeleted } from "@weft/platform/db";
import { findPlainNames, type PlainName, sealedJson } from "@weft/platform/secrets";
import type { FieldSchemaRow } from "@weft/engine";
import { and, asc, count, desc, eq, gt, sql, type SQL } from "drizzle-orm";

const { customFieldSchemas, customFieldSchemaVersions } = customFields;

export type FieldSchemaVersionRow = typeof customFieldSchemaVersions.$inferSelect;

/** Returns null if another transaction has created the schema of the kind or type. */
export async function insertFieldSchema(tx: Tx, values: typeof customFieldSchemas.$inferInsert): Promise<FieldSchemaRow | null> {
  const query = tx
    .insert(customFieldSchemas)
    .values(values)
    .onConflictDoNothing({ target: [customFieldSchemas.tenantId, customFieldSchemas.kind, customFieldSchemas.typeKey] })
    .returning();
  return writtenRow(named("insertFieldSchema", query));
}

export async function countFieldSchemas(tx: Tx, kind: CustomFieldKind): Promise<number> {
  const query = tx.select({ count: count() }).from(customFieldSchemas).where(eq(customFieldSchemas.kind, kind));
  const [row] = await named("countFieldSchemas", query);
  return row?.count ?? 0;
}

const now = sql`app.weft_now()`;

export interface SchemaChanges extends Pick<FieldSchemaRow, "schema" | "indexed" | "encrypted" | "encrypting"> {
  /** Whether a worker has values to encrypt. */
  readonly isDue: boolean;
}

/** Returns null if the schema's version is no longer that of `before`. */
export function updateFieldSchema(tx: Tx, before: FieldSchemaRow, { isDue, ...changes }: SchemaChanges): Promise<FieldSchemaRow | null> {
  const query = tx
    .update(customFieldSchemas)
    .set({ ...changes, encryptAt: isDue ? now : null, ...nextVersion(customFieldSchemas) })
    .where(atVersion(customFieldSchemas, before.id, before.version))
    .returning();
  return writtenRow(named("updateFieldSchema", query));
}

export async function insertFieldSchemaVersion(tx: Tx, values: typeof customFieldSchemaVersions.$inferInsert): Promise<void> {
  await insertedRow(named("insertFieldSchemaVersion", tx.insert(customFieldSchemaVersions).values(values).returning()));
}

/** Returns the newest versions of each schema, at most `limit`, newest first. */
export function selectFieldSchemaVersions(tx: Tx, schemaIds: readonly string[], limit: number): Promise<FieldSchemaVersionRow[]> {
  const newest = sql`${customFieldSchemaVersions.version} > (
    select s.version - ${limit} from app.custom_field_schemas s where s.tenant_id = app.tenant() and s.id = ${customFieldSchemaVersions.schemaId})`;
  const query = tx
    .select()
    .from(customFieldSchemaVersions)
    .where(and(among(customFieldSchemaVersions.schemaId, schemaIds), newest))
    .orderBy(customFieldSchemaVersions.schemaId, desc(customFieldSchemaVersions.version));
  return named("selectFieldSchemaVersions", query);
}

export interface ObjectFields {
  readonly id: string;
  readonly fields: Record<string, unknown>;
}

/** Returns the values of objects of a kind or type by ID, after the given one. */
export function selectObjectFields(
  tx: Tx,
  owner: CustomFieldOwnerColumns,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<ObjectFields[]> {
  const { table } = customFieldObjects[owner.kind];
  const query = tx
    .select({ id: table.id, fields: table.fields })
    .from(table)
    .where(and(ofOwner(owner), after === null ? undefined : gt(table.id, after)))
    .orderBy(asc(table.id))
    .limit(limit);
  return named("selectObjectFields", query);
}

/** How objects store the values of a field. */
export interface StoredForms {
  readonly name: string;
  /** Number of objects with a text, with another plain value, with an encrypted value that searches find, and with one that they do not. */
  readonly plain: number;
  readonly unfit: number;
  readonly searchable: number;
  readonly unsearchable: number;
}

/** Returns how objects, deleted ones included, store the values of these fields. Fields without values are absent. */
export async function countStoredForms(tx: Tx, owner: CustomFieldOwnerColumns, names: readonly string[]): Promise<StoredForms[]> {
  const { table } = customFieldObjects[owner.kind];
  const query = sql<StoredForms>`select f.key as name, (count(*) filter (where jsonb_typeof(f.value) = 'string'))::int as plain,
      (count(*) filter (where jsonb_typeof(f.value) <> 'string' and not app.is_encrypted(f.value)))::int as unfit,
      (count(*) filter (where app.is_encrypted(f.value) and f.value ? '$index'))::int as searchable,
      (count(*) filter (where app.is_encrypted(f.value) and not f.value ? '$index'))::int as unsearchable
    from ${table}, jsonb_each(${table.fields}) f
    where ${and(ofOwner(owner), sql`f.key = any(${sql.param(names)}::text[])`)} group by f.key order by f.key`;
  return [...(await withDeleted(tx, () => tx.execute<Record<keyof StoredForms, never>>(named("countStoredForms", query))))];
}

/** Returns those of the names of which earlier versions of objects have values in plain text. */
export async function findPastPlainNames(
  tx: Tx,
  { kind, typeKey }: CustomFieldOwnerColumns,
  names: readonly string[],
): Promise<PlainName[]> {
  if (names.length === 0) return [];
  const found: PlainName[] = [];
  for (const place of sealedJson)
    if (place.kind === kind && place.isPast) found.push(...(await findPlainNames(tx, place, { typeKey, names })));
  return found;
}

/** Waits for objects of the kind that are being written, and makes new ones wait until the transaction ends. */
export async function lockCustomFields(tx: Tx, tenantId: string, kind: CustomFieldKind): Promise<void> {
  await tx.execute(named("lockCustomFields", sql`select app.lock_custom_fields(${tenantId}::uuid, ${kind}, true)`));
}

export async function countObjects(tx: Tx, owner: CustomFieldOwnerColumns): Promise<number> {
  const { table } = customFieldObjects[owner.kind];
  const [row] = await named("countObjectsWithFields", tx.select({ count: count() }).from(table).where(ofOwner(owner)));
  return row?.count ?? 0;
}

function ofOwner({ kind, typeKey }: CustomFieldOwnerColumns): SQL | undefined {
  const { typeColumn } = customFieldObjects[kind];
  return typeColumn === null ? undefined : eq(typeColumn, typeKey);
}
