import { maintenance } from "@weft/drizzle";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { dueRows, type Tx } from "@weft/platform/db";
import { appendEvents, metaOfWork, type WriteMeta } from "@weft/platform/events";
import { doInBatches } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { type DueDate, keepDate, lockDueDates } from "./due-dates.store.js";

/** Dates of one transaction. */
const BATCH = 100;

type Given = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/**
 * Announces the dates of assets by events, as a source of due work: `asset.warranty_ending` and `asset.inspection_due`. Each date of an asset is announced
 * once: the event and the note that it was written are one transaction.
 */
export function dueAssetDates({ databases, pubsub, keyring, log }: Given) {
  return {
    name: "assetDates",
    ...dueRows({ name: "DueAssetDates", dueAt: maintenance.assetDates.dueAt }),
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      // Before the transaction: who holds a connection must not ask for another one.
      const { timeZone } = await effectiveConfigOf({ databases, pubsub, log }, tenantId);
      const meta = metaOfWork("asset-dates", tenantId, keyring);
      const turn = { db: databases.app, tenantId, limit, batch: BATCH, signal };
      return doInBatches(turn, (tx, size) => announce(tx, meta, { limit: size, timeZone }));
    },
  };
}

/** Announces the dates that are due. Returns the number of dates that were looked at. */
async function announce(tx: Tx, meta: WriteMeta, given: { limit: number; timeZone: string }): Promise<number> {
  const dates = await lockDueDates(tx, given);
  for (const date of dates) {
    if (date.isDue) {
      if (date.status !== "DECOMMISSIONED") await tell(tx, meta, date);
      await keepDate(tx, date, { dueAt: null, announcedDate: date.onDate });
    } else {
      // Its due time was the earliest one of any time zone.
      await keepDate(tx, date, { dueAt: date.noticeAt });
    }
  }
  return dates.length;
}

const eventOf: Readonly<Record<string, "asset.warranty_ending" | "asset.inspection_due">> = {
  WARRANTY: "asset.warranty_ending",
  INSPECTION: "asset.inspection_due",
};

async function tell(tx: Tx, meta: WriteMeta, { kind, assetId, assetVersion, buildingId, onDate, tag, name }: DueDate): Promise<void> {
  const type = eventOf[kind];
  if (type === undefined) throw new Error(`Dates of the kind ${kind} cannot be announced.`);
  await appendEvents(tx, meta, [
    { type, subjectId: assetId, subjectVersion: assetVersion, related: { building: buildingId }, payload: { date: onDate, tag, name } },
  ]);
}
