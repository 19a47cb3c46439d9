import { actorOf, recordViolation, startInstance } from "@weft/engine";
import { BadUserInput, LimitExceeded, NotFound, ProfileViolated, WeftError } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { asTenant, inOtherTenant, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { once, type OnceCall } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { metaInPartner, ownTenant } from "../both-sides.js";
import { isRefusalToRecord, type SharedVersion } from "../share.store.js";
import { DefinitionShareMode } from "../share.type.js";
import {
  announceUse,
  assertBelowLimit,
  assertRoomForRun,
  getReceived,
  loadSponsor,
  lockUsable,
  recordUse,
  TooManyOpenRuns,
  unavailable,
  type Received,
} from "./usable.js";
import { findStart, type UseRow } from "./use.store.js";
import { toSharedStart, type SharedStart, type StartSharedWorkflowInput } from "./use.type.js";

/** @throws NotFound */
export async function readStart(ctx: Context, id: string): Promise<SharedStart> {
  const uuid = decodeId("definitionShareUse", id);
  return toSharedStart(await ctx.read((tx) => getStart(tx, uuid)));
}

async function getStart(tx: Tx, id: string): Promise<UseRow> {
  const row = await findStart(tx, id);
  if (row === null) throw new NotFound("SharedStart", encodeId("definitionShareUse", id));
  return row;
}

/**
 * Starts a shared automation in the owner's tenant, with the rights of the user who offered it and under the owner's security profile and limits. Both
 * tenants record it in the transaction of the start, which holds the lock of the share.
 * @throws NotFound, Conflict, BadUserInput (the inputs), RateLimited, LimitExceeded (open runs of the share)
 */
export async function startShared(ctx: Context, { idempotencyKey, ...input }: StartSharedWorkflowInput): Promise<SharedStart> {
  const shareId = decodeId("definitionShare", input.shareId, "input.shareId");
  const received = await ctx.read((tx) => getReceived(tx, shareId));
  const sponsor = await loadSponsor(ctx, received);
  const started = ctx.inTenant(async (tx) => {
    const call = { mutation: "startSharedWorkflow", ...(await formsOf(ctx, tx, { ...input, idempotencyKey: idempotencyKey ?? null })) };
    const { result } = await once(tx, ctx.meta, call, async () => ({ id: await start(ctx, tx, { received, sponsor, data: input.data }) }));
    return toSharedStart(await getStart(tx, result["id"] ?? ""));
  });
  return started.catch((error: unknown) => refusal(ctx, received, error));
}

type Forms = Pick<OnceCall, "key" | "input" | "otherForms">;

/**
 * The call with the blind index of the inputs in their place. Which of them are secret is known only in the owner's tenant, and a plain hash would be stored
 * with the idempotency key: short values can be found by trying.
 */
async function formsOf(ctx: Context, tx: Tx, { shareId, data, idempotencyKey: key = null }: StartSharedWorkflowInput): Promise<Forms> {
  const formOf = (index: string | null) => ({ shareId, data: index });
  // Without a key, nothing is stored.
  if (key === null || data === undefined || data === null) return { key, input: formOf(null) };
  const searched = { indexedAs: "workflows.definition_share_uses.data", value: canonical(data) };
  const [[newest = "", ...earlier] = []] = await ctx.services.secrets.currentBlindIndexes(tx, ctx.viewer.tenantId, [searched]);
  return { key, input: formOf(newest), otherForms: earlier.map(formOf) };
}

/** The order in which a client writes the members of an object does not matter. */
const canonical = (data: unknown): string =>
  JSON.stringify(data, (_name, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

interface Starting {
  readonly received: Received;
  readonly sponsor: Viewer | null;
  readonly data: unknown;
}

async function start(ctx: Context, tx: Tx, { received, data, ...starting }: Starting): Promise<string> {
  const { tenantId: recipientId, userId } = ctx.viewer;
  const { partnerId: ownerId, sponsorId } = received;
  const recipient = await ownTenant(tx);
  if (!recipient.isActive) throw unavailable();
  const id = newId();
  const users = { from: userId, to: sponsorId };
  const number = await inOtherTenant(tx, { from: recipientId, to: ownerId, users }, async (inside) => {
    const use = { id: received.id, recipientId, mode: DefinitionShareMode.START, sponsor: starting.sponsor };
    const { share, version, sponsor } = await lockUsable(inside, use);
    if (!version.isAutomation) throw unavailable();
    const { maxStartsPerHour: limit } = share;
    if (limit !== null) await assertBelowLimit(inside, share.id, { limit, uses: "starts" });
    await assertRoomForRun(inside, share);
    // The sponsor, who only lends the rights, has not done it: the event of the use, which names the other tenant, is the cause of the start.
    const asPartner = { ...metaInPartner(ctx, ownerId), onBehalfOf: sponsorId };
    const causeId = await announceUse(inside, asPartner, share, id);
    const instanceId = await startInOwner(ctx, inside, { ...asPartner, causeId }, { version, sponsor, data });
    const definitionNumber = version.number;
    await recordUse(inside, asPartner, share, { id, partnerName: recipient.name, instanceId, definitionNumber, isOpen: true });
    return definitionNumber;
  });
  await announceUse(tx, ctx.meta, received, id);
  await recordUse(tx, ctx.meta, received, {
    id,
    partnerName: received.partnerName ?? received.partnerSlug,
    usedBy: userId,
    definitionNumber: number,
  });
  return id;
}

/** The owner's tenant has refused a start for a reason of its own. */
class Refused extends Error {
  constructor(readonly reason: WeftError) {
    super("The owner's tenant has refused the start.", { cause: reason });
  }
}

/** Faults that say nothing of the owner. */
const faults: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "INTERNAL", "RATE_LIMITED"]);

async function startInOwner(
  ctx: Context,
  tx: Tx,
  meta: WriteMeta,
  { version, sponsor, data }: { readonly version: SharedVersion; readonly sponsor: Viewer; readonly data: unknown },
): Promise<string> {
  try {
    const { id } = await startInstance(tx, meta, {
      definitionId: version.id,
      data: data ?? {},
      ownerId: sponsor.userId,
      actor: actorOf(sponsor),
      violations: "refused",
      secrets: ctx.services.secrets,
    });
    return id;
  } catch (error) {
    const isOfInputs = error instanceof BadUserInput && error.problems.every(({ path }) => /^input\.data\b/.test(path));
    if (!(error instanceof WeftError) || isOfInputs || faults.has(error.code)) throw error;
    throw new Refused(error);
  }
}

/**
 * Problems of the inputs are part of what was agreed. Everything else that refuses a start, such as a limit of the owner's plan or its security profile, is
 * the owner's affair, so the recipient only learns that it does not work. The owner finds violations of the profile among its events, one a minute.
 */
async function refusal(ctx: Context, { id, partnerId: tenantId, sponsorId }: Received, error: unknown): Promise<never> {
  // Limits can also be found out only at the end of the transaction. The recipient has none for starts in another tenant.
  if (error instanceof TooManyOpenRuns || !(error instanceof Refused || error instanceof LimitExceeded)) throw error;
  const violation = error instanceof Refused ? error.reason : error;
  if (violation instanceof ProfileViolated) {
    const { definitionId } = violation;
    const meta = { ...metaInPartner(ctx, tenantId), onBehalfOf: sponsorId };
    await asTenant(ctx.services.databases.app, { tenantId, userId: sponsorId }, "write", async (tx) => {
      if (await isRefusalToRecord(tx, id)) await recordViolation(tx, meta, { definitionId, instanceId: null, violation });
    });
  }
  throw unavailable();
}
