/** What a worker reads of milestones that are due, and changes. */
import { vendors as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import { beginningOf, isDue, today } from "../due-days/due-table.js";
import type { MilestoneRow } from "./milestone.store.js";

const { milestones, projects } = tables;
const { instanceHeads: heads } = workflows;

/** `isLive`: whether its project runs. Deleted projects are invisible, also to a worker. */
export type DueMilestone = MilestoneRow & { readonly today: string; readonly isLive: boolean };

/**
 * Locks the tenant's milestones that are due until commit, longest waiting first, except those that another transaction has locked, with today in the time
 * zone.
 */
export function lockDueMilestones(
  tx: Tx,
  { limit, timeZone }: { readonly limit: number; readonly timeZone: string },
): Promise<DueMilestone[]> {
  const { id, dueAt } = milestones;
  const query = tx
    .select({
      ...getTableColumns(milestones),
      today: today(timeZone),
      isLive: sql<boolean>`exists (select from ${projects} p join ${heads} h on h.tenant_id = p.tenant_id and h.id = p.instance_id
        where p.tenant_id = milestones.tenant_id and p.id = milestones.project_id and h.status not in ('COMPLETED', 'CANCELLED'))`,
    })
    .from(milestones)
    .where(isDue(milestones))
    .orderBy(asc(dueAt), asc(id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueMilestones", query);
}

/** Notes a notice. The version stays: nothing that users change was changed. */
export async function noteNotice(tx: Tx, id: string, noted: Pick<MilestoneRow, "remindedFor" | "remindedDays">): Promise<void> {
  await named("noteNotice", tx.update(milestones).set(noted).where(eq(milestones.id, id)));
}

/** Sets when a worker looks at the milestone again: at the beginning of a day in the time zone. Null: never. */
export async function planMilestone(
  tx: Tx,
  id: string,
  { day, timeZone }: { readonly day: string | null; readonly timeZone: string },
): Promise<void> {
  await named(
    "planMilestone",
    tx
      .update(milestones)
      .set({ dueAt: beginningOf(day, timeZone) })
      .where(eq(milestones.id, id)),
  );
}
