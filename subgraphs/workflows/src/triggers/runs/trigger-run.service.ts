import { Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { findEvent } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput } from "@weft/api/inputs";
import { writeResult } from "../act/act.store.js";
import { lockKey, perform } from "../act/trigger.consumer.js";
import { getTrigger } from "../trigger.service.js";
import { findRun, lockRun } from "./trigger-run.store.js";
import { toTriggerRun, type TriggerRun } from "./trigger-run.type.js";

/** Outcomes after which a run can be retried. */
export const RETRIABLE: readonly string[] = ["FAILED", "REJECTED"];

/**
 * Repeats what a trigger could not do, as the trigger is now and with the current rights of its user. Instances whose transition was fired are left
 * out.
 */
export function retryTriggerRun(ctx: Context, { idempotencyKey, ...input }: KeyedIdInput): Promise<TriggerRun> {
  const id = decodeId("triggerRun", input.id, "input.id");
  const { databases, keyring, log } = ctx.services;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "retryTriggerRun", key: idempotencyKey, input }, async () => {
      const run = await lockRun(tx, id);
      if (!run) throw new NotFound("TriggerRun", input.id);
      if (!RETRIABLE.includes(run.outcome))
        throw new Conflict(`The run has the outcome ${run.outcome}. Only failed and rejected runs can be retried.`);
      const trigger = await getTrigger(tx, run.triggerId);
      const event = await findEvent(tx, run.eventId);
      if (!event) throw new NotFound("Event", encodeId("event", run.eventId));
      await lockKey(tx, trigger);
      const result = await perform(tx, { databases, keyring, log }, { trigger, event, run });
      await writeResult(tx, run, result, run.attempts + 1);
      await writeAudit(tx, ctx.meta, [
        { action: "trigger.retryRun", entityType: "trigger", entityId: trigger.id, before: trigger, after: trigger },
      ]);
      return { id };
    });
    const after = await findRun(tx, id);
    if (!after) throw new NotFound("TriggerRun", input.id);
    return toTriggerRun(after);
  });
}
