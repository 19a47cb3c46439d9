/** What a worker reads of the schemas of custom fields, and changes. */
import type { FieldSchemaRow } from "@weft/engine";
import { customFields } from "@weft/drizzle";
import { atVersion, findPlainNames, named, type SealedJson, type Tx } from "@weft/shared";
import { asc, sql } from "drizzle-orm";

const { customFieldSchemas } = customFields;

/** Returns the tenant's schema with values to encrypt that waits longest. */
export async function findDueSchema(tx: Tx): Promise<FieldSchemaRow | null> {
  const query = tx
    .select()
    .from(customFieldSchemas)
    .where(sql`${customFieldSchemas.encryptAt} <= app.weft_now()`)
    .orderBy(asc(customFieldSchemas.encryptAt))
    .limit(1);
  const [row] = await named("findDueSchema", query);
  return row ?? null;
}

/** Whether a text of these names is in plain text. */
export async function hasPlainValues(
  tx: Tx,
  places: readonly SealedJson[],
  { typeKey, encrypting: names }: Pick<FieldSchemaRow, "typeKey" | "encrypting">,
): Promise<boolean> {
  for (const place of places) if ((await findPlainNames(tx, place, { typeKey, names })).length > 0) return true;
  return false;
}

/** Ends the encryption, unless the schema has changed. */
export async function endEncryption(tx: Tx, { id, version }: Pick<FieldSchemaRow, "id" | "version">): Promise<void> {
  const query = tx
    .update(customFieldSchemas)
    .set({ encrypting: [], encryptAt: null })
    .where(atVersion(customFieldSchemas, id, version));
  await named("endEncryption", query);
}

/** Continues the encryption in an hour, unless the schema has changed. */
export async function postponeEncryption(tx: Tx, { id, version }: Pick<FieldSchemaRow, "id" | "version">): Promise<void> {
  const query = tx
    .update(customFieldSchemas)
    .set({ encryptAt: sql`app.weft_now() + interval '1 hour'` })
    .where(atVersion(customFieldSchemas, id, version));
  await named("postponeEncryption", query);
}
