import { integrations as tables } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { integrations } = tables;

/** Failures in a row after which an integration's calls and polls wait. */
export const MAX_FAILURES = 5;

/** Whether the system of an integration `i` can be asked now. */
export const isAvailable = sql`i.status = 'ACTIVE' and (i.blocked_until is null or i.blocked_until <= now())`;

export type IntegrationRow = typeof integrations.$inferSelect;
export type IntegrationChanges = Partial<
  Pick<
    IntegrationRow,
    "name" | "configuration" | "credentials" | "credentialNames" | "status" | "health" | "failuresInRow" | "blockedUntil"
  >
>;

export async function findIntegration(tx: Tx, id: string): Promise<IntegrationRow | null> {
  const [row] = await named("findIntegration", tx.select().from(integrations).where(eq(integrations.id, id)));
  return row ?? null;
}

export const findIntegrations = (tx: Tx, ids: readonly string[]): Promise<IntegrationRow[]> =>
  named("findIntegrations", tx.select().from(integrations).where(among(integrations.id, ids)));

export const countIntegrations = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countAllIntegrations", table: integrations, where: undefined });

/** @throws BadUserInput if the key is taken */
export const insertIntegration = (tx: Tx, values: typeof integrations.$inferInsert): Promise<IntegrationRow> =>
  insertedRow(named("insertIntegration", tx.insert(integrations).values(values).returning()), {
    integrations_key_key: { type: "integration", field: "key", value: values.key },
  });

/** Null if the integration has changed since `version`. */
export const updateIntegrationRow = (tx: Tx, id: string, version: number, changes: IntegrationChanges): Promise<IntegrationRow | null> =>
  writtenRow(
    named(
      "updateIntegration",
      tx
        .update(integrations)
        .set({
          ...changes,
          // Calls that waited for this are not too old to be sent.
          ...(changes.status === "ACTIVE" && {
            resumedAt: sql`case when ${integrations.status} = 'PAUSED' then now() else ${integrations.resumedAt} end`,
          }),
          ...nextVersion(integrations),
        })
        .where(atVersion(integrations, id, version))
        .returning(),
    ),
  );

/** Null if the integration has changed since `version`. Its calls are deleted, too. */
export const deleteIntegrationRow = (tx: Tx, id: string, version: number): Promise<IntegrationRow | null> =>
  writtenRow(
    named(
      "deleteIntegration",
      tx
        .delete(integrations)
        .where(atVersion(integrations, id, version))
        .returning(),
    ),
  );

/** Records the result of a check. A successful one ends the waiting of calls. Null if the integration was deleted. */
export async function recordCheck(tx: Tx, id: string, error: string | null): Promise<IntegrationRow | null> {
  const failed = error !== null;
  const [row] = await named(
    "recordIntegrationCheck",
    tx
      .update(integrations)
      .set({
        health: failed ? "UNHEALTHY" : "HEALTHY",
        checkedAt: sql`now()`,
        ...(failed ? { lastError: error, lastErrorAt: sql`now()` } : { failuresInRow: 0, blockedUntil: null }),
      })
      .where(eq(integrations.id, id))
      .returning(),
  );
  return row ?? null;
}
