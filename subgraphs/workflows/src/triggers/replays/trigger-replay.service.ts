import { Conflict, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { assertRemembered, assertReplayPeriod, positionsOfPeriod, type ReplayPeriod } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { lockTrigger } from "../trigger.store.js";
import { findReplay, findRunningReplay, insertReplay } from "./trigger-replay.store.js";
import { toTriggerReplay, type ReplayEventsToTriggerInput, type TriggerReplay } from "./trigger-replay.type.js";

/** Lets a trigger act on the events of a period on which it has not acted. @throws NotFound, Conflict, BadUserInput */
export async function replayEventsToTrigger(
  ctx: Context,
  { idempotencyKey, ...input }: ReplayEventsToTriggerInput,
): Promise<TriggerReplay> {
  const triggerId = decodeId("trigger", input.triggerId, "input.triggerId");
  assertReplayPeriod(input);
  const replay = await ctx.inTenant(async (tx) => {
    const call = { mutation: "replayEventsToTrigger", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => ({
      id: await create(tx, ctx, { triggerId, period: input }),
    }));
    return getReplay(tx, result["id"] ?? "");
  });
  ctx.services.pubsub
    .publish(channels.dueWork, "")
    .catch((error: unknown) => ctx.log.debug({ err: error }, "a replay to a trigger could not be announced"));
  return replay;
}

/** Returns one replay. @throws NotFound */
export const readReplay = (ctx: Context, id: string): Promise<TriggerReplay> => ctx.read((tx) => getReplay(tx, id));

interface Requested {
  readonly triggerId: string;
  readonly period: ReplayPeriod;
}

async function create(tx: Tx, ctx: Context, { triggerId, period }: Requested): Promise<string> {
  // Concurrent calls wait here.
  const trigger = await lockTrigger(tx, triggerId);
  if (!trigger) throw new NotFound("Trigger", encodeId("trigger", triggerId));
  if (!trigger.isActive) throw new Conflict(`The trigger ${quote(trigger.name)} is not active. Activate it with activateTrigger first.`);
  await assertRemembered(tx, "RUNS", { from: period.from, createdAt: trigger.createdAt, explain });
  const running = await findRunningReplay(tx, triggerId);
  if (running !== null) {
    const id = encodeId("triggerReplay", running);
    throw new Conflict(`The replay ${id} to this trigger is running. Wait until it ends: triggerReplay(id: "${id}").`);
  }
  const positions = await positionsOfPeriod(tx, period);
  const id = newId();
  const { tenantId, userId } = ctx.viewer;
  await insertReplay(tx, {
    tenantId,
    id,
    triggerId,
    triggerVersion: trigger.version,
    fromAt: period.from,
    toAt: period.to,
    ...positions,
    position: positions.startPosition,
    createdBy: userId,
  });
  await writeAudit(tx, ctx.meta, [
    { action: "trigger.replay", entityType: "trigger", entityId: triggerId, before: trigger, after: trigger },
  ]);
  return id;
}

async function getReplay(tx: Tx, id: string): Promise<TriggerReplay> {
  const row = await findReplay(tx, id);
  if (row === null) throw new NotFound("TriggerReplay", encodeId("triggerReplay", id));
  return toTriggerReplay(row);
}

const explain = (until: string): string =>
  `Runs of triggers from before ${until} have been deleted, so it is not known on which events this trigger acted before. Begin after that, or create another trigger and replay them to it.`;
