/** Announces warnings and breaches that have been reached. */
import { sla, workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import { standingOf } from "../../core/sla/ledger.js";
import { headColumns } from "../model/instance-head.js";
import { weftNow } from "../model/snapshot.js";
import { readCalendars } from "./calendars.js";
import { announcedRow, toClock } from "./clocks.store.js";
import { clockEvent } from "./events.js";
import { withRecipients, type ClockEvent } from "./notified.js";

const { slaClocks } = sla;
const { instances } = workflows;

/** When the tenant's earliest warning or breach is to be announced; null: none. */
export async function findNextAnnouncement(tx: Tx): Promise<string | null> {
  const query = tx
    .select({ nextAt: slaClocks.nextAt })
    .from(slaClocks)
    .where(sql`${slaClocks.nextAt} is not null`);
  const [row] = await named("findNextSlaAnnouncement", query.orderBy(asc(slaClocks.nextAt)).limit(1));
  return row?.nextAt ?? null;
}

/**
 * Announces the due warnings and breaches of at most `limit` clocks, earliest first, as events. Writes no entries: what was reached follows from the
 * ledger. The instances are locked first, as every change of them does: of several processes one announces, and the events of an instance follow its
 * versions. Instances that another transaction has locked are left for later. Returns the number of clocks.
 */
export async function announceClocks(tx: Tx, meta: WriteMeta, limit: number): Promise<number> {
  const isDue = lte(slaClocks.nextAt, weftNow);
  const due = tx
    .select({ instanceId: slaClocks.instanceId })
    .from(slaClocks)
    .where(isDue)
    .orderBy(asc(slaClocks.nextAt), asc(slaClocks.id))
    .limit(limit)
    .as("due");
  const owners = inArray(instances.id, tx.select({ id: due.instanceId }).from(due));
  const locking = tx.select(headColumns).from(instances).where(owners).orderBy(asc(instances.id)).for("update", { skipLocked: true });
  const heads = await named("lockSlaInstances", locking);
  if (heads.length === 0) return 0;
  const ids = heads.map(({ id }) => id);
  const found = await named(
    "lockDueSlaClocks",
    tx
      .select({ row: slaClocks, now: weftNow })
      .from(slaClocks)
      .where(and(isDue, among(slaClocks.instanceId, ids)))
      .orderBy(asc(slaClocks.nextAt), asc(slaClocks.id))
      .for("update"),
  );
  const byId = new Map(heads.map((head) => [head.id, head]));
  const calendarOf = await readCalendars(tx, [...new Set(found.map(({ row }) => row.calendarKey))]);
  const events: ClockEvent[] = [];
  for (const { row, now } of found) {
    const { consumed } = standingOf(toClock(row).clock, now, calendarOf);
    const { reached, row: announced } = announcedRow(row, consumed, calendarOf);
    await named("announceSlaClock", tx.update(slaClocks).set(announced).where(eq(slaClocks.id, row.id)));
    const head = byId.get(row.instanceId);
    const type = reached === "BREACH" ? "sla.breached" : "sla.warning";
    if (head && reached) events.push({ event: clockEvent(head, { ...row, ...announced }, type, { cause: null, consumed }), row, head });
  }
  await appendEvents(tx, meta, await withRecipients(tx, meta.tenantId, events));
  return found.length;
}
