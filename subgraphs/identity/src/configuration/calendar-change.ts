/** Requests that a worker carries a change of calendars over to open SLA clocks, in the transaction of the change. */
import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { insertCalendarChange } from "./calendar-change.store.js";
import type { Place } from "./configuration.store.js";

const settings: ReadonlySet<string> = new Set(["timeZone", "workingHours", "holidays", "calendars"]);

/** Whether one of these paths of settings belongs to a calendar. */
export const changesCalendars = (paths: readonly string[]): boolean => paths.some((path) => settings.has(path.split(".")[0] ?? ""));

type Written = { readonly place: Place; readonly changed: readonly string[]; readonly message: string };

/** Does nothing if no calendar has changed. */
export async function recordCalendarChange(
  tx: Tx,
  { tenantId, actorId }: Pick<WriteMeta, "tenantId" | "actorId">,
  { place: { level, subject }, changed, message }: Written,
): Promise<void> {
  if (!changesCalendars(changed)) return;
  const isOwn = level === "TENANT" || level === "TEAM";
  await insertCalendarChange(tx, {
    tenantId,
    id: newId(),
    teamId: level === "TEAM" ? subject : null,
    isShared: level === "PLATFORM" || level === "PLAN",
    plan: level === "PLAN" ? subject : null,
    message: isOwn ? message : null,
    requestedBy: isOwn ? actorId : null,
  });
}

/** A tenant inherits the calendars of another plan. */
export async function recordPlanChange(tx: Tx, { tenantId }: Pick<WriteMeta, "tenantId">): Promise<void> {
  await insertCalendarChange(tx, { tenantId, id: newId(), teamId: null, isShared: false, plan: null, message: null, requestedBy: null });
}
