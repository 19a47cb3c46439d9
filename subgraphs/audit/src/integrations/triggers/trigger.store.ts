import { integrations as tables } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, asc, eq, isNull, lte, or, sql } from "drizzle-orm";

const { integrationTriggers: triggers } = tables;

export type TriggerRow = typeof triggers.$inferSelect;
type NewTrigger = Omit<typeof triggers.$inferInsert, "createdAt" | "updatedAt" | "version">;
export type TriggerChanges = Partial<
  Pick<
    TriggerRow,
    | "name"
    | "configuration"
    | "intervalSeconds"
    | "eventType"
    | "condition"
    | "payload"
    | "subject"
    | "status"
    | "isFromBeginning"
    | "userId"
  >
>;

export async function findTrigger(tx: Tx, id: string): Promise<TriggerRow | null> {
  const [row] = await named("findIntegrationTrigger", tx.select().from(triggers).where(eq(triggers.id, id)));
  return row ?? null;
}

/** Returns the triggers of integrations, in the order of their creation. */
export const findTriggersOf = (tx: Tx, integrationIds: readonly string[]): Promise<TriggerRow[]> =>
  named(
    "findTriggersOfIntegrations",
    tx.select().from(triggers).where(among(triggers.integrationId, integrationIds)).orderBy(asc(triggers.id)),
  );

/** Counts the triggers of the tenant. Nobody else can create one until commit. */
export async function lockTriggerCount(tx: Tx): Promise<number> {
  await tx.execute(
    named(
      "lockIntegrationTriggerCount",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.integrationTriggers.' || app.tenant(), 0))`,
    ),
  );
  return countRows(tx, { name: "countIntegrationTriggers", table: triggers, where: undefined });
}

export const countTriggersOf = (tx: Tx, integrationId: string): Promise<number> =>
  countRows(tx, { name: "countTriggersOfIntegration", table: triggers, where: eq(triggers.integrationId, integrationId) });

export const insertTrigger = (tx: Tx, values: NewTrigger): Promise<TriggerRow> =>
  insertedRow(named("insertIntegrationTrigger", tx.insert(triggers).values(values).returning()));

/** Lets the next poll start again. */
const fromStart = { startedAt: null, cursor: null } as const;
/** The result of a poll that runs is dropped, and the next poll is due. */
const superseded = { claimToken: null, nextPollAt: sql`now()` } as const;

/**
 * Changes a trigger. The result of a poll that runs is dropped. Null if the trigger has changed since `version`.
 * @param isRestarted whether polls start again
 */
export const updateTriggerRow = (
  tx: Tx,
  { id, version, isRestarted }: { readonly id: string; readonly version: number; readonly isRestarted: boolean },
  changes: TriggerChanges,
): Promise<TriggerRow | null> =>
  writtenRow(
    named(
      "updateIntegrationTrigger",
      tx
        .update(triggers)
        .set({ ...changes, ...superseded, ...(isRestarted && fromStart), ...nextVersion(triggers) })
        .where(atVersion(triggers, id, version))
        .returning(),
    ),
  );

/**
 * Changes the triggers of an integration whose configuration or credentials have changed: they publish events in the name of the user who changed these.
 * The result of a poll that runs is dropped.
 * @param change.isRestarted whether the polls start again, without what exists already: the cursors belong to the previous configuration
 */
export async function takeTriggersOver(
  tx: Tx,
  integrationId: string,
  { userId, isRestarted }: { readonly userId: string; readonly isRestarted: boolean },
): Promise<void> {
  await named(
    "takeTriggersOfIntegrationOver",
    tx
      .update(triggers)
      .set({ ...superseded, ...(isRestarted && { ...fromStart, isFromBeginning: false }), userId })
      .where(eq(triggers.integrationId, integrationId)),
  );
}

/** Makes the next poll of an active trigger due, unless one runs. */
export async function makePollDue(tx: Tx, id: string): Promise<void> {
  await named(
    "makeIntegrationPollDue",
    tx
      .update(triggers)
      .set({ nextPollAt: sql`now()` })
      .where(
        and(eq(triggers.id, id), eq(triggers.status, "ACTIVE"), or(isNull(triggers.claimToken), lte(triggers.nextPollAt, sql`now()`))),
      ),
  );
}

/** Null if the trigger has changed since `version`. */
export const deleteTriggerRow = (tx: Tx, id: string, version: number): Promise<TriggerRow | null> =>
  writtenRow(
    named(
      "deleteIntegrationTrigger",
      tx
        .delete(triggers)
        .where(atVersion(triggers, id, version))
        .returning(),
    ),
  );
