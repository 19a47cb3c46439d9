/** API keys: programs act as a user or a service account, with a part of its rights. */
import { identity } from "@weft/drizzle";
import { newApiKey } from "@weft/shared/api-keys";
import { BadUserInput, Conflict, Forbidden, NotFound, quote, Unauthenticated } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { keysetPage, type Page } from "@weft/api/pages";
import { and, eq } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { announceRevocations } from "../revocations.js";
import type { Grant } from "../rights/grant.js";
import { assertCurrentRights, assertMayGiveRoles, lockRights } from "../rights/rights.service.js";
import { lockOpenSession } from "../sessions/login.service.js";
import { findUserOfLogin, openUser } from "../users/user.service.js";
import { ApiKeyFilter, ApiKeyOrder } from "./api-key.filter.js";
import type { ApiKeysArgs, RotateApiKeyInput } from "./api-key.input.js";
import {
  countApiKeys,
  countKeysOfUser,
  findApiKey,
  insertApiKey,
  lockApiKey,
  replaceSecret,
  selectApiKeysSlice,
  updateApiKeyRow,
} from "./api-key.store.js";
import type { KeyChanges, KeyRow } from "./api-key.store.js";
import { readTerms } from "./api-key.terms.js";
import { toApiKey } from "./api-key.type.js";
import type { ApiKey, CreateApiKeyInput, UpdateApiKeyInput } from "./api-key.type.js";
import { aboutKey, endApiKey, recordKey } from "./end-api-keys.js";

const { apiKeys } = identity;

const maxKeysPerUser = 100;
const maxOverlapSeconds = 7 * 86_400;

const stored = (grants: readonly Grant[]): [string, string][] => grants.map(({ permission, scope }) => [permission, scope]);

/** A key and its text, which is null unless this call has created it. */
export interface KeyAndText {
  readonly row: KeyRow;
  readonly text: string | null;
}

/** The viewer's own keys; with apiKey.read, those of the tenant. A key without that permission sees only itself. */
function visibleKeys(viewer: Viewer): SQL | undefined {
  if (reachesAll(viewer, "apiKey.read")) return undefined;
  const { userId, apiKey } = viewer;
  return apiKey === null ? eq(apiKeys.userId, userId) : eq(apiKeys.id, apiKey.id);
}

/** Returns a page of the keys that the viewer can see. @throws BadUserInput for an invalid filter, size or cursor */
export function listApiKeys(ctx: Context, args: ApiKeysArgs): Promise<Page<ApiKey>> {
  const where = and(visibleKeys(ctx.viewer), ApiKeyFilter.toSql(args.filter, "filter", ctx.viewer));
  return keysetPage(ctx, {
    args,
    list: "apiKeys",
    orderBy: ApiKeyOrder.resolve(args.orderBy, ["CREATED_AT", "DESC"]),
    id: { column: apiKeys.id, valueOf: (row: KeyRow) => row.id },
    fetch: (slice) => ctx.read((tx) => selectApiKeysSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countApiKeys(tx, where)),
    toNode: toApiKey,
  });
}

/** Returns one key. @throws NotFound */
export async function readApiKeyRow(ctx: Context, id: string): Promise<KeyRow> {
  const row = await ctx.read((tx) => findApiKey(tx, id));
  return assertVisible(ctx.viewer, id, row);
}

/** Creates a key for the viewer or for a service account. @throws BadUserInput, Forbidden, NotFound (the service account), Conflict */
export async function createApiKey(ctx: Context, { idempotencyKey, ...input }: CreateApiKeyInput): Promise<KeyAndText> {
  const { tenantId, userId: viewerId } = ctx.viewer;
  const terms = readTerms(input);
  const ownerId = typeof input.userId === "string" ? decodeId("user", input.userId, "input.userId") : viewerId;
  let text: string | null = null;
  const row = await ctx.inTenant(async (tx) => {
    text = null;
    const { result } = await once(tx, ctx.meta, { mutation: "createApiKey", key: idempotencyKey ?? null, input }, async () => {
      await openOwner(ctx, tx, ownerId);
      assertMayGive(ctx.viewer, ownerId, terms.permissions ?? []);
      if ((await countKeysOfUser(tx, ownerId)) >= maxKeysPerUser)
        throw new Conflict(
          `The user has ${maxKeysPerUser} API keys, which is the maximum. Revoke those that are not used. Revoked keys count for a day.`,
        );
      const id = newId();
      const { text: created, secretHash, hint } = newApiKey({ tenantId, id });
      const { permissions, ...rest } = terms;
      const values = { ...rest, permissions: stored(permissions ?? []), secretHash, hint };
      const owned = { ...values, name: terms.name ?? "", tenantId, id, userId: ownerId, createdBy: viewerId };
      const after = await insertApiKey(tx, owned, ctx.viewer.sessionId);
      await recordKey(tx, ctx.meta, { action: "apiKey.create", before: null, after });
      await appendEvents(tx, ctx.meta, [{ type: "apiKey.created", ...aboutKey(after), payload: {} }]);
      await tellViewer(ctx, tx, { change: "CREATED", hint });
      text = created;
      return { id };
    });
    return getKey(tx, result["id"] ?? "");
  });
  wakeMailSender(ctx.services);
  return { row, text };
}

/** Changes a key. Takes effect at once, also for open sockets. @throws NotFound, BadUserInput, Forbidden, Conflict */
export async function updateApiKey(ctx: Context, { id, expectedVersion, ...input }: UpdateApiKeyInput): Promise<KeyRow> {
  const { permissions, ...rest } = readTerms(input);
  return changeKey(ctx, { id, expectedVersion }, async (tx, before) => {
    const added = (permissions ?? []).filter(
      ({ permission, scope }) => !before.permissions.some(([known, where]) => known === permission && where === scope),
    );
    assertMayGive(ctx.viewer, before.userId, added);
    const changes: KeyChanges = { ...rest, ...(permissions && { permissions: stored(permissions) }) };
    const changed = Object.keys(changes).toSorted();
    if (changed.length === 0) return before;
    const after = await updateApiKeyRow(tx, before.id, changes);
    await recordKey(tx, ctx.meta, { action: "apiKey.update", before, after });
    await appendEvents(tx, ctx.meta, [{ type: "apiKey.updated", ...aboutKey(after), payload: { changed } }]);
    return after;
  });
}

/** Gives a key a new secret. The replaced one works for the overlap. @throws NotFound, BadUserInput, Forbidden, Conflict */
export async function rotateApiKey(ctx: Context, { idempotencyKey, ...input }: RotateApiKeyInput): Promise<KeyAndText> {
  const { id, overlapSeconds, expectedVersion } = input;
  if (overlapSeconds < 0 || overlapSeconds > maxOverlapSeconds)
    throw new BadUserInput([{ path: "input.overlapSeconds", message: `The overlap is 0 to ${maxOverlapSeconds} seconds (7 days).` }]);
  let text: string | null = null;
  const once = { mutation: "rotateApiKey", key: idempotencyKey ?? null, input };
  const row = await changeKey(ctx, { id, expectedVersion, once }, async (tx, before) => {
    // Whoever rotates a key of a service account learns it, and could use it.
    const grants = before.permissions.map(([permission, scope]) => ({ permission, scope }) as Grant);
    if (before.userId !== ctx.viewer.userId) assertMayGive(ctx.viewer, before.userId, grants);
    const { text: created, ...secret } = newApiKey({ tenantId: before.tenantId, id: before.id });
    const after = await replaceSecret(tx, before.id, { ...secret, overlapSeconds, sessionId: ctx.viewer.sessionId });
    await recordKey(tx, ctx.meta, { action: "apiKey.rotate", before, after });
    await appendEvents(tx, ctx.meta, [{ type: "apiKey.rotated", ...aboutKey(after), payload: {} }]);
    await tellViewer(ctx, tx, { change: "ROTATED", hint: after.hint });
    text = created;
    return after;
  });
  wakeMailSender(ctx.services);
  return { row, text };
}

/** Revokes a key at once, including its sockets. A key that is already revoked is not changed. @throws NotFound, Forbidden */
export async function revokeApiKey(ctx: Context, input: IdInput): Promise<KeyRow> {
  const { tenantId, userId, apiKey } = ctx.viewer;
  const id = decodeId("apiKey", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = assertVisible(ctx.viewer, id, await lockApiKey(tx, id), "apiKey.manage");
    const isOwn = apiKey === null ? before.userId === userId : apiKey.id === id;
    if (!isOwn && !reachesAll(ctx.viewer, "apiKey.manage")) throw mayNotManage();
    return before.revokedAt === null ? endApiKey(tx, ctx.meta, before) : before;
  });
  await announceRevocations(ctx.services, [{ tenantId, sessionId: id }]);
  return row;
}

/** Emails the viewer, whose account learns the secret of a key, also that of a service account. */
async function tellViewer(ctx: Context, tx: Tx, { change, hint }: { change: "CREATED" | "ROTATED"; hint: string }): Promise<void> {
  await mailSecurityNotice(ctx, tx, ctx.meta, await findUserOfLogin(tx, ctx.viewer.userId), { template: "apiKeyChanged", change, hint });
}

interface ChangingKey {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  readonly once?: Parameters<typeof once>[2];
}

/** Applies a change to a key that the viewer can manage, and tells the gateways. */
async function changeKey(ctx: Context, call: ChangingKey, change: (tx: Tx, before: KeyRow) => Promise<KeyRow>): Promise<KeyRow> {
  const { expectedVersion } = call;
  const id = decodeId("apiKey", call.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const run = async () => {
      const { userId } = assertVisible(ctx.viewer, id, await findApiKey(tx, id), "apiKey.manage");
      // Locks the rights and the user, always before the key.
      await openOwner(ctx, tx, userId);
      const before = assertVisible(ctx.viewer, id, await lockApiKey(tx, id), "apiKey.manage");
      if (before.revokedAt !== null) throw new Conflict(`The API key ${quote(before.name)} is revoked.`, { currentState: "REVOKED" });
      if (typeof expectedVersion === "number" && expectedVersion !== before.version)
        throw new Conflict(`The API key has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
      await change(tx, before);
      return { id };
    };
    await (call.once === undefined ? run() : once(tx, ctx.meta, call.once, run));
    return getKey(tx, id);
  });
  await announceRevocations(ctx.services, [{ tenantId: ctx.viewer.tenantId, sessionId: id }]);
  return row;
}

/**
 * Checks that the viewer can manage keys of the owner: the viewer, if the tenant allows it, or a service account that has no more rights than the viewer.
 * Locks the rights and the owner until commit, so that a deactivation either ends the key, or prevents it.
 * @throws NotFound, Forbidden, Conflict, Unauthenticated (the session has ended)
 */
async function openOwner(ctx: Context, tx: Tx, ownerId: string): Promise<void> {
  await openKeysOf(ctx, tx, ownerId);
  // The gateway can be half a second late to know that the session has ended, perhaps because of what it is used for now.
  if (!(await lockOpenSession(tx, ctx.viewer.sessionId))) throw new Unauthenticated("This session has ended. Log in again.");
}

async function openKeysOf(ctx: Context, tx: Tx, ownerId: string): Promise<void> {
  const { viewer } = ctx;
  if (viewer.operatorId !== null) throw new Forbidden("Platform operators cannot have API keys, which would outlast their session.");
  if (ownerId === viewer.userId) {
    const { security } = await effectiveConfigOf(ctx.services, viewer.tenantId);
    if (!security.personalApiKeys) throw new Forbidden("Your organization does not allow API keys of users (security.personalApiKeys).");
    await lockRights(tx, viewer.tenantId);
    return assertCurrentRights(tx, viewer);
  }
  if (!reachesAll(viewer, "apiKey.manage")) throw mayNotManage();
  const { before: owner, roleIds } = await openUser(ctx, tx, ownerId, { permission: "apiKey.manage" });
  if (owner.type !== "SERVICE") throw new Forbidden("Only users themselves can create or change their API keys. Use a service account.");
  if (owner.status !== "ACTIVE") throw new Conflict(`The service account is ${owner.status}.`, { currentState: owner.status });
  // With the key, the viewer could act in the roles of the account.
  await assertMayGiveRoles(tx, viewer, roleIds);
}

/** @throws Forbidden naming the first grant that the viewer cannot pass on to a key of the owner */
function assertMayGive(viewer: Viewer, ownerId: string, grants: readonly Grant[]): void {
  const isSelf = ownerId === viewer.userId;
  const lacked = grants.find(({ permission, scope }) => {
    if (reachesAll(viewer, permission)) return false;
    // What a service account owns, or its teams, are not those of the viewer.
    return !isSelf || !has(scopesOf(viewer, permission), scope);
  });
  if (lacked)
    throw new Forbidden(
      `You cannot give an API key ${lacked.permission} in scope ${lacked.scope}, because you do not have it${isSelf ? "" : " in the whole tenant"}.`,
    );
}

const has = (held: readonly Scope[], scope: Scope): boolean => held.includes(scope) || held.includes("TENANT");

const mayNotManage = (): Forbidden => new Forbidden("You do not have the permission apiKey.manage in scope TENANT.");

/** @param permission that also makes keys of others visible, in addition to apiKey.read. @throws NotFound */
function assertVisible(viewer: Viewer, id: string, row: KeyRow | null, permission?: "apiKey.manage"): KeyRow {
  const { userId, apiKey } = viewer;
  const isOwn = apiKey === null ? row?.userId === userId : row?.id === apiKey.id;
  const isVisible = isOwn || reachesAll(viewer, "apiKey.read") || (permission !== undefined && reachesAll(viewer, permission));
  if (row === null || !isVisible) throw new NotFound("API key", encodeId("apiKey", id));
  return row;
}

async function getKey(tx: Tx, id: string): Promise<KeyRow> {
  const row = await findApiKey(tx, id);
  if (!row) throw new Error(`The API key ${id} was written but cannot be read.`);
  return row;
}
