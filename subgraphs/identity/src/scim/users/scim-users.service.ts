import { identity } from "@weft/drizzle";
import { NotFound } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { wakeMailSender } from "@weft/platform/mail";
import { lockRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { announceRevocations } from "../../revocations.js";
import { isSameLoginName } from "../../sessions/login-name.js";
import { removeWaysIn } from "../../single-sign-on/ways-in.js";
import { makeUser } from "../../users/creation/make-user.js";
import { forgetOwner } from "../../users/known-user.service.js";
import { changeOpenUser, disableOpenUser, nearLogin, openUser, reactivateOpenUser } from "../../users/user.service.js";
import type { ChangedUser, OpenUser, UserRow } from "../../users/user.service.js";
import type { FilterColumns, ListColumn, Parts } from "../filter/filter-sql.js";
import { filterSql } from "../filter/filter-sql.js";
import { parseFilter } from "../filter/parse-filter.js";
import { holderOf } from "../holder.js";
import { listBody, pagingOf } from "../protocol/paging.js";
import { applyPatch } from "../protocol/patch.js";
import { assertMatches, etagOf } from "../protocol/preconditions.js";
import { project, projectionOf } from "../protocol/project.js";
import { readResource } from "../protocol/read-resource.js";
import { userSchema } from "../protocol/schemas.js";
import { notFound, ScimRefusal } from "../protocol/scim-refusal.js";
import type { ScimRead, ScimResult, ScimWrite } from "../request.js";
import { baseUrlOf } from "../request.js";
import {
  countProvisionableUsers,
  findDeprovisionedUser,
  isProvisionableUser,
  selectProvisionableUsers,
  transactionTime,
} from "../scim.store.js";
import { changedFieldsOf, changesOf, fieldsOf, patchableContent, userContent, userResource } from "./user-resource.js";
import type { Edited, UserFields } from "./user-resource.js";

const { users } = identity;

const uuidOf = (text: string): string | null => {
  const parsed = parseAnyId(text);
  return parsed?.type === "user" ? parsed.uuid : null;
};

type Column = Parameters<typeof eq>[0];

const text = (column: Column, near?: (value: string) => SQL | undefined) => ({ kind: "text", column: sql`${column}`, near }) as const;
const constant = (value: string) => ({ kind: "text", column: sql`${value}::text` }) as const;

/** Condition on one of the email addresses, or of the phone numbers. The one without a value is that of the user's own column. */
const contacts = (own: Column, stored: Column, near?: (value: string) => SQL | undefined) =>
  ({
    kind: "list",
    some: (condition) => {
      const usual: Parts = { value: text(own, near), type: constant("work"), primary: { kind: "boolean", column: sql`true` } };
      const value = sql`coalesce(item.value, ${own})`;
      const parts: Parts = {
        value: { kind: "text", column: value },
        type: { kind: "text", column: sql`item.type` },
        primary: { kind: "boolean", column: sql`coalesce(item."primary", false)` },
      };
      const items = sql`jsonb_to_recordset(${stored}) as item (value text, type text, "primary" boolean)`;
      return sql`((${stored} is null and ${own} is not null and ${condition(usual)}) or (${stored} is not null
        and exists (select from ${items} where ${value} is not null and ${condition(parts)})))`;
    },
  }) as const satisfies ListColumn;

const columns: FilterColumns = {
  schema: userSchema.id.toLowerCase(),
  columns: {
    id: { kind: "id", column: sql`${users.id}`, uuidOf },
    externalid: { kind: "exact", column: sql`${users.externalId}` },
    username: text(users.username, nearLogin),
    displayname: text(users.name),
    "name.formatted": text(users.name),
    "name.givenname": text(users.givenName),
    "name.familyname": text(users.familyName),
    emails: contacts(users.email, users.providerEmails, nearLogin),
    phonenumbers: contacts(users.phone, users.providerPhones),
    title: text(users.title),
    active: { kind: "boolean", column: sql`(${users.status} <> 'DISABLED')` },
    "meta.created": { kind: "time", column: sql`${users.createdAt}` },
    "meta.lastmodified": { kind: "time", column: sql`${users.updatedAt}` },
  },
};

/** Returns a page of the users. Two statements, however many there are. @throws ScimRefusal */
export function listScimUsers(ctx: Context, read: ScimRead): Promise<ScimResult> {
  const paging = pagingOf(read);
  const where = read.filter ? filterSql(parseFilter(read.filter), columns) : undefined;
  return ctx.read(async (tx) => {
    const total = await countProvisionableUsers(tx, where);
    const { startIndex, count } = paging;
    const rows = count === 0 ? [] : await selectProvisionableUsers(tx, where, { offset: startIndex - 1, limit: count });
    const projection = projectionOf(read);
    const resources = rows.map((row) => project(userResource(row, baseUrlOf(ctx)), projection));
    return { status: 200, body: listBody(resources, { startIndex, total }) };
  });
}

/** @throws ScimRefusal (404) */
export async function readScimUser(ctx: Context, read: ScimRead): Promise<ScimResult> {
  const uuid = uuidOf(read.id);
  const [row] = uuid === null ? [] : await ctx.read((tx) => selectProvisionableUsers(tx, eq(users.id, uuid), { offset: 0, limit: 1 }));
  if (!row) throw notFound(`Users/${read.id}`);
  return answer(ctx, row, { status: 200, selection: read });
}

/**
 * Creates a user without a password and without an email to the user, who logs in with single sign-on. A user whom SCIM deleted comes back instead of
 * getting a twin, if the external ID and a name are the same.
 * @throws ScimRefusal, BadUserInput, Forbidden, LimitExceeded
 */
export async function createScimUser(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  const resource = readResource(userSchema, write.body);
  const fields = fieldsOf(resource);
  const isActive = resource["active"] !== false;
  const holder = await holderOf(ctx);
  const changed = await ctx.inTenant(async (tx): Promise<ChangedUser> => {
    // Of two requests with the same names, the second sees the user of the first.
    await lockRights(tx, ctx.viewer.tenantId);
    const former = await findDeprovisionedUser(tx, fields);
    if (former) return restore(ctx, tx, former, { fields, isActive, holder });
    const names = { ...fields, type: "EMPLOYEE", vendorId: null, passwordHash: null } as const;
    const created = await makeUser(ctx, tx, names, {});
    if (isActive) return { after: created, endedIds: [] };
    return disableOpenUser(ctx, tx, { before: created, roleIds: [] }, { action: "user.deactivate" });
  });
  await announce(ctx, changed);
  return answer(ctx, changed.after, { status: 201, selection: write });
}

interface Wanted {
  readonly fields: UserFields;
  readonly isActive: boolean;
  readonly holder: Viewer;
}

/**
 * The user comes back with the roles and teams of before, so the provider must know them as the same person. Names, and IDs that are made of names, are given
 * to other people. Therefore the former logins do not come back: the user is invited again, and the next login with the provider links their account.
 */
async function restore(ctx: Context, tx: Tx, former: UserRow, { fields, isActive, holder }: Wanted): Promise<ChangedUser> {
  assertSamePerson(former, fields);
  const opened = await openUser(ctx, tx, former.id, { permission: "user.provision", holder });
  const changes = { ...changesOf(opened.before, fields), deprovisionedAt: null };
  const { after, endedIds, isReaddressed } = await changeOpenUser(ctx, tx, opened, { changes, holder });
  const forgotten = await removeWaysIn(tx, ctx.meta, after, { reason: "USER_DISABLED", forget: forgetOwner });
  return {
    after: isActive ? await reactivateOpenUser(ctx, tx, { ...opened, before: forgotten.after }) : forgotten.after,
    endedIds: [...endedIds, ...forgotten.endedIds],
    isReaddressed,
  };
}

/** @throws ScimRefusal (uniqueness) if the deleted user has another external ID or none, or if none of the names is the same */
function assertSamePerson(former: UserRow, { externalId, username, email }: UserFields): void {
  const isSameId = externalId !== null && former.externalId === externalId;
  if (isSameId && (isSameLoginName(former.username, username) || isSameLoginName(former.email, email))) return;
  throw new ScimRefusal(
    409,
    isSameId
      ? "The externalId belongs to a deleted user with other names. If it is the same person, reactivate the user in Weft. Otherwise send another externalId."
      : "The name belongs to a deleted user with another externalId, or with none. If it is the same person, reactivate the user in Weft. Otherwise rename the deleted one there.",
    "uniqueness",
  );
}

/** @throws ScimRefusal, BadUserInput, Forbidden, Conflict */
export function replaceScimUser(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  const resource = readResource(userSchema, write.body);
  fieldsOf(resource);
  return changeScimUser(ctx, write, (row) => ({ from: userContent(row), to: resource, isPartial: false }));
}

/** @throws ScimRefusal, BadUserInput, Forbidden, Conflict */
export function patchScimUser(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  return changeScimUser(ctx, write, (row) => {
    const from = patchableContent(row);
    return { from, to: applyPatch(userSchema, from, write.body), isPartial: true };
  });
}

async function changeScimUser(ctx: Context, write: ScimWrite, edit: (row: UserRow) => Edited): Promise<ScimResult> {
  const holder = await holderOf(ctx);
  const { isChanged, ...changed } = await ctx.inTenant(async (tx) => {
    const opened = await openScimUser(ctx, tx, write, holder);
    const edited = edit(opened.before);
    const named = await changeFields(ctx, tx, opened, { edited, holder });
    const isActive = edited.to["active"] ?? opened.before.status !== "DISABLED";
    const switched = await changeStatus(ctx, tx, { ...opened, before: named.after }, isActive === true);
    return {
      after: switched.after,
      endedIds: [...named.endedIds, ...switched.endedIds],
      isReaddressed: named.isReaddressed,
      isChanged: switched.after.version !== opened.before.version,
    };
  });
  if (isChanged) await announce(ctx, changed);
  return answer(ctx, changed.after, { status: 200, selection: write });
}

/** Disables the user, who is no longer found. Nothing of the user's history is deleted. @throws ScimRefusal, Forbidden, Conflict */
export async function deleteScimUser(ctx: Context, write: ScimWrite): Promise<ScimResult> {
  const holder = await holderOf(ctx);
  const changed = await ctx.inTenant(async (tx) => {
    const opened = await openScimUser(ctx, tx, write, holder);
    return disableOpenUser(ctx, tx, opened, { action: "user.deactivate", changes: { deprovisionedAt: await transactionTime(tx) } });
  });
  await announce(ctx, changed);
  return { status: 204, body: null };
}

/** Returns the locked user, if SCIM sees it and the version is the expected one. @throws ScimRefusal, Forbidden */
async function openScimUser(ctx: Context, tx: Tx, { id, ifMatch }: ScimWrite, holder: Viewer): Promise<OpenUser> {
  const uuid = uuidOf(id);
  if (uuid === null) throw notFound(`Users/${id}`);
  // Before the user is opened, so that what SCIM does not see is not found, whatever rights it has.
  const [seen] = await selectProvisionableUsers(tx, eq(users.id, uuid), { offset: 0, limit: 1 });
  if (!seen) throw notFound(`Users/${id}`);
  const opened = await openUser(ctx, tx, uuid, { permission: "user.provision", holder }).catch((error: unknown) => {
    throw error instanceof NotFound ? notFound(`Users/${id}`) : error;
  });
  if (!isProvisionableUser(opened.before)) throw notFound(`Users/${id}`);
  assertMatches(ifMatch, opened.before.version);
  return opened;
}

async function changeFields(
  ctx: Context,
  tx: Tx,
  opened: OpenUser,
  { edited, holder }: { readonly edited: Edited; readonly holder: Viewer },
): Promise<ChangedUser> {
  const changes = changedFieldsOf(opened.before, edited);
  if (Object.keys(changes).length === 0) return { after: opened.before, endedIds: [] };
  return changeOpenUser(ctx, tx, opened, { changes, holder });
}

async function changeStatus(ctx: Context, tx: Tx, opened: OpenUser, isActive: boolean): Promise<ChangedUser> {
  const { before } = opened;
  if (isActive === (before.status !== "DISABLED")) return { after: before, endedIds: [] };
  if (isActive) return { after: await reactivateOpenUser(ctx, tx, opened), endedIds: [] };
  return disableOpenUser(ctx, tx, opened, { action: "user.deactivate" });
}

/** Tells the gateways, and the sender of emails if the former address must be told. */
async function announce(ctx: Context, { after: { id, tenantId }, endedIds, isReaddressed = false }: ChangedUser): Promise<void> {
  await announceRevocations(ctx.services, [{ tenantId, userId: id }, ...endedIds.map((sessionId) => ({ tenantId, sessionId }))]);
  if (isReaddressed) wakeMailSender(ctx.services);
}

function answer(
  ctx: Context,
  row: UserRow,
  { status, selection }: { readonly status: number; readonly selection: ScimRead | ScimWrite },
): ScimResult {
  const resource = userResource(row, baseUrlOf(ctx));
  const location = `${baseUrlOf(ctx)}/Users/${encodeId("user", row.id)}`;
  return { status, body: project(resource, projectionOf(selection)), etag: etagOf(row.version), location };
}
