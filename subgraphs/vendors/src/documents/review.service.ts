import { BadUserInput, Conflict, type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { VendorDocumentDecision } from "./document.enums.js";
import type { ReviewVendorDocumentInput } from "./document.input.js";
import { wakeWorkers } from "@weft/platform/pubsub";
import { getDocument, openDocument } from "./document.service.js";
import { type ShownDocument, updateDocumentRow } from "./document.store.js";

/** Of each decision: the status of the document, and how its event and audit entry name it. */
const outcomes = {
  ACCEPT: { status: "ACCEPTED", event: "vendorDocument.accepted", action: "vendorDocument.accept" },
  REJECT: { status: "REJECTED", event: "vendorDocument.rejected", action: "vendorDocument.reject" },
} as const;

/**
 * Accepts or rejects a document. A decision can be changed by another review.
 * @throws NotFound, BadUserInput, Conflict (another version; it was already decided so)
 */
export async function reviewDocument(ctx: Context, input: ReviewVendorDocumentInput): Promise<ShownDocument> {
  assertReview(input);
  const { status, event, action } = outcomes[input.decision];
  const document = await ctx.inTenant(async (tx) => {
    const before = await openDocument(ctx, tx, input, "vendorDocument.review");
    if (before.status === status) throw new Conflict(`The document ${quote(before.title)} is already ${status}.`, { currentState: status });
    const after = await updateDocumentRow(tx, before.id, {
      status,
      reason: input.reason?.trim() ?? null,
      reviewNote: input.note?.trim() ?? null,
      reviewedBy: ctx.meta.actorId,
      reviewedAt: sql`app.weft_now()`,
      // A worker plans the reminders.
      dueAt: status === "ACCEPTED" && before.validUntil !== null ? sql`app.weft_now()` : null,
    });
    await appendEvents(tx, ctx.meta, [
      { type: event, subjectId: before.id, subjectVersion: after.version, related: { vendor: before.vendorId }, payload: {} },
    ]);
    await writeAudit(tx, ctx.meta, [{ action, entityType: "vendorDocument", entityId: before.id, before, after }]);
    return getDocument(ctx, tx, before.id);
  });
  await wakeWorkers(ctx.services);
  return document;
}

/** @throws BadUserInput */
function assertReview({ decision, reason, note }: ReviewVendorDocumentInput): void {
  const isRejection = decision === VendorDocumentDecision.REJECT;
  const problems: Problem[] = [
    ...textProblems("input.reason", reason, { max: 1000, hasLines: true }),
    ...textProblems("input.note", note, { max: 2000, hasLines: true }),
  ];
  if (isRejection && typeof reason !== "string")
    problems.push({ path: "input.reason", message: "Say why the document is rejected. Users of the vendor see it." });
  if (!isRejection && typeof reason === "string")
    problems.push({ path: "input.reason", message: "Only a rejection has a reason. Use note for the organization's own users." });
  if (problems.length > 0) throw new BadUserInput(problems);
}
