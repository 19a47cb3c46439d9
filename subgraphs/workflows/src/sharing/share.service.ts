import { BadUserInput, Forbidden, NotFound, quote, RateLimited } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { findTenantBySlug } from "@weft/platform/directory";
import { once } from "@weft/platform/idempotency";
import { assertCurrentRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { inPartner, metaInPartner, ownTenant, recordShare } from "./both-sides.js";
import {
  closeExpired,
  countOpenShares,
  countRecentOffers,
  findShare,
  findSharedVersion,
  insertShare,
  isWelcome,
  lockOffers,
  presentTime,
  type SharedVersion,
} from "./share.store.js";
import {
  DefinitionShareMode,
  type OfferDefinitionShareInput,
  shareColumns,
  toDefinitionShare,
  type DefinitionShare,
  type ShareRow,
} from "./share.type.js";

const MAX_OPEN = 200;
/** Also of offers that were withdrawn: each of them writes to the audit log of another tenant. */
const MAX_PER_HOUR = 100;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const MAX_DAYS = 366;
const DEFAULT_STARTS = 60;
/** Each start counts the others of its hour. */
const MAX_STARTS = 10_000;
const DEFAULT_OPEN_RUNS = 100;
/** One operation can cancel all of them, and the start that reaches the limit looks at all of them. */
const MAX_OPEN_RUNS = 1000;

type Problem = { readonly path: string; readonly message: string };

/** @throws NotFound */
export async function readShare(ctx: Context, id: string): Promise<DefinitionShare> {
  const uuid = decodeId("definitionShare", id);
  return toDefinitionShare(await ctx.read((tx) => getShare(tx, uuid)));
}

/** @throws NotFound */
export async function getShare(tx: Tx, id: string): Promise<ShareRow> {
  return found(await findShare(tx, id), id);
}

export function found(row: ShareRow | null, id: string): ShareRow {
  if (row === null) throw new NotFound("DefinitionShare", encodeId("definitionShare", id));
  return row;
}

/** Returns whether a user of the owner has the rights that an offer passes on. They are needed for the offer, and at each use. */
export const maySponsor = (viewer: Viewer, mode: string): boolean =>
  viewer.vendorId === null &&
  reachesAll(viewer, "definition.read") &&
  (mode !== DefinitionShareMode.START || reachesAll(viewer, "workflow.start"));

/**
 * Offers a definition to the tenant with a slug. Nothing in the answer, in the stored offer, or in the statements that run depends on whether there is such
 * a tenant, or on whether it gets the offer: one that has declined the same offer, or that has received too many, does not.
 * @throws BadUserInput, Forbidden, Conflict (idempotency key)
 */
export async function offerShare(ctx: Context, input: OfferDefinitionShareInput): Promise<DefinitionShare> {
  assertOwnPerson(ctx);
  const recipient = input.recipient.trim().toLowerCase();
  const isStart = input.mode === DefinitionShareMode.START;
  const problems = [...problemsOfOffer(input, recipient), ...(recipient === ctx.viewer.tenantSlug ? [selfProblem] : [])];
  if (problems.length > 0) throw new BadUserInput(problems);
  if (!reachesAll(ctx.viewer, "definition.read")) throw new Forbidden("You do not have the permission definition.read in scope TENANT.");
  if (isStart && !reachesAll(ctx.viewer, "workflow.start"))
    throw new Forbidden("The definition would be started with your rights. You do not have the permission workflow.start in scope TENANT.");
  const addressed = await findTenantBySlug(ctx.services.databases.auth, recipient);
  return shareOnce(ctx, "offerDefinitionShare", input, async (tx) => {
    await assertCurrentRights(tx, ctx.viewer);
    const version = await offerable(tx, input);
    const expiresAt = await expiryOf(tx, input.expiresAt);
    await lockOffers(tx);
    const terms = { definitionKey: version.key, definitionName: version.name, mode: input.mode, message: input.message?.trim() ?? "" };
    await closeExpired(tx, { definitionKey: version.key, partnerSlug: recipient });
    if ((await countRecentOffers(tx)) >= MAX_PER_HOUR)
      throw new RateLimited({ retryAfter: 600 }, `The tenant has made ${MAX_PER_HOUR} offers within an hour.`);
    const open = await countOpenShares(tx);
    if (open >= MAX_OPEN)
      throw new BadUserInput([{ path: "input.definitionKey", message: `The tenant shares ${open} definitions, which is the maximum.` }]);
    const { slug, name } = await ownTenant(tx);
    const { tenantId, userId } = ctx.viewer;
    const values = {
      ...terms,
      id: newId(),
      expiresAt,
      sponsorId: userId,
      maxStartsPerHour: isStart ? (input.maxStartsPerHour ?? DEFAULT_STARTS) : null,
      maxOpenRuns: isStart ? (input.maxOpenRuns ?? DEFAULT_OPEN_RUNS) : null,
    };
    const asked = { definitionKey: version.key, mode: input.mode, ownerId: tenantId, recipient };
    const isReached = await inPartner(ctx, tx, addressed ?? newId(), (inside) => isWelcome(inside, asked));
    // What is not delivered is an offer to nobody from then on.
    const partnerId = isReached ? addressed : null;
    const given = await insertShare(tx, { ...values, tenantId, side: "OWNER", partnerId, partnerSlug: recipient });
    await recordShare(tx, ctx.meta, { verb: "offered", before: null, after: given });
    const received = { ...values, side: "RECIPIENT", partnerId: tenantId, partnerSlug: slug, partnerName: name };
    await reach(ctx, tx, partnerId, async (inside, recipientId) => {
      const after = await insertShare(inside, { ...received, tenantId: recipientId });
      await recordShare(inside, metaInPartner(ctx, recipientId), { verb: "offered", before: null, after });
    });
    return given.id;
  });
}

class Undelivered extends Error {}

/**
 * Runs `fn` in the tenant on the other side. If there is none, it runs in a tenant that does not exist, and is rolled back: the number of statements, and so
 * the time of the answer, does not say whether an offer was made to an existing tenant.
 */
export async function reach(
  ctx: Context,
  tx: Tx,
  partnerId: string | null,
  fn: (inside: Tx, tenantId: string) => Promise<void>,
): Promise<void> {
  const tenantId = partnerId ?? newId();
  try {
    await tx.transaction(async (inner) => {
      await inPartner(ctx, inner, tenantId, (inside) => fn(inside, tenantId));
      if (partnerId === null) throw new Undelivered();
    });
  } catch (error) {
    if (!(error instanceof Undelivered)) throw error;
  }
}

/** Runs a change once per idempotency key. Returns the share as it is then. */
export function shareOnce(
  ctx: Context,
  mutation: string,
  { idempotencyKey, ...input }: { readonly idempotencyKey?: string | null },
  run: (tx: Tx) => Promise<string>,
): Promise<DefinitionShare> {
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation, key: idempotencyKey ?? null, input }, async () => ({ id: await run(tx) }));
    return toDefinitionShare(await getShare(tx, result["id"] ?? ""));
  });
}

/** Agreements bind the tenant, and starts run with the rights of whoever offers, so platform operators who act in a tenant cannot make them. */
export function assertOwnPerson({ viewer }: Context): void {
  if (viewer.operatorId !== null) throw new Forbidden("Platform operators cannot share definitions of a tenant. Its own users can.");
}

async function offerable(tx: Tx, { definitionKey, mode }: OfferDefinitionShareInput): Promise<SharedVersion> {
  const path = "input.definitionKey";
  const version = await findSharedVersion(tx, definitionKey);
  if (version === null)
    throw new BadUserInput([
      { path, message: `There is no published definition with the key ${quote(definitionKey)}. Publish one first.` },
    ]);
  if (mode === DefinitionShareMode.START && !version.isAutomation)
    throw new BadUserInput([
      { path, message: `The definition ${quote(definitionKey)} is not an automation. Only automations can be started by other tenants.` },
    ]);
  return version;
}

async function expiryOf(tx: Tx, expiresAt: string | null | undefined): Promise<string> {
  const now = await presentTime(tx);
  if (expiresAt === undefined || expiresAt === null) return new Date(now + DEFAULT_DAYS * DAY_MS).toISOString();
  const time = Date.parse(expiresAt);
  const path = "input.expiresAt";
  if (time <= now) throw new BadUserInput([{ path, message: "The time is not in the future." }]);
  if (time > now + MAX_DAYS * DAY_MS) throw new BadUserInput([{ path, message: `The time is more than ${MAX_DAYS} days from now.` }]);
  return expiresAt;
}

const selfProblem: Problem = { path: "input.recipient", message: "This is your own tenant. Enter the slug of another one." };

function problemsOfOffer({ definitionKey, message, mode, ...limits }: OfferDefinitionShareInput, recipient: string): Problem[] {
  const problems: Problem[] = [...shareColumns.textProblems({ definitionKey, message }), ...problemsOfLimits(limits, mode)];
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(recipient))
    problems.push({
      path: "input.recipient",
      message: `${quote(recipient)} is not a valid slug. Use lower-case letters, digits and hyphens.`,
    });
  return problems;
}

const maxOf = { maxStartsPerHour: MAX_STARTS, maxOpenRuns: MAX_OPEN_RUNS } as const;

/** Returns what is wrong with the limits of an offer or a share in a mode. */
export const problemsOfLimits = (limits: Pick<OfferDefinitionShareInput, "maxStartsPerHour" | "maxOpenRuns">, mode: string): Problem[] =>
  (["maxStartsPerHour", "maxOpenRuns"] as const).flatMap((name) => {
    const limit = limits[name];
    if (limit === undefined || limit === null) return [];
    const path = `input.${name}`;
    if (mode !== DefinitionShareMode.START) return [{ path, message: "A definition that is copied is not started. Omit the limit." }];
    return limit < 1 || limit > maxOf[name] ? [{ path, message: `The limit is ${limit}. Use 1 to ${maxOf[name]}.` }] : [];
  });
