import { BadUserInput } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { isoOf } from "@weft/api/timing";
import { plannedPeriod } from "../report-period.js";
import { insertReport } from "../report.store.js";
import { dueSchedules, lockDueSchedule, updateSchedule } from "./schedule.store.js";
import { lastTimeOf, nextTimeOf } from "./planned-times.js";
import { stopSchedule } from "./stop-schedule.js";
import type { ReportScheduleRow } from "./schedule.type.js";

type Parts = Pick<Services, "databases" | "keyring">;

/**
 * Schedules of reports, as a source of due work: creates the report that is due. If several were due while no worker ran, one is created for all of them:
 * its period begins where the previous one ended.
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
  const { tenantId, id: scheduleId, kind, formats, parameters, timeZone, requiresSignOff, createdBy, sessionId, reportedTo } = row;
  const meta = metaOf(row, keyring);
  const times = timesOf(row, now);
  if (times.planned === null) {
    await stopSchedule(tx, meta, scheduleId, times.problem);
    return true;
  }
  const asked = { kind, formats, parameters, timeZone, requiresSignOff };
  const period = plannedPeriod({ to: times.planned, days: row.periodDays, timeZone, reportedTo });
  const created = await insertReport(tx, { ...asked, ...period, tenantId, id: newId(), createdBy, sessionId, scheduleId });
  await writeAudit(tx, meta, [
    { action: "complianceReport.create", entityType: "complianceReport", entityId: created.id, before: null, after: created },
  ]);
  if (times.next === null) await stopSchedule(tx, meta, scheduleId, "No further time is planned.");
  else await updateSchedule(tx, scheduleId, { nextAt: isoOf(times.next), reportedTo: period.periodTo });
  return true;
}

type Times =
  | { readonly planned: number; readonly next: number | null }
  /** Nothing is planned, so that one schedule does not keep the others of the tenant waiting. */
  | { readonly planned: null; readonly problem: string };

/** Returns the newest planned time that is over, and the next one. */
function timesOf(row: ReportScheduleRow, now: string): Times {
  if (row.nextAt === null) return { planned: null, problem: "No further time is planned." };
  try {
    return { planned: lastTimeOf(row, row.nextAt, now), next: nextTimeOf(row, now) };
  } catch (error) {
    const problem = error instanceof BadUserInput ? error.problems.map(({ message }) => message).join(" ") : String(error);
    return { planned: null, problem: `The planned times cannot be computed: ${problem}` };
  }
}

/** Without a session: the creator need not be there. */
const metaOf = ({ tenantId, id, createdBy }: ReportScheduleRow, keyring: Services["keyring"]): WriteMeta => {
  const requestId = encodeId("complianceReportSchedule", id);
  return { tenantId, actorId: createdBy, onBehalfOf: null, requestId, sessionId: null, address: null, traceId: null, keyring };
};
