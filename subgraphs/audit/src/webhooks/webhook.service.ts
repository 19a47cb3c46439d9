import { createHash } from "node:crypto";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents } from "@weft/platform/events";
import { once, type OnceResult } from "@weft/platform/idempotency";
import type { Services } from "@weft/platform/services";
import { newWebhookSecret } from "@weft/platform/webhooks";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { declaredTypes } from "../events/types/event-type.service.js";
import { cancelDeliveries, rebuildPayloads } from "./deliveries/delivery.store.js";
import type { RotateWebhookSecretInput, WebhookHeaderInput } from "./webhook.input.js";
import type { DeclaredTypes } from "./webhook.condition.js";
import { readPayload } from "./webhook.payload.js";
import { openWebhooks, sealed } from "./webhook.secrets.js";
import {
  beginConsuming,
  clearPayloadError,
  clearUnreadable,
  endConsuming,
  findWebhook,
  insertWebhook,
  lockWebhook,
  lockWebhookCount,
  removeWebhook,
  resetWebhookState,
  selectReceivingWebhooks,
  updateWebhookRow,
  type WebhookRow,
  WEBHOOKS_CONSUMER,
} from "./webhook.store.js";
import { assertCallable, newTerms, readTerms } from "./webhook.terms.js";
import type { CreateWebhookInput, UpdateWebhookInput } from "./webhook.type.js";

export { WEBHOOKS_CONSUMER };
export type { WebhookRow };

/** Each event of a tenant is held against all of its webhooks. */
const MAX_WEBHOOKS = 100;
const DEFAULT_OVERLAP_MS = 24 * 3_600_000;
const MAX_OVERLAP_DAYS = 30;

/** A webhook and its current secret. */
export interface WebhookAndSecret {
  readonly webhook: WebhookRow;
  readonly secret: string;
}

const now = sql`now()` as unknown as string;

/** Returns one webhook. @throws NotFound */
export const readWebhook = (ctx: Context, id: string): Promise<WebhookRow> => ctx.read((tx) => getWebhook(tx, id));

/** Creates a webhook that receives the events that are numbered from now on. */
export async function createWebhook(ctx: Context, { idempotencyKey, ...input }: CreateWebhookInput): Promise<WebhookAndSecret> {
  const { secrets, config } = ctx.services;
  const terms = readTerms(newTerms, input, await ctx.read((tx) => declaredAmong(tx, input.eventTypes)));
  const payload = readPayload(ctx.viewer, { ...terms, payloadQuery: null, payloadUserId: null, payloadGeneration: 0 }, input);
  await assertCallable(config.outbound, input.url);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createWebhook", key: idempotencyKey ?? null, input }, async () => {
      const count = await lockWebhookCount(tx);
      if (count >= MAX_WEBHOOKS)
        throw new BadUserInput([{ path: "input.name", message: `The tenant has ${count} webhooks, which is the maximum.` }]);
      const { tenantId, userId } = ctx.viewer;
      const id = newId();
      const created = newWebhookSecret();
      const [secret = ""] = await sealed(tx, secrets, { tenantId, id }, [{ column: "secret", value: created }]);
      const row = await insertWebhook(tx, {
        ...terms,
        ...payload,
        ...(await sealedHeaders(ctx, tx, { tenantId, id }, input.headers ?? [])),
        tenantId,
        id,
        secret,
        statusChangedAt: now,
        afterPosition: await beginConsuming(tx),
        createdBy: userId,
        createdAt: now,
        updatedAt: now,
      });
      await tell(ctx, tx, { type: "webhook.created", payload: {} }, { before: null, after: row });
      return { id, secretHash: hashOf(created) };
    });
    return withSecret(ctx, tx, result);
  });
}

/** Changes a webhook. What is queued is delivered with the new settings. */
export async function updateWebhook(ctx: Context, { idempotencyKey, ...input }: UpdateWebhookInput): Promise<WebhookRow> {
  await assertCallable(ctx.services.config.outbound, input.url);
  return change(ctx, { mutation: "updateWebhook", key: idempotencyKey, input }, async (tx, before) => {
    const terms = readTerms(before, input, await declaredAmong(tx, [...(before.eventTypes ?? []), ...(input.eventTypes ?? [])]));
    assertHeadersOfDestination(before, input);
    const headers = input.headers === undefined ? {} : await sealedHeaders(ctx, tx, before, input.headers ?? []);
    if (input.headers !== undefined) await clearUnreadable(tx, before.id);
    const payload = readPayload(ctx.viewer, before, input);
    if (input.payload !== undefined) await clearPayloadError(tx, before.id);
    // What one user can see must not reach the destination that another one chooses.
    if (before.payloadUserId !== null && before.payloadGeneration !== payload.payloadGeneration) {
      await lockWebhook(tx, before.id);
      await rebuildPayloads(tx, { webhookId: before.id, generation: payload.payloadGeneration });
    }
    return { ...terms, ...headers, ...payload };
  });
}

/** Returns the payload schemas of the types that the tenant has declared. Nothing is read unless such a type is among those of a webhook. */
export async function declaredAmong(tx: Tx, types: readonly string[] | null | undefined): Promise<DeclaredTypes> {
  if (!types?.some((type) => type.startsWith("custom."))) return new Map();
  return new Map((await declaredTypes(tx)).map(({ name, payloadSchema }) => [name, payloadSchema]));
}

/** Values of headers are never shown, so they must not be sent to a destination that somebody chooses who does not know them. */
function assertHeadersOfDestination(before: WebhookRow, { url, headers }: UpdateWebhookInput): void {
  if (typeof url !== "string" || headers !== undefined || before.headerNames.length === 0) return;
  if (new URL(url).origin === new URL(before.url).origin) return;
  throw new BadUserInput([
    { path: "input.headers", message: "The URL leads to another host, so pass the headers again. An empty list removes them." },
  ]);
}

/** Pauses a webhook. Events are queued in the meantime. */
export function pauseWebhook(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<WebhookRow> {
  return change(ctx, { mutation: "pauseWebhook", key: idempotencyKey, input }, (_tx, before) => {
    if (before.status === "DISABLED")
      throw new Conflict(`The webhook ${quote(before.name)} is disabled. Resume it with resumeWebhook first, or leave it disabled.`);
    return Promise.resolve(before.status === "PAUSED" ? null : { status: "PAUSED", statusChangedAt: now });
  });
}

/** Resumes a webhook that was paused or disabled. A disabled one receives the events that are numbered from now on. */
export async function resumeWebhook(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<WebhookRow> {
  const row = await change(ctx, { mutation: "resumeWebhook", key: idempotencyKey, input }, async (tx, before) => {
    if (before.status === "ACTIVE") return null;
    await resetWebhookState(tx, before.id);
    const resumed = { status: "ACTIVE", stopReason: null, statusChangedAt: now };
    // Deliveries that were in progress when it was disabled can wait for a retry.
    if (before.status === "DISABLED") await cancelDeliveries(tx, before.id);
    return before.status === "DISABLED" ? { ...resumed, afterPosition: await beginConsuming(tx) } : resumed;
  });
  wakeWebhookSender(ctx.services);
  return row;
}

/** Replaces the secret. Until the given time, requests are signed with both. */
export async function rotateWebhookSecret(ctx: Context, { idempotencyKey, ...input }: RotateWebhookSecretInput): Promise<WebhookAndSecret> {
  const { secrets } = ctx.services;
  const expiresAt = expiryOf(input.previousSecretExpiresAt);
  const created = newWebhookSecret();
  const { row, result } = await changeOnce(ctx, { mutation: "rotateWebhookSecret", key: idempotencyKey, input }, async (tx, before) => {
    const old = (await openWebhooks(tx, secrets, before.tenantId, [{ ...before, previousSecret: null, headers: null }])).get(before.id);
    const oldSecret = old?.secrets[0];
    const [secret = "", previousSecret = null] = await sealed(tx, secrets, before, [
      { column: "secret", value: created },
      // A secret that cannot be decrypted is only replaced.
      ...(oldSecret === undefined ? [] : [{ column: "previous_secret" as const, value: oldSecret }]),
    ]);
    await clearUnreadable(tx, before.id);
    const previousSecretExpiresAt = previousSecret === null ? null : expiresAt;
    return { changes: { secret, previousSecret, previousSecretExpiresAt }, result: { secretHash: hashOf(created) } };
  });
  return ctx.inTenant((tx) => withSecret(ctx, tx, { ...result, id: row.id }));
}

/** Deletes a webhook with its deliveries. Requests in progress are completed. */
export function deleteWebhook(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<string> {
  const id = decodeId("webhook", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "deleteWebhook", key: idempotencyKey ?? null, input }, async () => {
      const before = await getWebhook(tx, id, input.expectedVersion);
      if (!(await removeWebhook(tx, before))) throw changedMeanwhile(before);
      await tell(ctx, tx, { type: "webhook.deleted", payload: {} }, { before, after: null });
      await endConsuming(tx);
      return { id };
    });
    return input.id;
  });
}

/** Returns a webhook. @throws NotFound, and Conflict if its version is not the expected one */
export async function getWebhook(tx: Tx, id: string, expectedVersion?: number | null): Promise<WebhookRow> {
  const row = await findWebhook(tx, id);
  if (!row) throw new NotFound("Webhook", encodeId("webhook", id));
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile(row);
  return row;
}

/** Returns the webhooks that receive events: those that are not disabled. */
export const receivingWebhooks = (tx: Tx): Promise<WebhookRow[]> => selectReceivingWebhooks(tx);

/** Marks an active webhook as disabled. Returns it before and after, or null if it is not active. */
export async function markDisabled(
  tx: Tx,
  id: string,
  reason: "GONE" | "FAILING",
): Promise<{ readonly before: WebhookRow; readonly after: WebhookRow } | null> {
  const before = await lockWebhook(tx, id);
  if (before?.status !== "ACTIVE") return null;
  const after = await updateWebhookRow(tx, before, { status: "DISABLED", stopReason: reason, statusChangedAt: now });
  if (!after) return null;
  await endConsuming(tx);
  return { before, after };
}

/** Notifies the sender after a commit. The sender also polls. */
export function wakeWebhookSender({ pubsub, log }: Pick<Services, "pubsub"> & { readonly log: Pick<Services["log"], "debug"> }): void {
  pubsub
    .publish(channels.webhooks, "")
    .catch((error: unknown) => log.debug({ err: error }, "the sender of webhooks could not be notified"));
}

type Changing = {
  readonly mutation: string;
  readonly key: string | null | undefined;
  readonly input: { readonly id: string; readonly expectedVersion?: number | null };
};

/** Applies changes to a webhook once per idempotency key. `changesOf` returns null if there is nothing to change. */
async function change(
  ctx: Context,
  call: Changing,
  changesOf: (tx: Tx, before: WebhookRow) => Promise<Partial<WebhookRow> | null>,
): Promise<WebhookRow> {
  const { row } = await changeOnce(ctx, call, async (tx, before) => ({ changes: await changesOf(tx, before), result: {} }));
  return row;
}

/** As `change`. Returns the result of the first call with the key as well. */
function changeOnce(
  ctx: Context,
  { mutation, key, input }: Changing,
  changesOf: (tx: Tx, before: WebhookRow) => Promise<{ readonly changes: Partial<WebhookRow> | null; readonly result: OnceResult }>,
): Promise<{ readonly row: WebhookRow; readonly result: OnceResult }> {
  const id = decodeId("webhook", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation, key: key ?? null, input }, async () => {
      const before = await getWebhook(tx, id, input.expectedVersion);
      const { changes, result: more } = await changesOf(tx, before);
      if (changes === null) return { ...more, id };
      const after = await updateWebhookRow(tx, before, changes);
      if (!after) throw changedMeanwhile(before);
      const changed = Object.keys(changes).toSorted();
      await tell(ctx, tx, { type: "webhook.updated", payload: { changed } }, { before, after });
      return { ...more, id };
    });
    return { row: await getWebhook(tx, id), result };
  });
}

type WebhookEvent = Extract<AnyNewEvent, { type: `webhook.${string}` }>;
type WithoutSubject<Event> = Event extends unknown ? Omit<Event, "subjectId" | "subjectVersion"> : never;

/** Writes the event and the audit entry of a change. Secrets are masked in the entry. */
async function tell(
  ctx: Context,
  tx: Tx,
  event: WithoutSubject<WebhookEvent>,
  { before, after }: { readonly before: WebhookRow | null; readonly after: WebhookRow | null },
): Promise<void> {
  const row = after ?? before;
  if (!row) throw new Error("a change of a webhook without a webhook");
  const subject = { subjectId: row.id, subjectVersion: after ? after.version : row.version + 1 };
  await appendEvents(tx, ctx.meta, [{ ...event, ...subject }]);
  await writeAudit(tx, ctx.meta, [{ action: event.type.replace(/d$/, ""), entityType: "webhook", entityId: row.id, before, after }]);
}

/**
 * Returns the webhook with the secret that a call created. A repetition of the call must not reveal the secret of a later one.
 * @throws Conflict if the secret was replaced since
 */
async function withSecret(ctx: Context, tx: Tx, { id = "", secretHash }: OnceResult): Promise<WebhookAndSecret> {
  const webhook = await getWebhook(tx, id);
  const opened = await openWebhooks(tx, ctx.services.secrets, webhook.tenantId, [{ ...webhook, previousSecret: null, headers: null }]);
  const secret = opened.get(id)?.secrets[0] ?? "";
  if (hashOf(secret) !== secretHash)
    throw new Conflict(
      `The secret of the webhook ${encodeId("webhook", id)} was replaced after this call. To get a new one, call rotateWebhookSecret with another idempotency key.`,
    );
  return { webhook, secret };
}

/** Says which secret a call returned, without revealing it. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

async function sealedHeaders(
  ctx: Context,
  tx: Tx,
  webhook: Pick<WebhookRow, "tenantId" | "id">,
  headers: readonly WebhookHeaderInput[],
): Promise<Pick<WebhookRow, "headerNames" | "headers">> {
  if (headers.length === 0) return { headerNames: [], headers: null };
  const value = JSON.stringify(Object.fromEntries(headers.map((header) => [header.name, header.value])));
  const [ciphertext = ""] = await sealed(tx, ctx.services.secrets, webhook, [{ column: "headers", value }]);
  return { headerNames: headers.map(({ name }) => name), headers: ciphertext };
}

function expiryOf(given: string | null | undefined): string {
  if (typeof given !== "string") return new Date(Date.now() + DEFAULT_OVERLAP_MS).toISOString();
  if (Date.parse(given) > Date.now() + MAX_OVERLAP_DAYS * 86_400_000) {
    const message = `The old secret can be valid for at most ${MAX_OVERLAP_DAYS} days.`;
    throw new BadUserInput([{ path: "input.previousSecretExpiresAt", message }]);
  }
  return given;
}

const changedMeanwhile = ({ name, version }: WebhookRow): Conflict =>
  new Conflict(`The webhook ${quote(name)} was changed by another request. Read it again and retry.`, { currentVersion: version });
