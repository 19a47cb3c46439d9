/** What a worker reads of the schemas of custom fields, and changes. */
import type { FieldSchemaRow } from "@weft/engine";
import { customFields } from "@weft/drizzle";
import { amongLocked, atVersion, named, type Tx, writtenRow } from "@weft/platform/db";
import { hasPlainJson, type SealedJson } from "@weft/platform/secrets";
import { asc, sql } from "drizzle-orm";

const { customFieldSchemas } = customFields;

/** Time after which another worker continues, unless this one has given the schema back. A database interval. */
const claimTime = "1 minute";

/** Takes the tenant's schema with values to encrypt that waits longest, so that no other worker encrypts them at the same time. Null if none is due. */
export function claimSchema(tx: Tx): Promise<FieldSchemaRow | null> {
  const due = tx
    .select({ id: customFieldSchemas.id })
    .from(customFieldSchemas)
    .where(sql`${customFieldSchemas.encryptAt} <= app.weft_now()`)
    .orderBy(asc(customFieldSchemas.encryptAt))
    .limit(1)
    .for("no key update", { skipLocked: true });
  const query = tx
    .update(customFieldSchemas)
    .set({ encryptAt: sql`app.weft_now() + ${claimTime}::interval` })
    .where(amongLocked(customFieldSchemas.id, due))
    .returning();
  return writtenRow(named("claimSchema", query));
}

/** Gives a schema back, unless it has changed: it is due again. */
export async function releaseSchema(tx: Tx, { id, version }: Pick<FieldSchemaRow, "id" | "version">): Promise<void> {
  const query = tx
    .update(customFieldSchemas)
    .set({ encryptAt: sql`app.weft_now()` })
    .where(atVersion(customFieldSchemas, id, version));
  await named("releaseSchema", query);
}

/**
 * Whether a text of these names is in plain text, in the order of the places. No lock is needed: objects do not get texts in plain text anymore, and what an
 * object leaves as a version when its text is encrypted is committed together with it, before the versions are read.
 */
export async function hasPlainValues(
  tx: Tx,
  places: readonly SealedJson[],
  { typeKey, encrypting: names }: Pick<FieldSchemaRow, "typeKey" | "encrypting">,
): Promise<boolean> {
  for (const place of places) if (await hasPlainJson(tx, place, { typeKey, names })) return true;
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
