import { actorOf, explainClock, pauseClock, standings } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { SlaClockInput } from "./sla-clock.input.js";
import { findSlaClock } from "./sla-clock.store.js";
import { toSlaClock, toSlaInterval, type SlaExplanation } from "./sla-clock.type.js";
import type { SlaClockPayload } from "./sla-clock-payload.type.js";

const MAX_REASON_CHARS = 10_000;

/** Returns the ledger of a clock that the viewer can see. */
export async function explainSla(ctx: Context, id: string): Promise<SlaExplanation> {
  return ctx.read(async (tx) => {
    const row = await findSlaClock(tx, ctx.viewer, { id, permission: "sla.read" });
    const [clock] = row ? await standings(tx, [row]) : [];
    if (!row || !clock) throw new NotFound("SlaClock", encodeId("slaClock", id));
    const { intervals, isRecounted } = await explainClock(tx, row);
    return { clock: toSlaClock(clock), intervals: intervals.map(toSlaInterval), isRecounted };
  });
}

/** Pauses a clock by hand, or ends that pause. The ledger keeps who did it and why. */
export async function setSlaPaused(ctx: Context, { idempotencyKey, ...input }: SlaClockInput, isPaused: boolean): Promise<SlaClockPayload> {
  const id = decodeId("slaClock", input.id, "input.id");
  const reason = input.reason.trim();
  if (reason === "" || reason.length > MAX_REASON_CHARS)
    throw new BadUserInput([{ path: "input.reason", message: `The reason must have 1 to ${MAX_REASON_CHARS} characters.` }]);
  const { mutation, action } = isPaused
    ? ({ mutation: "pauseSla", action: "workflow.pauseSla" } as const)
    : ({ mutation: "resumeSla", action: "workflow.resumeSla" } as const);
  const clock = await ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation, key: idempotencyKey ?? null, input }, async () => {
      const row = await findSlaClock(tx, ctx.viewer, { id, permission: "sla.manage" });
      if (!row) throw new NotFound("SlaClock", encodeId("slaClock", id));
      const { instanceId } = row;
      await pauseClock(tx, ctx.meta, { id, instanceId, isPaused, reason, actor: actorOf(ctx.viewer), permission: "sla.manage" });
      const after = { clockId: id, reason, isPausedByHand: isPaused };
      await writeAudit(tx, ctx.meta, [{ action, entityType: "instance", entityId: instanceId, before: { clockId: id }, after }]);
      return { id };
    });
    const row = await findSlaClock(tx, ctx.viewer, { id, permission: "sla.manage" });
    const [standing] = row ? await standings(tx, [row]) : [];
    return standing ? toSlaClock(standing) : null;
  });
  return { clock };
}
