import { contractObligations as tables } from "@weft/drizzle";
import { among, countRows, insertedRow, named, nextVersion, type Tx } from "@weft/platform/db";
import { and, asc, eq, getTableColumns, isNull, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";

const { obligations } = tables;

export type ObligationRow = typeof obligations.$inferSelect;

/** An obligation with today, by the tenant's clock in its time zone. */
export type ShownObligation = ObligationRow & { readonly today: string };

/** Columns that can be changed, as values or expressions. */
type ObligationChanges = Partial<Omit<PgUpdateSetSource<typeof obligations>, "tenantId" | "id" | "contractId" | "version">>;

const shown = {
  ...getTableColumns(obligations),
  today: sql<string>`(app.weft_now() at time zone (select app.time_zone()))::date::text`.as("today"),
};

const ofContract = (contractId: string): SQL | undefined => and(eq(obligations.contractId, contractId), isNull(obligations.deletedAt));

/** Returns the obligations of contracts that were already checked to be visible, by day. */
export const findObligationsOf = (tx: Tx, contractIds: readonly string[]): Promise<ShownObligation[]> =>
  named(
    "findContractObligations",
    tx
      .select(shown)
      .from(obligations)
      .where(and(among(obligations.contractId, contractIds), isNull(obligations.deletedAt)))
      .orderBy(asc(obligations.dueOn), asc(obligations.id)),
  );

export const countObligations = (tx: Tx, contractId: string): Promise<number> =>
  countRows(tx, { name: "countContractObligations", table: obligations, where: ofContract(contractId) });

/** Returns an obligation that was not removed, without a lock. Null if there is none. */
export async function findObligation(tx: Tx, id: string): Promise<ShownObligation | null> {
  const where = and(eq(obligations.id, id), isNull(obligations.deletedAt));
  const [row] = await named("findContractObligation", tx.select(shown).from(obligations).where(where));
  return row ?? null;
}

/** Locks an obligation that was not removed, for a change. Null if there is none. */
export async function lockObligation(tx: Tx, id: string): Promise<ObligationRow | null> {
  const where = and(eq(obligations.id, id), isNull(obligations.deletedAt));
  const [row] = await named("lockContractObligation", tx.select().from(obligations).where(where).for("no key update"));
  return row ?? null;
}

export const insertObligation = (
  tx: Tx,
  values: Omit<typeof obligations.$inferInsert, "createdAt" | "updatedAt" | "dueAt">,
): Promise<ObligationRow> => {
  const now = sql`app.weft_now()`;
  const query = tx
    .insert(obligations)
    // A worker plans the reminders.
    .values({ ...values, createdAt: now, updatedAt: now, dueAt: now })
    .returning();
  return insertedRow(named("insertContractObligation", query));
};

/** Writes the changes of an obligation whose contract the caller has locked, and increments its version. */
export const updateObligationRow = (tx: Tx, id: string, changes: ObligationChanges): Promise<ObligationRow> =>
  insertedRow(
    named(
      "updateContractObligationRow",
      tx
        .update(obligations)
        .set({ ...changes, ...nextVersion(obligations) })
        .where(eq(obligations.id, id))
        .returning(),
    ),
  );
