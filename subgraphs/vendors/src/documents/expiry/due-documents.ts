import { vendorDocuments as tables } from "@weft/drizzle";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { type Batch, dueDays, type DueServices } from "../../due-days/due-days.js";
import { type DueDocument, lockDueDocuments, planDocument } from "./due-documents.store.js";
import { dueStep, nextDay, type Step } from "./steps.js";

/** Of kinds that are not required. */
const defaultDays = [30, 7, 1];

/** Reminds of the expiry of accepted documents, and announces it. */
export const dueDocuments = (services: DueServices) =>
  dueDays(services, { name: "vendorDocuments", table: tables.documents, take: takeDueDocuments });

async function takeDueDocuments(tx: Tx, { meta, limit, timeZone }: Batch): Promise<number> {
  const due = await lockDueDocuments(tx, { limit, timeZone });
  for (const document of due) await takeStep(tx, meta, document, timeZone);
  return due.length;
}

async function takeStep(tx: Tx, meta: WriteMeta, due: DueDocument, timeZone: string): Promise<void> {
  const { validUntil, requiredDays, today } = due;
  if (validUntil === null || due.status !== "ACCEPTED" || due.deletedAt !== null) return planDocument(tx, due, { day: null, timeZone });
  const expiry = { ...due, validUntil, reminderDays: requiredDays ?? defaultDays };
  const step = dueStep(expiry, today);
  const done = { ...expiry, ...(step === null ? {} : recordOf(step, validUntil)) };
  if (step !== null) await announce(tx, meta, { ...due, validUntil }, step);
  await planDocument(tx, done, { day: nextDay(done, today), timeZone });
}

const recordOf = (step: Step, validUntil: string) =>
  step.kind === "REMIND" ? { remindedFor: validUntil, remindedDays: step.days } : { expiredFor: validUntil };

async function announce(tx: Tx, meta: WriteMeta, document: DueDocument & { readonly validUntil: string }, step: Step): Promise<void> {
  const { id, version, vendorId, kind, title, vendorName, validUntil } = document;
  const about = { subjectId: id, subjectVersion: version, related: { vendor: vendorId } };
  await appendEvents(tx, meta, [
    step.kind === "REMIND"
      ? { ...about, type: "vendorDocument.expiring", payload: { kind, title, vendorName, validUntil, days: step.days } }
      : { ...about, type: "vendorDocument.expired", payload: { kind, validUntil } },
  ]);
}
