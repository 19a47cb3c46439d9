import { actorOf } from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { hasPermission, type Permission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import {
  beginConsuming,
  endConsuming,
  findTrigger,
  insertTrigger,
  lockTriggerCount,
  removeTrigger,
  updateTriggerRow,
  type TriggerRow,
} from "./trigger.store.js";
import { newTerms, readTerms, resolvedEventType, type Terms } from "./terms.js";
import { type CreateTriggerInput, type UpdateTriggerInput, toTrigger, type Trigger } from "./trigger.type.js";

/** Each event of a tenant is held against all of its active triggers. */
const MAX_TRIGGERS = 500;

/** Returns one trigger. */
export async function readTrigger(ctx: Context, id: string): Promise<Trigger> {
  return toTrigger(await ctx.read((tx) => getTrigger(tx, id)));
}

/** Creates a trigger that acts with the viewer's rights. */
export function createTrigger(ctx: Context, { idempotencyKey, ...input }: CreateTriggerInput): Promise<Trigger> {
  const { eventType, action, isActive, ...given } = input;
  return ctx.inTenant(async (tx) => {
    const call = { mutation: "createTrigger", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const count = await lockTriggerCount(tx);
      if (count >= MAX_TRIGGERS)
        throw new BadUserInput([{ path: "input.name", message: `The tenant has ${count} triggers, which is the maximum.` }]);
      const { tenantId, userId } = ctx.viewer;
      const resolved = await resolvedEventType(tx, { ...given, eventType });
      const by = { tenantId, actor: actorOf(ctx.viewer) };
      const terms = await readTerms(tx, by, newTerms({ eventType: resolved.eventType, action }), { ...given, ...resolved });
      assertMayAct(ctx, terms);
      const now = sql`app.weft_now()` as unknown as string;
      const row = await insertTrigger(tx, {
        ...terms,
        tenantId,
        id: newId(),
        isActive: isActive ?? true,
        ...(isActive !== false && { afterPosition: await beginConsuming(tx) }),
        userId,
        createdBy: userId,
        createdAt: now,
        updatedAt: now,
      });
      await tell(ctx, tx, "created", null, row);
      return { id: row.id };
    });
    return toTrigger(await getTrigger(tx, result["id"] ?? ""));
  });
}

/** Changes a trigger, which acts with the viewer's rights from then on: nobody can make it do something else with another user's rights. */
export function updateTrigger(ctx: Context, { idempotencyKey, ...input }: UpdateTriggerInput): Promise<Trigger> {
  const { id: _id, expectedVersion: _expectedVersion, ...given } = input;
  return change(ctx, { mutation: "updateTrigger", key: idempotencyKey, input }, async (tx, before) => {
    const terms = await readTerms(tx, { tenantId: ctx.viewer.tenantId, actor: actorOf(ctx.viewer) }, before, given);
    assertMayAct(ctx, terms);
    return write(ctx, tx, "updated", before, { ...terms, userId: ctx.viewer.userId });
  });
}

/** Activates a trigger for the events that occur from now on. */
export function activateTrigger(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<Trigger> {
  return change(ctx, { mutation: "activateTrigger", key: idempotencyKey, input }, async (tx, before) => {
    if (before.isActive) return;
    await write(ctx, tx, "activated", before, { isActive: true, stopReason: null, afterPosition: await beginConsuming(tx) });
  });
}

/** Deactivates a trigger. What it started continues. */
export function deactivateTrigger(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<Trigger> {
  return change(ctx, { mutation: "deactivateTrigger", key: idempotencyKey, input }, async (tx, before) => {
    if (!before.isActive) return;
    await write(ctx, tx, "deactivated", before, { isActive: false });
    await endConsuming(tx);
  });
}

/** Deletes a trigger with its runs. What it started continues. */
export function deleteTrigger(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<string> {
  const id = decodeId("trigger", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "deleteTrigger", key: idempotencyKey, input }, async () => {
      const before = await getTrigger(tx, id, input.expectedVersion);
      if (!(await removeTrigger(tx, before))) throw changedMeanwhile(before);
      await tell(ctx, tx, "deleted", before, null);
      await endConsuming(tx);
      return { id };
    });
    return input.id;
  });
}

type Changing = {
  readonly mutation: string;
  readonly key: string | null | undefined;
  readonly input: { readonly id: string; readonly expectedVersion?: number | null };
};

function change(ctx: Context, call: Changing, apply: (tx: Tx, before: TriggerRow) => Promise<void>): Promise<Trigger> {
  const id = decodeId("trigger", call.input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, call, async () => {
      await apply(tx, await getTrigger(tx, id, call.input.expectedVersion));
      return { id };
    });
    return toTrigger(await getTrigger(tx, id));
  });
}

async function write(
  ctx: Context,
  tx: Tx,
  verb: "updated" | "activated" | "deactivated",
  before: TriggerRow,
  changes: Partial<TriggerRow>,
): Promise<void> {
  const after = await updateTriggerRow(tx, before, changes);
  if (!after) throw changedMeanwhile(before);
  await tell(ctx, tx, verb, before, after);
}

export async function getTrigger(tx: Tx, id: string, expectedVersion?: number | null): Promise<TriggerRow> {
  const row = await findTrigger(tx, id);
  if (!row) throw new NotFound("Trigger", encodeId("trigger", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile(row);
  return row;
}

/** A trigger acts with the rights of its author, so the author must have them. They are checked again for each event. */
function assertMayAct({ viewer }: Context, { action, onNoMatch }: Terms): void {
  const needed: Permission[] = action === "START" ? ["workflow.start"] : ["workflow.fire"];
  if (action === "FIRE" && onNoMatch === "START") needed.push("workflow.start");
  const missing = needed.find((permission) => !hasPermission(viewer, permission));
  if (missing !== undefined) throw new Forbidden(`The trigger would act with your rights, and you do not have the permission ${missing}.`);
}

type Verb = "created" | "updated" | "activated" | "deactivated" | "deleted";

async function tell(ctx: Context, tx: Tx, verb: Verb, before: TriggerRow | null, after: TriggerRow | null): Promise<void> {
  const row = after ?? before;
  if (!row) throw new Error("a trigger change without a trigger");
  const { id: subjectId, eventType, name, userId } = row;
  const about = { subjectId, subjectVersion: after ? after.version : row.version + 1 };
  await appendEvents(tx, ctx.meta, [
    verb === "deactivated"
      ? { type: "trigger.deactivated", ...about, payload: { eventType, name, userId, reason: null } }
      : { type: `trigger.${verb}`, ...about, payload: { eventType } },
  ]);
  const action = `trigger.${verb.replace(/d$/, "")}`;
  await writeAudit(tx, ctx.meta, [{ action, entityType: "trigger", entityId: subjectId, before, after }]);
}

const changedMeanwhile = ({ name, version }: TriggerRow): Conflict =>
  new Conflict(`The trigger ${quote(name)} was changed by another request. Read it again and retry.`, { currentVersion: version });
