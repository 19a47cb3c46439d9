import { vendors as tables } from "@weft/drizzle";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { addDays } from "../due-days/days.js";
import { type Batch, dueDays, type DueServices } from "../due-days/due-days.js";
import { dueThreshold, firstAfter, thresholdsLeft } from "../due-days/reminders.js";
import { type DueMilestone, lockDueMilestones, noteNotice, planMilestone } from "./due-milestones.store.js";
import type { MilestoneRow } from "./milestone.store.js";

/** Days before the due day at which the owner is notified, and, below 0, after it. */
const reminderDays = [7, 1, -1];

/** Notifies of milestones before and after their due days, until they are reached or their projects end. */
export const dueMilestones = (services: DueServices) =>
  dueDays(services, { name: "milestones", table: tables.milestones, take: takeDueMilestones });

async function takeDueMilestones(tx: Tx, { meta, limit, timeZone }: Batch): Promise<number> {
  const due = await lockDueMilestones(tx, { limit, timeZone });
  for (const milestone of due) await planMilestone(tx, milestone.id, { day: await notify(tx, meta, milestone), timeZone });
  return due.length;
}

/** Sends the notice that is due, and returns the day of the next one. */
async function notify(tx: Tx, meta: WriteMeta, milestone: DueMilestone): Promise<string | null> {
  const { status, isLive, today, dueOn } = milestone;
  if (!isLive || status === "REACHED") return null;
  const days = dueThreshold(left(milestone), dueOn, today);
  const reminded = days === null ? milestone : await remind(tx, meta, milestone, days);
  return firstAfter(
    today,
    left(reminded).map((one) => addDays(dueOn, -one)),
  );
}

const left = ({ dueOn, remindedFor, remindedDays }: MilestoneRow): number[] =>
  thresholdsLeft({ reminderDays, remindedFor, remindedDays }, dueOn);

async function remind(tx: Tx, meta: WriteMeta, milestone: DueMilestone, days: number): Promise<DueMilestone> {
  const { id, version, name, ownerId, dueOn } = milestone;
  const noted = { remindedFor: dueOn, remindedDays: days };
  await noteNotice(tx, id, noted);
  const about = { subjectId: id, subjectVersion: version };
  await appendEvents(tx, meta, [
    days < 0
      ? { ...about, type: "milestone.overdue", payload: { name, ownerId, dueOn } }
      : { ...about, type: "milestone.upcoming", payload: { name, ownerId, dueOn, days } },
  ]);
  return { ...milestone, ...noted };
}
