import { events } from "@weft/drizzle";
import { eventTypes } from "@weft/shared/event-catalog";
import { among, named, planForValues, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";

const { eventLog, positions } = events;

export type EventRow = typeof eventLog.$inferSelect & { readonly position: number | null };

/** Type under which users see an event. The expression is that of the index `log_by_type`. */
export const shownType: SQL = sql`(case when ${eventLog.type} = 'custom.published' then ${eventLog.payload}->>'name' else ${eventLog.type} end)`;

/** Types of events that nobody outside the platform sees, or only one user. */
const hiddenTypes = Object.values(eventTypes).flatMap(({ type, visibility }) => (visibility === "subject" ? [] : [type as string]));

/** Readers of the log see the events of all objects. */
const visible: SQL = sql`${eventLog.type} <> all(${sql.param(hiddenTypes)}::text[])`;

const selectEvents = (tx: Tx) =>
  tx
    .select({ ...getTableColumns(eventLog), position: positions.position })
    .from(eventLog)
    .leftJoin(positions, and(eq(positions.tenantId, eventLog.tenantId), eq(positions.eventId, eventLog.id)))
    .$dynamic();

/** Returns a page of the events. With a condition, the statement is planned for its values: a rare type is found by its index, a frequent one by age. */
export async function selectEventPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<EventRow[]> {
  if (where !== undefined) await planForValues(tx);
  return named(
    "selectEventPage",
    selectEvents(tx)
      .where(and(visible, where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export const countEvents = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(eventLog, and(visible, where));

export const findEvents = (tx: Tx, ids: readonly string[]): Promise<EventRow[]> =>
  named("findEvents", selectEvents(tx).where(and(among(eventLog.id, ids), visible)));
