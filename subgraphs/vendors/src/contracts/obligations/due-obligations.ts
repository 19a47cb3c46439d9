import { contractObligations as tables } from "@weft/drizzle";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { addDays } from "../../due-days/days.js";
import { type Batch, dueDays, type DueServices } from "../../due-days/due-days.js";
import { dueThreshold, firstAfter, thresholdsLeft } from "../../due-days/reminders.js";
import { type DueObligation, lockDueObligations, planObligation } from "./due-obligations.store.js";

/** Reminds the owners of contracts of obligations. */
export const dueObligations = (services: DueServices) =>
  dueDays(services, { name: "contractObligations", table: tables.obligations, take: takeDueObligations });

async function takeDueObligations(tx: Tx, { meta, limit, timeZone }: Batch): Promise<number> {
  const due = await lockDueObligations(tx, { limit, timeZone });
  for (const obligation of due) await remind(tx, meta, obligation, timeZone);
  return due.length;
}

async function remind(tx: Tx, meta: WriteMeta, due: DueObligation, timeZone: string): Promise<void> {
  if (due.doneAt !== null || due.deletedAt !== null) return planObligation(tx, due, { day: null, timeZone });
  const { dueOn, today, contract } = due;
  // A reminder says how many days are left, so there is none once the day is over.
  const days = contract.isInForce && dueOn >= today ? dueThreshold(thresholdsLeft(due, dueOn), dueOn, today) : null;
  const reminded = days === null ? due : { ...due, remindedFor: dueOn, remindedDays: days };
  if (days !== null) await announce(tx, meta, due, days);
  const left = thresholdsLeft(reminded, dueOn).map((threshold) => addDays(dueOn, -threshold));
  await planObligation(tx, reminded, { day: firstAfter(today, left), timeZone });
}

async function announce(tx: Tx, meta: WriteMeta, due: DueObligation, days: number): Promise<void> {
  const { id, version, contractId, title, dueOn, contract } = due;
  const { number, ownerId } = contract;
  await appendEvents(tx, meta, [
    {
      type: "contractObligation.due",
      subjectId: id,
      subjectVersion: version,
      related: { contract: contractId },
      payload: { contractId, number, title, ownerId, dueOn, days },
    },
  ]);
}
