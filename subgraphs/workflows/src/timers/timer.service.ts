import type { TimerRow } from "@weft/engine";
import { BadUserInput, Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { lockTimer, updateTimer } from "./timer.store.js";
import { toTimer, type CancelTimerInput, type RescheduleTimerInput, type WorkflowTimer } from "./timer.type.js";

const MAX_REASON = 2_000;

/** Cancels a set timer: it does not fire. */
export function cancelTimer(ctx: Context, { id, reason, expectedVersion }: CancelTimerInput): Promise<WorkflowTimer> {
  return change(ctx, { id, reason, expectedVersion, dueAt: null });
}

/** Moves a set timer to another time. */
export async function rescheduleTimer(ctx: Context, { id, dueAt, reason, expectedVersion }: RescheduleTimerInput): Promise<WorkflowTimer> {
  const timer = await change(ctx, { id, reason, expectedVersion, dueAt });
  // Due sooner than the worker expects.
  await wakeWorkers(ctx.services);
  return timer;
}

type Change = {
  readonly id: string;
  readonly reason: string;
  readonly expectedVersion?: number | null | undefined;
  /** Null: cancels it. */
  readonly dueAt: string | null;
};

async function change(ctx: Context, { id: timerId, reason, expectedVersion, dueAt }: Change): Promise<WorkflowTimer> {
  const id = decodeId("timer", timerId, "input.id");
  const text = reason.trim();
  if (text === "" || text.length > MAX_REASON)
    throw new BadUserInput([{ path: "input.reason", message: `A reason is required, with at most ${MAX_REASON} characters.` }]);
  return ctx.inTenant(async (tx) => {
    const locked = await lockTimer(tx, ctx.viewer, id, "workflow.cancel");
    if (!locked) throw new NotFound("WorkflowTimer", timerId);
    const { timer: before, instanceVersion } = locked;
    assertChangeable(before);
    if (typeof expectedVersion === "number" && expectedVersion !== before.version)
      throw new Conflict(`The timer has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
    const changed =
      dueAt === null
        ? ({ status: "SKIPPED", reason: text, isOver: true } as const)
        : ({ dueAt, reason: text, isHeld: false, isOver: false } as const);
    const after = await updateTimer(tx, id, changed);
    const { instanceId, name } = after;
    await writeAudit(tx, ctx.meta, [
      {
        action: dueAt === null ? "workflow.cancelTimer" : "workflow.rescheduleTimer",
        entityType: "instance",
        entityId: instanceId,
        before: imageOf(before),
        after: imageOf(after),
      },
    ]);
    await appendEvents(tx, ctx.meta, [
      {
        type: "workflow.timer_changed",
        subjectId: instanceId,
        subjectVersion: instanceVersion,
        payload: { instanceId, timerId: id, timer: name, change: dueAt === null ? "CANCELLED" : "RESCHEDULED", dueAt: after.dueAt },
      },
    ]);
    return toTimer(after);
  });
}

/** Service levels and escalations have their own operations, which keep their records complete. */
function assertChangeable({ kind, status, name }: TimerRow): void {
  if (status !== "ARMED")
    throw new TransitionRejected([{ code: "status", message: `The timer "${name}" is ${status}. Only a set timer can be changed.` }]);
  if (kind !== "STATE" && kind !== "TASK")
    throw new TransitionRejected([
      { code: "kind", message: `The timer "${name}" belongs to a service level or an escalation. Pause that instead.` },
    ]);
}

const imageOf = ({ id, name, kind, state, dueAt, status, reason }: TimerRow) => ({
  timer: encodeId("timer", id),
  name,
  kind,
  state,
  dueAt,
  status,
  reason,
});
