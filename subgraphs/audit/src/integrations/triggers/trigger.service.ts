import type { ConnectorTrigger } from "@weft/connectors";
import { BadUserInput, Conflict, LimitExceeded, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import type { IdInput, VersionedIdInput } from "@weft/api/inputs";
import { isDeepStrictEqual } from "node:util";
import { assertMayPublish } from "../../events/mapping/mapping-terms.js";
import { connectorOf, getIntegration } from "../integration.service.js";
import type { IntegrationRow } from "../integration.store.js";
import { newTerms, readTerms, type Terms } from "./terms.js";
import {
  countTriggersOf,
  deleteTriggerRow,
  findTrigger,
  insertTrigger,
  lockTriggerCount,
  makePollDue,
  type TriggerRow,
  updateTriggerRow,
} from "./trigger.store.js";
import {
  type IntegrationTrigger,
  toIntegrationTrigger,
  type CreateIntegrationTriggerInput,
  type UpdateIntegrationTriggerInput,
} from "./trigger.type.js";

const MAX_OF_TENANT = 100;
/** `Integration.triggers` is not paginated. */
const MAX_OF_INTEGRATION = 20;

/** @throws NotFound */
export async function readTrigger(ctx: Context, id: string): Promise<IntegrationTrigger> {
  const uuid = decodeId("integrationTrigger", id);
  return toIntegrationTrigger(await ctx.read((tx) => getTrigger(tx, uuid)));
}

/**
 * Creates a trigger, which publishes events in the viewer's name. A worker polls it after the commit.
 * @throws NotFound, BadUserInput, Forbidden, LimitExceeded, Conflict (idempotency key used with different input)
 */
export async function createTrigger(ctx: Context, input: CreateIntegrationTriggerInput): Promise<IntegrationTrigger> {
  assertMayPublish(ctx, "trigger");
  const integrationId = decodeId("integration", input.integrationId, "input.integrationId");
  const { tenantId, userId } = ctx.viewer;
  const created = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createIntegrationTrigger", input }, async () => {
      const integration = await getIntegration(tx, integrationId);
      await assertRoom(tx, integrationId);
      const terms = await readTerms(tx, triggerOf(integration, input.trigger), newTerms(input), input);
      const { trigger, isFromBeginning } = input;
      const written = { ...terms, tenantId, id: newId(), integrationId, trigger, isFromBeginning, userId, createdBy: userId };
      const row = await insertTrigger(tx, written);
      await recordChange(tx, ctx.meta, { event: { type: "integrationTrigger.created", payload: {} }, before: null, after: row });
      return row;
    });
    return toIntegrationTrigger(await getTrigger(tx, id));
  });
  wakePoller(ctx.services);
  return created;
}

/**
 * Changes a trigger, which publishes events in the viewer's name from then on. If only its status changes, the user stays. With another configuration,
 * polls start again: the cursor belongs to the previous one. The result of a poll that runs is dropped.
 * @throws NotFound, Conflict, BadUserInput, Forbidden
 */
export async function updateTrigger(ctx: Context, input: UpdateIntegrationTriggerInput): Promise<IntegrationTrigger> {
  const id = decodeId("integrationTrigger", input.id, "input.id");
  const { id: _id, expectedVersion, status: _status, isFromBeginning, ...given } = input;
  const isTakenOver = isFromBeginning === true || Object.values(given).some((value) => value !== undefined);
  if (isTakenOver) assertMayPublish(ctx, "trigger");
  const changed = await ctx.inTenant(async (tx) => {
    const before = await getTrigger(tx, id);
    const integration = await getIntegration(tx, before.integrationId);
    const terms = termsOf(await readTerms(tx, triggerOf(integration, before.trigger), before, input));
    const isReconfigured = !isDeepStrictEqual(terms.configuration, before.configuration);
    const isRestarted = isReconfigured || isFromBeginning === true;
    const version = expectedVersion ?? before.version;
    const after = await updateTriggerRow(
      tx,
      { id, version, isRestarted },
      { ...terms, ...(isRestarted && { isFromBeginning: isFromBeginning === true }), ...(isTakenOver && { userId: ctx.viewer.userId }) },
    );
    if (after === null) throw changedMeanwhile("integrationTrigger", before.version);
    const event = { type: "integrationTrigger.updated", payload: { changed: changedOf(before, after) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return toIntegrationTrigger(after);
  });
  wakePoller(ctx.services);
  return changed;
}

/** Deletes a trigger. Events that were published stay in the log. @throws NotFound, Conflict */
export async function deleteTrigger(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("integrationTrigger", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getTrigger(tx, id);
    const deleted = await deleteTriggerRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("integrationTrigger", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "integrationTrigger.deleted", payload: {} }, before, after: null });
    return encodeId("integrationTrigger", id);
  });
}

/** Makes the next poll due now. A worker runs it. If a poll runs, it stays as it is. @throws NotFound, Conflict (paused) */
export async function pollTrigger(ctx: Context, input: IdInput): Promise<IntegrationTrigger> {
  const id = decodeId("integrationTrigger", input.id, "input.id");
  const due = await ctx.inTenant(async (tx) => {
    const { name, status } = await getTrigger(tx, id);
    if (status !== "ACTIVE") throw new Conflict(`The trigger ${quote(name)} is ${status}. Set its status to ACTIVE first.`);
    await makePollDue(tx, id);
    return toIntegrationTrigger(await getTrigger(tx, id));
  });
  wakePoller(ctx.services);
  return due;
}

async function getTrigger(tx: Tx, id: string): Promise<TriggerRow> {
  const row = await findTrigger(tx, id);
  if (row === null) throw new NotFound("IntegrationTrigger", encodeId("integrationTrigger", id));
  return row;
}

/** Returns the trigger of the connector with that key. @throws BadUserInput */
function triggerOf(integration: IntegrationRow, key: string): ConnectorTrigger {
  const all = connectorOf(integration).triggersOf();
  const found = all.find((one) => one.key === key);
  if (found !== undefined) return found;
  const known = all.length === 0 ? "It has none." : `Its triggers: ${all.map((one) => one.key).join(", ")}.`;
  throw new BadUserInput([{ path: "input.trigger", message: `The integration has no trigger ${quote(key)}. ${known}` }]);
}

async function assertRoom(tx: Tx, integrationId: string): Promise<void> {
  const used = await lockTriggerCount(tx);
  if (used >= MAX_OF_TENANT) throw new LimitExceeded({ limit: "integrationTriggers", used, allowed: MAX_OF_TENANT });
  const usedOfIntegration = await countTriggersOf(tx, integrationId);
  if (usedOfIntegration >= MAX_OF_INTEGRATION)
    throw new LimitExceeded({ limit: "triggersOfIntegration", used: usedOfIntegration, allowed: MAX_OF_INTEGRATION });
}

const TERMS = ["name", "configuration", "intervalSeconds", "eventType", "condition", "payload", "subject", "status"] as const;

const termsOf = ({ name, configuration, intervalSeconds, eventType, condition, payload, subject, status }: Terms): Terms => ({
  name,
  configuration,
  intervalSeconds,
  eventType,
  condition,
  payload,
  subject,
  status,
});

const changedOf = (before: TriggerRow, after: TriggerRow): string[] =>
  [...TERMS, "isFromBeginning" as const, "userId" as const].filter((field) => !isDeepStrictEqual(before[field], after[field]));

/** Notifies the poller after a commit. The poller also looks by itself. */
function wakePoller({ pubsub, log }: Pick<Services, "pubsub" | "log">): void {
  pubsub
    .publish(channels.integrationPolls, "")
    .catch((error: unknown) => log.debug({ err: error }, "the poller of integrations could not be notified"));
}
