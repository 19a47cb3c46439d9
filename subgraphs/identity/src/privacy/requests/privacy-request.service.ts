import { privacy } from "@weft/drizzle";
import { Conflict, Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { wakeWorkers } from "@weft/platform/pubsub";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, showDeleted, type Tx, withDeleted } from "@weft/platform/db";
import { type ErasureKind, isHeld, previewErasure } from "@weft/platform/erasure";
import { insertFile } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertText, type VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import { announceRevocations } from "../../revocations.js";
import { disableOpenUser, openUser } from "../../users/user.service.js";
import { findEndedHolds, findEndersOfHolds } from "../holds/legal-hold.store.js";
import { shownDays, toLegalHold } from "../holds/legal-hold.type.js";
import { assertPerson, type Person, readPerson } from "../person.js";
import { keptData } from "./kept-data.js";
import type { DeclinePrivacyRequestInput, PersonInput, PrivacyRequestsArgs } from "./privacy-request.input.js";
import { PrivacyRequestFilter, PrivacyRequestOrder } from "./privacy-request.list.js";
import {
  accountDays,
  changePrivacyRequest,
  findPrivacyRequest,
  hasChangedAccount,
  insertPrivacyRequest,
  isBeingErased,
  lockPrivacyRequest,
  type NewPrivacyRequest,
  type PrivacyRequestRow,
} from "./privacy-request.store.js";
import { ErasedTable, ErasurePreview, type PrivacyRequest, toPrivacyRequest } from "./privacy-request.type.js";

/** Most legal holds that a preview shows as ended. */
const MAX_SHOWN_HOLDS = 20;

const maxReason = { reason: { max: 1000 } };

/** @throws NotFound, BadUserInput */
export async function readPrivacyRequest(ctx: Context, id: string): Promise<PrivacyRequest> {
  return toPrivacyRequest(await ctx.read((tx) => getPrivacyRequest(tx, decodeId("privacyRequest", id))));
}

/** Returns a page of the tenant's requests, newest first by default. @throws BadUserInput */
export const listPrivacyRequests = (ctx: Context, args: PrivacyRequestsArgs): Promise<Page<PrivacyRequest>> =>
  tablePage(ctx, {
    list: "privacyRequests",
    args,
    table: privacy.privacyRequests,
    where: PrivacyRequestFilter.toSql(args.filter),
    orderBy: PrivacyRequestOrder.resolve(args.orderBy, ["CREATED_AT", "DESC"]),
    toNode: toPrivacyRequest,
  });

/** @throws NotFound, BadUserInput */
export async function previewOf(ctx: Context, personId: string, kind: ErasureKind): Promise<ErasurePreview> {
  const person = readPerson(personId, "personId");
  const { preview, ended } = await ctx.read(async (tx) => {
    await assertPerson(tx, person);
    return withDeleted(tx, async () => ({
      preview: await previewErasure(tx, kind, person.id),
      ended: await findEndedHolds(tx, person.id, { days: shownDays, limit: MAX_SHOWN_HOLDS }),
    }));
  });
  return Object.assign(new ErasurePreview(), {
    isHeld: preview.isHeld,
    tables: preview.tables.map((table) => Object.assign(new ErasedTable(), table)),
    fileCount: preview.files,
    endedHolds: ended.map(toLegalHold),
    kept: keptData(kind),
  });
}

/** Starts an export of a person's data, which a worker writes. @throws BadUserInput, NotFound, Forbidden (a user with more rights), Conflict (idempotency key) */
export function exportPerson(ctx: Context, input: PersonInput): Promise<PrivacyRequest> {
  return create(ctx, "exportPerson", input, async (tx, row, person) => {
    // Their data is also what they alone can see.
    if (person.type === "user") await openUser(ctx, tx, person.id, { permission: "privacy.manage" });
    if (await isBeingErased(tx, person.id)) throw new Conflict("The person is being anonymized or erased, so there is nothing to export.");
    const { tenantId, userId } = ctx.viewer;
    const name = `${encodeId("privacyRequest", row.id)}.zip`;
    const file = await insertFile(tx, { tenantId, id: newId(), name, size: 0, declaredType: "application/zip", createdBy: userId });
    return { ...row, kind: "EXPORT", status: "APPROVED", fileId: file.id, dueAt: new Date().toISOString() };
  });
}

/**
 * Requests to anonymize or erase a person. A second person decides.
 * @throws BadUserInput, NotFound, Forbidden (the viewer has ended a hold), Conflict (a legal hold, an open request, idempotency key)
 */
export function requestErasure(ctx: Context, kind: ErasureKind, input: PersonInput): Promise<PrivacyRequest> {
  const mutation = kind === "ERASE" ? "erasePerson" : "anonymisePerson";
  return create(ctx, mutation, input, async (tx, row, person) => {
    await assertNotHeld(tx, person.id);
    await assertNoHoldEndedBy(tx, person.id, [ctx.viewer.userId]);
    return { ...row, kind };
  });
}

type NewRow = Omit<NewPrivacyRequest, "kind">;

async function create(
  ctx: Context,
  mutation: string,
  input: PersonInput,
  complete: (tx: Tx, row: NewRow, person: Person) => Promise<NewPrivacyRequest>,
): Promise<PrivacyRequest> {
  const person = readPerson(input.personId, "input.personId");
  assertText(input, maxReason);
  const { tenantId, userId, sessionId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation, input }, async () => {
      await assertPerson(tx, person);
      const values = {
        tenantId,
        id: newId(),
        personType: person.type,
        personId: person.id,
        reason: input.reason.trim(),
        requestedBy: userId,
        sessionId,
      };
      const created = await insertPrivacyRequest(tx, await complete(tx, values, person));
      await record(tx, ctx, "privacyRequest.create", { before: null, after: created });
      return created;
    });
    return getPrivacyRequest(tx, id);
  });
  await wakeWorkers(ctx.services);
  return toPrivacyRequest(row);
}

/**
 * Approves a request of somebody else. A user is disabled at once, and a worker erases the data.
 * @throws NotFound, Forbidden (one's own request, about oneself, or one of the two has ended a hold), Conflict (version, status, a legal hold, the last administrator)
 */
export async function approvePrivacyRequest(ctx: Context, input: VersionedIdInput): Promise<PrivacyRequest> {
  const { tenantId, userId } = ctx.viewer;
  const { row, endedIds } = await ctx.inTenant(async (tx) => {
    const before = await lockForDecision(tx, input, isRequested);
    assertSecondPerson(before, userId);
    await assertUnrelatedAccounts(tx, before.requestedBy, userId);
    await assertNotHeld(tx, before.personId);
    await assertNoHoldEndedBy(tx, before.personId, [before.requestedBy, userId]);
    const ended = before.personType === "user" ? await disable(ctx, tx, before.personId) : [];
    const after = await changePrivacyRequest(tx, before, "REQUESTED", {
      status: "APPROVED",
      decidedBy: userId,
      decidedAt: sql`now()`,
      dueAt: sql`now()`,
    });
    if (after === null) throw changedMeanwhile("privacyRequest", before.version);
    await record(tx, ctx, "privacyRequest.approve", { before, after });
    return { row: after, endedIds: ended };
  });
  if (row.personType === "user")
    await announceRevocations(ctx.services, [
      { tenantId, userId: row.personId },
      ...endedIds.map((sessionId) => ({ tenantId, sessionId })),
    ]);
  await wakeWorkers(ctx.services);
  return toPrivacyRequest(row);
}

/** @throws Forbidden */
function assertSecondPerson({ requestedBy, personId }: PrivacyRequestRow, userId: string): void {
  if (requestedBy === userId || personId === userId)
    throw new Forbidden("A second person must decide on the request: neither the user who requested it, nor the person whom it is about.");
}

/**
 * Somebody who has just created the second account, or changed how it logs in, could use both.
 * @throws Forbidden
 */
async function assertUnrelatedAccounts(tx: Tx, requestedBy: string, userId: string): Promise<void> {
  if (await hasChangedAccount(tx, requestedBy, userId))
    throw new Forbidden(
      `You, or the user who requested this, have created or changed the account of the other within the last ${accountDays} days. Ask another user with the permission privacy.manage.`,
    );
}

/** Ends the sessions and API keys of the user, who must not log in while the data is erased. Returns the IDs of those that ended. */
async function disable(ctx: Context, tx: Tx, id: string): Promise<readonly string[]> {
  const opened = await openUser(ctx, tx, id, { permission: "privacy.manage" });
  if (opened.before.status === "DISABLED") return [];
  return (await disableOpenUser(ctx, tx, opened, { action: "user.deactivate" })).endedIds;
}

/** @throws NotFound, BadUserInput, Forbidden (one's own request), Conflict */
export async function declinePrivacyRequest(ctx: Context, input: DeclinePrivacyRequestInput): Promise<PrivacyRequest> {
  assertText(input, maxReason);
  const { userId } = ctx.viewer;
  const change = {
    status: "DECLINED",
    decidedBy: userId,
    decidedAt: sql`now()`,
    message: null,
    decisionNote: input.reason.trim(),
    finishedAt: sql`now()`,
  };
  return close(ctx, input, change, (before) => {
    if (before.requestedBy === userId) throw new Forbidden("You requested this. Use withdrawPrivacyRequest.");
    assertSecondPerson(before, userId);
  });
}

/** @throws NotFound, Forbidden (a request of somebody else), Conflict */
export async function withdrawPrivacyRequest(ctx: Context, input: VersionedIdInput): Promise<PrivacyRequest> {
  return close(ctx, input, { status: "WITHDRAWN", finishedAt: sql`now()` }, (before) => {
    if (before.requestedBy !== ctx.viewer.userId)
      throw new Forbidden("Only the user who requested this can withdraw it. Use declinePrivacyRequest.");
  });
}

async function close(
  ctx: Context,
  input: VersionedIdInput,
  change: Parameters<typeof changePrivacyRequest>[3] & { readonly status: string },
  assertMay: (before: PrivacyRequestRow) => void,
): Promise<PrivacyRequest> {
  return ctx.inTenant(async (tx) => {
    const before = await lockForDecision(tx, input, isStoppable);
    assertMay(before);
    const after = await changePrivacyRequest(tx, before, before.status, { ...change, dueAt: null });
    if (after === null) throw changedMeanwhile("privacyRequest", before.version);
    const action = change.status === "DECLINED" ? "privacyRequest.decline" : "privacyRequest.withdraw";
    await record(tx, ctx, action, { before, after });
    return toPrivacyRequest(after);
  });
}

const isRequested = ({ status }: PrivacyRequestRow): boolean => status === "REQUESTED";
/** An approved erasure that a worker has not begun, for example because of a legal hold, can still be stopped. */
const isStoppable = (row: PrivacyRequestRow): boolean =>
  isRequested(row) || (row.status === "APPROVED" && row.kind !== "EXPORT" && row.receipt === null);

/** @throws NotFound, Conflict */
async function lockForDecision(
  tx: Tx,
  { id: given, expectedVersion }: VersionedIdInput,
  isOpen: (row: PrivacyRequestRow) => boolean,
): Promise<PrivacyRequestRow> {
  const id = decodeId("privacyRequest", given, "input.id");
  const row = await lockPrivacyRequest(tx, id);
  if (row === null) throw new NotFound("PrivacyRequest", given);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("privacyRequest", row.version);
  if (!isOpen(row)) throw new Conflict(`The request is ${row.status}.`, { currentState: row.status });
  return row;
}

/** @throws Conflict */
async function assertNotHeld(tx: Tx, personId: string): Promise<void> {
  await showDeleted(tx);
  if (await isHeld(tx, personId)) throw new Conflict("A legal hold covers the person. See legalHolds. End it first.");
}

/**
 * A hold must not be worth one person: whoever has ended it is not one of the two that the erasure needs. The transaction sees deleted requests.
 * @throws Forbidden
 */
async function assertNoHoldEndedBy(tx: Tx, personId: string, userIds: readonly string[]): Promise<void> {
  if ((await findEndersOfHolds(tx, personId, { userIds, days: accountDays })).size > 0)
    throw new Forbidden(
      `You, or the user who requested this, have ended a legal hold that covered the person within the last ${accountDays} days. Two other users with the permission privacy.manage are needed.`,
    );
}

/** @throws NotFound */
async function getPrivacyRequest(tx: Tx, id: string): Promise<PrivacyRequestRow> {
  const row = await findPrivacyRequest(tx, id);
  if (row === null) throw new NotFound("PrivacyRequest", encodeId("privacyRequest", id));
  return row;
}

interface Recorded {
  readonly before: PrivacyRequestRow | null;
  readonly after: PrivacyRequestRow;
}

const record = (tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> =>
  writeAudit(tx, ctx.meta, [{ action, entityType: "privacyRequest", entityId: after.id, before, after }]);
