/** What happens to a share after its offer: it is accepted, declined, changed and revoked. */
import { BadUserInput, Conflict, Forbidden, RateLimited } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import { assertCurrentRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { cancelRunsOfShare } from "../automation/bulk/bulk-runs.service.js";
import { knownOperation, wakeBulkRunner } from "../bulk/create-operation.js";
import type { BulkOperationRow } from "../bulk/bulk.type.js";
import { metaInPartner, ownTenant, recordShare } from "./both-sides.js";
import type { RevokeDefinitionShareInput } from "./share.input.js";
import { assertOwnPerson, found, getShare, problemsOfLimits, reach, shareOnce } from "./share.service.js";
import { findShare, insertShare, lockShare, presentTime, updateShare, type ShareChanges, type ShareLimits } from "./share.store.js";
import {
  DefinitionShareSide,
  DefinitionShareStatus,
  statusOf,
  toDefinitionShare,
  type DefinitionShare,
  type ShareRow,
  type UpdateDefinitionShareInput,
} from "./share.type.js";

/** Changes of a share before they are limited: each writes to the audit log of the other tenant. */
const FREE_CHANGES = 20;
const MINUTE_MS = 60_000;

/** Accepts an offer, so that it can be used. @throws NotFound, Forbidden, Conflict */
export function acceptShare(ctx: Context, input: KeyedVersionedIdInput): Promise<DefinitionShare> {
  assertOwnPerson(ctx);
  return changeOnce(ctx, "acceptDefinitionShare", input, { verb: "accepted" });
}

/** Declines an offer. @throws NotFound, Forbidden, Conflict */
export const declineShare = (ctx: Context, input: KeyedVersionedIdInput): Promise<DefinitionShare> =>
  changeOnce(ctx, "declineDefinitionShare", input, { verb: "declined" });

/**
 * Changes the limits of an accepted share, in the tenant of its owner. They apply to the next start. An offer keeps the terms with which it is accepted.
 * @throws NotFound, Forbidden, Conflict, BadUserInput, RateLimited
 */
export function updateShareLimits(ctx: Context, input: UpdateDefinitionShareInput): Promise<DefinitionShare> {
  assertOwnPerson(ctx);
  const { maxStartsPerHour, maxOpenRuns } = input;
  const limits = {
    ...(typeof maxStartsPerHour === "number" && { maxStartsPerHour }),
    ...(typeof maxOpenRuns === "number" && { maxOpenRuns }),
  };
  if (Object.keys(limits).length === 0) throw new BadUserInput([{ path: "input", message: "Specify a limit to change." }]);
  return changeOnce(ctx, "updateDefinitionShare", input, { verb: "updated", limits });
}

interface Revoked {
  readonly share: DefinitionShare;
  /** What cancels the open runs. */
  readonly operation: BulkOperationRow | null;
}

/**
 * Ends a share, from either side. Whoever uses it at the same moment finishes first, or is refused. What was started continues in the owner's tenant,
 * unless the owner cancels it in the same call: all of it, because nothing can be started any more.
 * @throws NotFound, Conflict, Forbidden, LimitExceeded
 */
export async function revokeShare(ctx: Context, { idempotencyKey, ...input }: RevokeDefinitionShareInput): Promise<Revoked> {
  const id = decodeId("definitionShare", input.id, "input.id");
  const cancelsOpenRuns = input.cancelOpenRuns === true;
  if (cancelsOpenRuns && !(reachesAll(ctx.viewer, "workflow.cancel") && reachesAll(ctx.viewer, "workflow.read")))
    throw new Forbidden("To cancel the open runs, you need the permissions workflow.cancel and workflow.read in scope TENANT.");
  const revoked = await ctx.inTenant(async (tx) => {
    const call = { mutation: "revokeDefinitionShare", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => {
      await changeShare(ctx, tx, { id, verb: "revoked", cancelsOpenRuns, expectedVersion: input.expectedVersion });
      // After the lock of the share: it sees every start that came before.
      const operation = cancelsOpenRuns ? await cancelRunsOfShare(tx, ctx, id) : null;
      return { id, ...(operation && { operationId: operation.id }) };
    });
    const { operationId } = result;
    return {
      share: toDefinitionShare(await getShare(tx, id)),
      operation: operationId === undefined ? null : await knownOperation(tx, ctx, operationId),
    };
  });
  if (revoked.operation) wakeBulkRunner(ctx);
  return revoked;
}

interface Change {
  readonly verb: "accepted" | "declined" | "revoked" | "updated";
  readonly limits?: Partial<ShareLimits>;
  readonly cancelsOpenRuns?: boolean;
}

const changeOnce = (ctx: Context, mutation: string, input: KeyedVersionedIdInput, change: Change): Promise<DefinitionShare> => {
  const id = decodeId("definitionShare", input.id, "input.id");
  return shareOnce(ctx, mutation, input, async (tx) => {
    await changeShare(ctx, tx, { ...change, id, expectedVersion: input.expectedVersion });
    return id;
  });
};

type Changing = Change & { readonly id: string; readonly expectedVersion: number | null | undefined };

/** Changes both rows of a share, and records the change in both tenants. The owner's row is locked first, so all changes and uses have one order. */
async function changeShare(ctx: Context, tx: Tx, changing: Changing): Promise<void> {
  const { id, verb, expectedVersion, cancelsOpenRuns = false } = changing;
  const { isOver: _isOver, ...own } = await getShare(tx, id);
  const { partnerId } = own;
  if (verb === "accepted" || verb === "updated") await assertCurrentRights(tx, ctx.viewer);
  assertOwnSide(own, changing);
  const { name } = await ownTenant(tx);
  let at: string | undefined;
  /** Locks and changes one of the rows. */
  const change = async (inside: Tx, isOwn: boolean, lock = lockShare): Promise<void> => {
    const before = found(await lock(inside, id), id);
    assertChangeable(before, verb, isOwn ? expectedVersion : null);
    at ??= new Date(await presentTime(inside)).toISOString();
    if (verb === "updated") assertNotTooOften(before, at);
    const by = isOwn ? ctx.viewer.userId : null;
    const after = found(await updateShare(inside, id, changesOf(changing, { at, by, name })), id);
    await recordShare(inside, isOwn ? ctx.meta : metaInPartner(ctx, after.tenantId), { verb, before, after, cancelsOpenRuns });
  };
  const isOwner = own.side === DefinitionShareSide.OWNER;
  if (isOwner) await change(tx, true);
  await reach(ctx, tx, partnerId, async (inside, tenantId) => {
    // As many statements as locking takes.
    if (partnerId === null) await insertShare(inside, { ...own, tenantId });
    await change(inside, false, partnerId === null ? findShare : lockShare);
  });
  if (!isOwner) await change(tx, true);
}

/** @throws Forbidden, BadUserInput */
function assertOwnSide({ side, mode }: Pick<ShareRow, "side" | "mode">, { verb, limits = {}, cancelsOpenRuns = false }: Change): void {
  const isOwner = side === DefinitionShareSide.OWNER;
  if (isOwner && (verb === "accepted" || verb === "declined"))
    throw new Forbidden("Only the tenant that an offer was made to can accept or decline it.");
  if (!isOwner && verb === "updated") throw new Forbidden("Only the tenant that shares the definition can change the limits.");
  if (!isOwner && cancelsOpenRuns) throw new Forbidden("Only the tenant that shares the definition can cancel what was started.");
  const problems = problemsOfLimits(limits, mode);
  if (problems.length > 0) throw new BadUserInput(problems);
}

interface Changed {
  readonly at: string;
  /** The user of the row's tenant. Null: a user of the other one. */
  readonly by: string | null;
  /** Name of the viewer's tenant. */
  readonly name: string;
}

function changesOf({ verb, limits = {} }: Change, { at, by, name }: Changed): ShareChanges {
  switch (verb) {
    case "updated":
      return limits;
    case "revoked":
      return { status: DefinitionShareStatus.REVOKED, revokedAt: at, revokedBy: by };
    case "declined":
      return { status: DefinitionShareStatus.DECLINED, answeredAt: at, answeredBy: by };
    case "accepted":
      return { status: DefinitionShareStatus.ACCEPTED, answeredAt: at, answeredBy: by, ...(by === null && { partnerName: name }) };
    default:
      return verb satisfies never;
  }
}

function assertChangeable(row: ShareRow, verb: Change["verb"], expectedVersion: number | null | undefined): void {
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("definitionShare", row.version);
  const status = statusOf(row);
  // What was accepted can also be revoked after its expiry: only a revocation hides the results.
  const isRevocable = status === DefinitionShareStatus.ACCEPTED || (status === DefinitionShareStatus.EXPIRED && row.answeredAt !== null);
  const isOffered = status === DefinitionShareStatus.OFFERED;
  const isOpen = verb === "updated" ? status === DefinitionShareStatus.ACCEPTED : isOffered || (verb === "revoked" && isRevocable);
  if (!isOpen) throw new Conflict(`The share is ${status}, so it cannot be ${verb}.`, { currentVersion: row.version });
}

/** @throws RateLimited */
function assertNotTooOften({ version, updatedAt }: ShareRow, at: string): void {
  const waitMs = Date.parse(updatedAt) + MINUTE_MS - Date.parse(at);
  if (version > FREE_CHANGES && waitMs > 0)
    throw new RateLimited({ retryAfter: Math.ceil(waitMs / 1000) }, "The share was changed within the last minute.");
}
