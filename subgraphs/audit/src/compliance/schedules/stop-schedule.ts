import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { lockSchedule, updateSchedule } from "./schedule.store.js";

/** Ends a schedule that can create no further reports. It stays with the reason. Does nothing if it has ended, or was deleted. */
export async function stopSchedule(tx: Tx, meta: WriteMeta, id: string, message: string): Promise<void> {
  const before = await lockSchedule(tx, id);
  if (before === null || before.nextAt === null) return;
  const after = await updateSchedule(tx, id, { nextAt: null, message });
  await writeAudit(tx, meta, [
    { action: "complianceReportSchedule.stop", entityType: "complianceReportSchedule", entityId: id, before, after },
  ]);
}
