import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { insertReport } from "../report.store.js";
import { dueSchedules, lockDueSchedule, setNextAt } from "./schedule.store.js";
import { nextTimeOf } from "./schedule.service.js";
import type { ReportScheduleRow } from "./schedule.type.js";

type Parts = Pick<Services, "databases" | "keyring">;

/**
 * Schedules of reports, as a source of due work: creates the report that is due. If several were due while no worker ran, only one is created, whose
 * period ends at the first of them.
 */
export function dueReportSchedules({ databases, keyring }: Parts) {
  return {
    name: "complianceReportSchedules",
    ...dueSchedules,
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      let done = 0;
      while (done < limit && !signal.aborted) {
        const isDone = await asTenant(databases.app, { tenantId }, "write", (tx) => createDue(tx, keyring));
        if (!isDone) break;
        done += 1;
      }
      return done;
    },
  };
}

/** Creates the report of the schedule that has been due longest. Returns whether there was one. */
async function createDue(tx: Tx, keyring: Services["keyring"]): Promise<boolean> {
  const due = await lockDueSchedule(tx);
  if (due === null) return false;
  const { row, now } = due;
  const { tenantId, kind, formats, parameters, timeZone, requiresSignOff, createdBy, sessionId } = row;
  const asked = { kind, formats, parameters, timeZone, requiresSignOff };
  const periodTo = Date.parse(row.nextAt);
  const created = await insertReport(tx, {
    ...asked,
    tenantId,
    id: newId(),
    createdBy,
    sessionId,
    periodFrom: new Date(periodTo - row.periodDays * 86_400_000).toISOString(),
    periodTo: new Date(periodTo).toISOString(),
    scheduleId: row.id,
  });
  const entry = {
    action: "complianceReport.create",
    entityType: "complianceReport",
    entityId: created.id,
    before: null,
    after: created,
  } as const;
  await writeAudit(tx, metaOf(row, keyring), [entry]);
  const next = nextTimeOf(row, now);
  if (next === null) throw new Error(`The schedule ${row.id} plans no further report.`);
  await setNextAt(tx, row.id, next);
  return true;
}

const metaOf = ({ tenantId, id, createdBy, sessionId }: ReportScheduleRow, keyring: Services["keyring"]): WriteMeta => {
  const requestId = encodeId("complianceReportSchedule", id);
  return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId, address: null, traceId: null, keyring };
};
