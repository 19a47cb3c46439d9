import {
  BadUserInput,
  Conflict,
  NotFound,
  assertReplayPeriod,
  channels,
  decodeId,
  effectiveConfigOf,
  encodeId,
  newId,
  once,
  positionsOfPeriod,
  quote,
  writeAudit,
  type Context,
  type ReplayPeriod,
  type Tx,
} from "@weft/shared";
import { lockTrigger, type TriggerRow } from "../trigger.store.js";
import { findKeptSince, findReplay, findRunningReplay, insertReplay } from "./trigger-replay.store.js";
import { toTriggerReplay, type ReplayEventsToTriggerInput, type TriggerReplay } from "./trigger-replay.type.js";

/** Runs can be deleted between the check and the start of the replay, and their times differ a little from those of their events. */
const MARGIN_MS = 600_000;

/** Lets a trigger act on the events of a period on which it has not acted. @throws NotFound, Conflict, BadUserInput */
export async function replayEventsToTrigger(
  ctx: Context,
  { idempotencyKey, ...input }: ReplayEventsToTriggerInput,
): Promise<TriggerReplay> {
  const triggerId = decodeId("trigger", input.triggerId, "input.triggerId");
  assertReplayPeriod(input);
  const { triggerRunDays } = (await effectiveConfigOf(ctx.services, ctx.viewer.tenantId)).retention;
  const replay = await ctx.inTenant(async (tx) => {
    const call = { mutation: "replayEventsToTrigger", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => ({
      id: await create(tx, ctx, { triggerId, period: input, keptDays: triggerRunDays }),
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
  readonly keptDays: number;
}

async function create(tx: Tx, ctx: Context, { triggerId, period, keptDays }: Requested): Promise<string> {
  // Concurrent calls wait here.
  const trigger = await lockTrigger(tx, triggerId);
  if (!trigger) throw new NotFound("Trigger", encodeId("trigger", triggerId));
  if (!trigger.isActive) throw new Conflict(`The trigger ${quote(trigger.name)} is not active. Activate it with activateTrigger first.`);
  await assertKnown(tx, trigger, period.from, keptDays);
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

/**
 * Runs are deleted by age. What the trigger did before is not known, so it could act on an event again. While a replay is running, the runs of its
 * trigger stay.
 */
async function assertKnown(tx: Tx, { createdAt }: TriggerRow, from: string, keptDays: number): Promise<void> {
  const knownSince = (await findKeptSince(tx, keptDays)) + MARGIN_MS;
  if (Date.parse(createdAt) >= knownSince || Date.parse(from) >= knownSince) return;
  const message = `Runs of triggers are kept for ${keptDays} days, so it is not known on which events this trigger acted before ${new Date(knownSince).toISOString()}. Begin after that, or create another trigger and replay them to it.`;
  throw new BadUserInput([{ path: "input.from", message }]);
}
