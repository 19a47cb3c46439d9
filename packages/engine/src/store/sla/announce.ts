/** Announces warnings and breaches that have been reached. */
import { sla, workflows } from "@weft/drizzle";
import { among, appendEvents, named, type Tx, type WriteMeta } from "@weft/shared";
import { asc, eq, lte, sql } from "drizzle-orm";
import { standingOf } from "../../core/sla/ledger.js";
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
 * Announces the due warnings and breaches of at most `limit` clocks, earliest first, as events. The row of each clock is locked: of several processes,
 * one announces. Writes no entries: what was reached follows from the ledger. Returns the number of clocks.
 */
export async function announceClocks(tx: Tx, meta: WriteMeta, limit: number): Promise<number> {
  const due = tx
    .select({ row: slaClocks, now: weftNow })
    .from(slaClocks)
    .where(lte(slaClocks.nextAt, weftNow))
    .orderBy(asc(slaClocks.nextAt), asc(slaClocks.id))
    .limit(limit)
    .for("update", { skipLocked: true });
  const found = await named("selectDueSlaClocks", due);
  if (found.length === 0) return 0;
  const ids = [...new Set(found.map(({ row }) => row.instanceId))];
  const heads = await named("selectSlaInstances", tx.select().from(instances).where(among(instances.id, ids)));
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
