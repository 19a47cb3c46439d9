/** What a worker reads of obligations that are due, and changes. */
import { contractObligations as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import { beginningOf, isDue, today } from "../../due-days/due-table.js";
import type { ObligationRow } from "./obligation.store.js";

const { obligations } = tables;

export type DueObligation = ObligationRow & {
  readonly contract: { readonly number: string; readonly ownerId: string; readonly isInForce: boolean };
  readonly today: string;
};

/** Locks the tenant's obligations that are due until commit, longest waiting first, except those that another transaction has locked. */
export function lockDueObligations(
  tx: Tx,
  { limit, timeZone }: { readonly limit: number; readonly timeZone: string },
): Promise<DueObligation[]> {
  const query = tx
    .select({
      ...getTableColumns(obligations),
      // Columns by name: drizzle would write them without their table, and they would mean those of the sub-select.
      contract: sql<DueObligation["contract"]>`(select jsonb_build_object('number', c.number, 'ownerId', c.owner_id,
          'isInForce', c.deleted_at is null and c.status not in ('EXPIRED', 'TERMINATED'))
        from vendors.contracts c where c.tenant_id = contract_obligations.tenant_id and c.id = contract_obligations.contract_id)`,
      today: today(timeZone),
    })
    .from(obligations)
    .where(isDue(obligations))
    .orderBy(asc(obligations.dueAt), asc(obligations.id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueContractObligations", query);
}

/** Records the last reminder of an obligation, and sets when a worker looks at it again: at the beginning of a day in the time zone. Null: never. */
export async function planObligation(
  tx: Tx,
  { id, remindedFor, remindedDays }: Pick<ObligationRow, "id" | "remindedFor" | "remindedDays">,
  { day, timeZone }: { readonly day: string | null; readonly timeZone: string },
): Promise<void> {
  await named(
    "planContractObligation",
    tx
      .update(obligations)
      .set({ remindedFor, remindedDays, dueAt: beginningOf(day, timeZone) })
      .where(eq(obligations.id, id)),
  );
}
