import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import type { CompleteContractObligationInput } from "./obligation.input.js";
import { wakeWorkers } from "@weft/platform/pubsub";
import { assertOpen, getObligation, openObligation } from "./obligation.service.js";
import { type ShownObligation, updateObligationRow } from "./obligation.store.js";
import { nextOccurrence } from "./recurring-days.js";

/**
 * Completes an obligation. One that recurs moves to its next day.
 * @throws NotFound, BadUserInput, Conflict (another version; it is done; idempotency key)
 */
export async function completeObligation(ctx: Context, input: CompleteContractObligationInput): Promise<ShownObligation> {
  assertText(input, { note: { max: 2000, hasLines: true } });
  const id = decodeId("contractObligation", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "completeContractObligation", key: input.idempotencyKey, input }, async () => {
      await complete(ctx, tx, input);
      return { id };
    });
    return getObligation(tx, id);
  });
  await wakeWorkers(ctx.services);
  return row;
}

async function complete(ctx: Context, tx: Tx, input: CompleteContractObligationInput): Promise<void> {
  const before = await openObligation(ctx, tx, input);
  assertOpen(before);
  const now = sql`app.weft_now()`;
  const nextOn = nextOccurrence(before);
  const after = await updateObligationRow(tx, before.id, {
    completedFor: before.dueOn,
    completedAt: now,
    completedBy: ctx.meta.actorId,
    completionNote: input.note?.trim() ?? null,
    completedCount: before.completedCount + 1,
    ...(nextOn === null ? { doneAt: now, dueAt: null } : { dueOn: nextOn, dueAt: now }),
  });
  const { contractId, dueOn } = before;
  await appendEvents(tx, ctx.meta, [
    {
      type: "contractObligation.completed",
      subjectId: before.id,
      subjectVersion: after.version,
      related: { contract: contractId },
      payload: { dueOn, nextOn },
    },
  ]);
  await writeAudit(tx, ctx.meta, [
    { action: "contractObligation.complete", entityType: "contractObligation", entityId: before.id, before, after },
  ]);
}
