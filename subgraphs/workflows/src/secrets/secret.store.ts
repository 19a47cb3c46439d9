import { automationRules } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { asc, eq, sql } from "drizzle-orm";
import type { SecretRow } from "./secret.type.js";

const { secrets } = automationRules;

export const selectSecrets = (tx: Tx): Promise<SecretRow[]> => named("selectSecrets", tx.select().from(secrets).orderBy(asc(secrets.name)));

export async function findSecret(tx: Tx, id: string): Promise<SecretRow | null> {
  const [row] = await named("findSecret", tx.select().from(secrets).where(eq(secrets.id, id)));
  return row ?? null;
}

export const countSecrets = (tx: Tx): Promise<number> => countRows(tx, { name: "countSecrets", table: secrets, where: undefined });

/** @throws BadUserInput if the name is taken */
export const insertSecret = (tx: Tx, values: typeof secrets.$inferInsert): Promise<SecretRow> =>
  insertedRow(named("insertSecret", tx.insert(secrets).values(values).returning()), {
    secrets_name_key: { type: "secret", field: "name", value: values.name },
  });

export type SecretChanges = Partial<Pick<SecretRow, "description" | "value" | "domains">>;

/** Null if the secret has changed since `version`. */
export const updateSecretRow = (tx: Tx, id: string, version: number, changes: SecretChanges): Promise<SecretRow | null> =>
  writtenRow(
    named(
      "updateSecret",
      tx
        .update(secrets)
        .set({ ...changes, ...(changes.value !== undefined && { valueChangedAt: sql`now()` }), ...nextVersion(secrets) })
        .where(atVersion(secrets, id, version))
        .returning(),
    ),
  );

/** Null if the secret has changed since `version`. */
export const deleteSecretRow = (tx: Tx, id: string, version: number): Promise<SecretRow | null> =>
  writtenRow(
    named(
      "deleteSecret",
      tx
        .delete(secrets)
        .where(atVersion(secrets, id, version))
        .returning(),
    ),
  );
