import { inbound } from "@weft/drizzle";
import { BadUserInput, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import { inboundFields, inboundSecretProblem, newInboundSecret } from "@weft/platform/inbound";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import { assertMayPublish } from "../mapping/mapping-terms.js";
import { InboundWebhookFilter, InboundWebhookOrder, type ListOptions } from "./inbound-webhook.list.js";
import type { RotateInboundWebhookSecretInput } from "./inbound-webhook.input.js";
import {
  beginConsuming,
  endConsuming,
  findInboundWebhook,
  insertInboundWebhook,
  lockInboundWebhookCount,
  removeInboundWebhook,
  updateInboundWebhookRow,
  type InboundWebhookRow,
} from "./inbound-webhook.store.js";
import {
  toInboundWebhook,
  type InboundWebhook,
  type InboundWebhookScheme,
  type CreateInboundWebhookInput,
  type UpdateInboundWebhookInput,
} from "./inbound-webhook.type.js";
import { newTerms, readTerms, type Terms } from "./terms.js";

const MAX_WEBHOOKS = 200;
const MAX_OVERLAP_HOURS = 168;

/** Returns a page of the tenant's inbound webhooks, newest first by default. */
export function listInboundWebhooks(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<InboundWebhook>> {
  return tablePage(ctx, {
    list: "inboundWebhooks",
    args: page,
    table: inbound.inboundWebhooks,
    where: InboundWebhookFilter.toSql(filter),
    orderBy: InboundWebhookOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    toNode: toInboundWebhook,
  });
}

/** Returns one inbound webhook. @throws NotFound */
export async function readInboundWebhook(ctx: Context, id: string): Promise<InboundWebhook> {
  return toInboundWebhook(await ctx.read((tx) => getInboundWebhook(tx, id)));
}

/** A webhook, and its secret if it was generated and not shown before. */
export interface WithSecret {
  readonly inboundWebhook: InboundWebhook;
  readonly secret: string | null;
}

/** Creates an inbound webhook, which publishes events in the viewer's name. @throws BadUserInput, Forbidden, LimitExceeded, Conflict (idempotency key) */
export async function createInboundWebhook(ctx: Context, input: CreateInboundWebhookInput): Promise<WithSecret> {
  assertMayPublish(ctx, "webhook");
  const { secret, isGenerated } = secretOf(input.scheme, input.secret);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    let isNew = false;
    const id = await createOnce(tx, ctx.meta, { mutation: "createInboundWebhook", input }, async () => {
      const used = await lockInboundWebhookCount(tx);
      if (used >= MAX_WEBHOOKS) throw new LimitExceeded({ limit: "inboundWebhooks", used, allowed: MAX_WEBHOOKS });
      const terms = await readTerms(tx, newTerms(input), input);
      const row = newId();
      const [sealed = ""] = await ctx.services.secrets.seal(tx, tenantId, [{ field: inboundFields.secret(row), value: secret }]);
      const written = await insertInboundWebhook(tx, { ...terms, tenantId, id: row, secret: sealed, userId, createdBy: userId });
      await beginConsuming(tx);
      await recordChange(tx, ctx.meta, { event: { type: "inboundWebhook.created", payload: {} }, before: null, after: written });
      isNew = true;
      return written;
    });
    return { inboundWebhook: toInboundWebhook(await getInboundWebhook(tx, id)), secret: isNew && isGenerated ? secret : null };
  });
}

/**
 * Changes an inbound webhook, which publishes events in the viewer's name from then on: nobody can make it publish something else in another user's
 * name. If only its status changes, the user stays. @throws NotFound, Conflict, BadUserInput, Forbidden
 */
export async function updateInboundWebhook(ctx: Context, input: UpdateInboundWebhookInput): Promise<InboundWebhook> {
  const id = decodeId("inboundWebhook", input.id, "input.id");
  const { id: _id, expectedVersion, status: _status, ...terms } = input;
  const isTakenOver = Object.values(terms).some((value) => value !== undefined);
  if (isTakenOver) assertMayPublish(ctx, "webhook");
  return ctx.inTenant(async (tx) => {
    const before = await getInboundWebhook(tx, id);
    const changes = termsOf(await readTerms(tx, before, input));
    const after = await updateInboundWebhookRow(tx, id, expectedVersion ?? before.version, {
      ...changes,
      ...(isTakenOver && { userId: ctx.viewer.userId }),
    });
    if (after === null) throw changedMeanwhile("inboundWebhook", before.version);
    const event = { type: "inboundWebhook.updated", payload: { changed: changedOf(before, after) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return toInboundWebhook(after);
  });
}

/** Deletes an inbound webhook with its messages. Events that were published stay in the log. @throws NotFound, Conflict */
export async function deleteInboundWebhook(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("inboundWebhook", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await getInboundWebhook(tx, id);
    if (!(await removeInboundWebhook(tx, id, input.expectedVersion ?? before.version)))
      throw changedMeanwhile("inboundWebhook", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "inboundWebhook.deleted", payload: {} }, before, after: null });
    await endConsuming(tx);
  });
  return input.id;
}

/**
 * Gives an inbound webhook another secret. The previous one is accepted for some hours, too. The webhook publishes events in the viewer's name from then
 * on: who has the secret decides what it publishes. @throws NotFound, Conflict, BadUserInput, Forbidden
 */
export async function rotateInboundWebhookSecret(ctx: Context, input: RotateInboundWebhookSecretInput): Promise<WithSecret> {
  const id = decodeId("inboundWebhook", input.id, "input.id");
  const { previousSecretHours: hours } = input;
  assertMayPublish(ctx, "webhook");
  if (hours < 0 || hours > MAX_OVERLAP_HOURS)
    throw new BadUserInput([{ path: "input.previousSecretHours", message: `Use 0 to ${MAX_OVERLAP_HOURS} hours, not ${hours}.` }]);
  const { tenantId } = ctx.viewer;
  const { secrets } = ctx.services;
  return ctx.inTenant(async (tx) => {
    const before = await getInboundWebhook(tx, id);
    const { secret, isGenerated } = secretOf(before.scheme as InboundWebhookScheme, input.secret);
    // A ciphertext is bound to its column, so the previous secret is encrypted again.
    const [current = ""] = await secrets.open(tx, tenantId, [{ field: inboundFields.secret(id), value: before.secret }]);
    const [sealed = "", previous = ""] = await secrets.seal(tx, tenantId, [
      { field: inboundFields.secret(id), value: secret },
      { field: inboundFields.previousSecret(id), value: current },
    ]);
    const after = await updateInboundWebhookRow(tx, id, input.expectedVersion ?? before.version, {
      secret: sealed,
      previousSecret: hours === 0 ? null : previous,
      // Compared with the real time, as signatures are.
      previousSecretExpiresAt: hours === 0 ? null : (sql`now() + make_interval(hours => ${hours}::int)` as unknown as string),
      userId: ctx.viewer.userId,
    });
    if (after === null) throw changedMeanwhile("inboundWebhook", before.version);
    await appendEvents(tx, ctx.meta, [
      { type: "inboundWebhook.updated", subjectId: id, subjectVersion: after.version, payload: { changed: ["secret", "userId"] } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "inboundWebhook.rotateSecret", entityType: "inboundWebhook", entityId: id, before, after }]);
    return { inboundWebhook: toInboundWebhook(after), secret: isGenerated ? secret : null };
  });
}

export async function getInboundWebhook(tx: Tx, id: string): Promise<InboundWebhookRow> {
  const row = await findInboundWebhook(tx, id);
  if (row === null) throw new NotFound("InboundWebhook", encodeId("inboundWebhook", id));
  return row;
}

function secretOf(scheme: InboundWebhookScheme, given: string | null | undefined): { secret: string; isGenerated: boolean } {
  if (typeof given !== "string") return { secret: newInboundSecret(scheme), isGenerated: true };
  const message = inboundSecretProblem(scheme, given);
  if (message !== null) throw new BadUserInput([{ path: "input.secret", message }]);
  return { secret: given, isGenerated: false };
}

const TERMS = ["name", "settings", "status", "eventType", "condition", "payload", "subject", "headerNames"] as const;

const termsOf = ({ name, settings, status, eventType, condition, payload, subject, headerNames }: Terms): Omit<Terms, "scheme"> => ({
  name,
  settings,
  status,
  eventType,
  condition,
  payload,
  subject,
  headerNames,
});

const changedOf = (before: InboundWebhookRow, after: InboundWebhookRow): string[] =>
  [...TERMS, "userId" as const].filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
