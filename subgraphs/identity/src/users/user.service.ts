import { isDeepStrictEqual } from "node:util";
import { BadUserInput, Conflict, Forbidden, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { isErased } from "@weft/platform/erasure";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { wakeMailSender } from "@weft/platform/mail";
import { meterUsage } from "@weft/platform/usage";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { endApiKeysOfUser } from "../api-keys/end-api-keys.js";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { voidOneTimeTokens } from "../one-time-tokens/one-time-token.service.js";
import { announceRevocations } from "../revocations.js";
import { assertRolesFit } from "../rights/fitting-roles.js";
import { assertAdministratorLeft, assertMayGiveRoles, assertNotAbove, assertCurrentRights, lockRights } from "../rights/rights.service.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { findRoleIds, rolePathIn } from "../roles/named-roles.service.js";
import { endSessions } from "../sessions/logout.service.js";
import { isSameLoginName } from "../sessions/login-name.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { arePasswordsOfOthersTemporary, newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { assertBreakGlassUserLeft } from "./break-glass/exemption.service.js";
import { deleteUserRoles, findRoleIdsOfUser, insertUserRoles } from "./membership.store.js";
import { loginNameRows, seatsOf, userErrors } from "./creation/new-user.js";
import { belongingProblems, makeUser, readUserToMake } from "./creation/make-user.js";
import { kindChangeOf } from "./kind-change.js";
import { emailProblems, nameProblems, usernameProblems } from "./user-problems.js";
import { assertMayReaddress } from "./user-reach.service.js";
import {
  deleteLoginNamesOfUser,
  findVisibleUser,
  hasPassword,
  isLinkedToProvider,
  indexUser,
  insertLoginNames,
  lockUser,
  selectUserByEmail,
  selectUserById,
  updateUserRow,
} from "./user.store.js";
import type { UserRow } from "./user.store.js";
import type { CreateUserInput, UpdateUserInput } from "./user.type.js";

export { nearLogin } from "./user-search.store.js";

/** Returns a user who is known to exist, such as one just written or logged in. */
export async function findUserOfLogin(tx: Tx, id: string): Promise<UserRow> {
  const row = await selectUserById(tx, id);
  if (!row) throw new Error(`The user ${id} was written but cannot be read.`);
  return row;
}

/** Returns the viewer's own user, which is always visible. */
export function findViewerUser(ctx: Context): Promise<UserRow> {
  return ctx.read((tx) => findUserOfLogin(tx, ctx.viewer.userId));
}

export { deleteLoginNamesOfUser, updateUserRow, watchedUsers } from "./user.store.js";
export type { UserRow } from "./user.store.js";

/** Returns the user with this email address in the transaction's tenant, regardless of visibility. */
export async function findUserIdByEmail(tx: Tx, email: string): Promise<string | null> {
  const row = await selectUserByEmail(tx, email);
  return row?.id ?? null;
}

/** @throws BadUserInput, Forbidden (roles and teams that the viewer cannot assign, a password set by an API key), Conflict (idempotency key with another input) */
export async function createUser(ctx: Context, input: CreateUserInput): Promise<UserRow> {
  const { password, idempotencyKey, ...rest } = input;
  // The login would stay when the key is revoked.
  if (password && ctx.viewer.apiKey !== null) throw new Forbidden("API keys cannot set passwords. Invite the user with inviteUser.");
  const { user, problems } = readUserToMake(input);
  const { tenantId } = ctx.viewer;
  const all = [...problems, ...(password ? await passwordProblemsOf(ctx, input, password) : [])];
  if (all.length > 0) assertNone([...all, ...(await ctx.read((tx) => belongingProblems(tx, user.type, input)))]);
  // Before the transaction, because hashing takes longer than everything in it.
  const passwordHash = password ? await hashPassword(password, ctx.services.config.passwordCost, hashingTurnOf(ctx)) : null;
  const isPasswordTemporary = passwordHash !== null && (await arePasswordsOfOthersTemporary(ctx.services, { tenantId }));
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createUser", key: idempotencyKey, input: { ...rest } }, async () => {
      const row = await makeUser(ctx, tx, { ...user, passwordHash, isPasswordTemporary }, input);
      return { userId: row.id };
    });
    return findUserOfLogin(tx, result["userId"] ?? "");
  });
}

async function passwordProblemsOf(
  ctx: Context,
  { email, username, name }: Pick<CreateUserInput, "email" | "username" | "name">,
  password: string,
): Promise<Problem[]> {
  const { tenantId } = ctx.viewer;
  const tenant = await ctx.read((tx) => findWrittenTenant(tx, tenantId));
  const names = [email, username ?? "", name, tenant.name, tenant.slug];
  return newPasswordProblems(ctx.services, { tenantId }, { password, path: "input.password", names });
}

/**
 * Changes a user. With another email address, the user's other sessions and links to reset the password end, and the former address is told. With another
 * kind or vendor, all sessions and API keys of the user end.
 * @throws NotFound, BadUserInput, Forbidden, Conflict (version, or the last administrator)
 */
export async function updateUser(ctx: Context, input: UpdateUserInput): Promise<UserRow> {
  const id = decodeId("user", input.id, "input.id");
  const changes = changesOf(input);
  const updated = await ctx.inTenant(async (tx) => {
    const { before, roleIds } = await openUser(ctx, tx, id, input);
    const wanted = input.roleIds ? await findRoleIds(tx, { roleIds: input.roleIds }) : roleIds;
    const added = wanted.filter((roleId) => !roleIds.includes(roleId));
    const removed = roleIds.filter((roleId) => !wanted.includes(roleId));
    await assertMayGiveRoles(tx, ctx.viewer, added);
    const kind = await kindChangeOf(tx, ctx.viewer, before, input);
    const isOtherType = kind !== null && kind.type !== before.type;
    await assertRolesFit(tx, {
      type: kind?.type ?? before.type,
      roleIds: isOtherType ? wanted : added,
      ...(input.roleIds
        ? { pathOf: rolePathIn(input) }
        : { pathOf: () => "input.type", advice: "Pass the new roles as roleIds in the same call." }),
    });
    // With another kind, the same roles show more, or other things.
    if (kind) await assertMayGiveRoles(tx, ctx.viewer, wanted);
    // Erased users are disabled.
    if (before.status === "DISABLED") await assertNotErased(tx, before);
    const isReaddressed = isOtherEmail(before, changes);
    if (isReaddressed) await assertMayReaddress(tx, ctx.viewer, { user: before, roleIds: wanted });
    const raisesRights = kind !== null || added.length + removed.length > 0;
    // The database would reject added roles, but silently ignore removed ones.
    if (raisesRights && ctx.viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot change roles, including their own.");
    const after = await writeChanges(tx, before, { changes: { ...changes, ...kind }, raisesRights });
    await insertUserRoles(tx, { tenantId: ctx.viewer.tenantId, userId: id, roleIds: added });
    await deleteUserRoles(tx, { userId: id, roleIds: removed });
    if (kind || removed.length > 0) await assertAdministratorLeft(tx);
    await recordChange(ctx, tx, { action: "user.update", before, after, roleIds, wanted, raisesRights });
    const ended = isReaddressed ? [...(await leaveFormerAddress(ctx, tx, before))] : [];
    if (kind) {
      ended.push(...(await endApiKeysOfUser(tx, ctx.meta, id)));
      ended.push(...(await endSessions(ctx, tx, { userId: id }, "USER_TYPE_CHANGED")));
    }
    return { after, raisesRights, isReaddressed, ended };
  });
  const { tenantId } = ctx.viewer;
  await announceRevocations(ctx.services, [
    ...(updated.raisesRights ? [{ tenantId, userId: id }] : []),
    ...updated.ended.map((sessionId) => ({ tenantId, sessionId })),
  ]);
  if (updated.isReaddressed) wakeMailSender(ctx.services);
  return updated.after;
}

/**
 * Whoever receives email at an address controls the user's login, so a new address can be a takeover. The user finds out: by email at the former
 * address, and because the sessions end, except the one that made the change.
 */
async function leaveFormerAddress(ctx: Context, tx: Tx, before: UserRow): Promise<readonly string[]> {
  const { sessionId, userId } = ctx.viewer;
  await voidOneTimeTokens(tx, before.id, "PASSWORD_RESET");
  // Invited people have no login yet that somebody could take over.
  if (before.type !== "SERVICE" && before.status !== "INVITED")
    await mailSecurityNotice(ctx, tx, ctx.meta, before, { template: "emailChanged", by: before.id === userId ? "USER" : "ADMINISTRATOR" });
  return endSessions(ctx, tx, { userId: before.id, exceptId: sessionId }, "EMAIL_CHANGED");
}

/**
 * Disables a user and ends the user's sessions, API keys, and links. A user who is already disabled is not changed.
 * @throws NotFound, Forbidden, Conflict
 */
export function deactivateUser(ctx: Context, input: VersionedIdInput): Promise<UserRow> {
  const { expectedVersion = null } = input;
  return disableUser(ctx, {
    id: decodeId("user", input.id, "input.id"),
    action: "user.deactivate",
    permission: "user.update",
    expectedVersion,
  });
}

/**
 * Does the same as `deactivateUser`, with the user's UUID and the permission of another action. `only` restricts it to users with a status; others
 * are a Conflict.
 */
export async function disableUser(
  ctx: Context,
  {
    id,
    action,
    permission,
    only,
    expectedVersion,
  }: { id: string; action: string; permission: Permission; only?: "INVITED"; expectedVersion: number | null },
): Promise<UserRow> {
  const { tenantId } = ctx.viewer;
  const { after, endedIds } = await ctx.inTenant(async (tx) => {
    const opened = await openUser(ctx, tx, id, { permission, expectedVersion });
    const { before } = opened;
    if (before.status === "DISABLED") return { after: before, endedIds: [] };
    if (only !== undefined && before.status !== only) throw new Conflict(`The user is ${before.status}.`, { currentState: before.status });
    return disableOpenUser(ctx, tx, opened, { action });
  });
  await announceRevocations(ctx.services, [{ tenantId, userId: id }, ...endedIds.map((sessionId) => ({ tenantId, sessionId }))]);
  return after;
}

/** A changed user, and the sessions and API keys that ended, which the caller announces after the commit. */
export interface ChangedUser {
  readonly after: UserRow;
  readonly endedIds: readonly string[];
  /** Whether the email address is another one. The caller wakes the sender of the notice about it. */
  readonly isReaddressed?: boolean | undefined;
}

/** Disables a user returned by `openUser`. @throws Conflict if no administrator would be left */
export async function disableOpenUser(
  ctx: Context,
  tx: Tx,
  { before, roleIds }: OpenUser,
  { action, changes = {} }: { readonly action: string; readonly changes?: UserChanges },
): Promise<ChangedUser> {
  await voidOneTimeTokens(tx, before.id);
  const after = await writeChanges(tx, before, { changes: { ...changes, status: "DISABLED" }, raisesRights: true });
  await assertAdministratorLeft(tx);
  if (before.isBreakGlass) await assertBreakGlassUserLeft(tx, ctx.viewer.tenantId);
  await recordChange(ctx, tx, { action, before, after, roleIds, wanted: roleIds, raisesRights: true });
  const keyIds = await endApiKeysOfUser(tx, ctx.meta, before.id);
  return { after, endedIds: [...keyIds, ...(await endSessions(ctx, tx, { userId: before.id }, "USER_DISABLED"))] };
}

/**
 * Reactivates a user. Ended sessions remain ended, so the user must log in again.
 * @throws NotFound, Forbidden (a user with more rights), Conflict (version, an erased user)
 */
export async function reactivateUser(ctx: Context, input: VersionedIdInput): Promise<UserRow> {
  const id = decodeId("user", input.id, "input.id");
  const { after, isChanged } = await ctx.inTenant(async (tx) => {
    const opened = await openUser(ctx, tx, id, input);
    if (opened.before.status !== "DISABLED") return { after: opened.before, isChanged: false };
    return { after: await reactivateOpenUser(ctx, tx, opened), isChanged: true };
  });
  if (isChanged) await announceRevocations(ctx.services, [{ tenantId: ctx.viewer.tenantId, userId: id }]);
  return after;
}

/** @throws Conflict if the user is being erased, or was */
async function assertNotErased(tx: Tx, { id }: Pick<UserRow, "id">): Promise<void> {
  if (await isErased(tx, id)) throw new Conflict("The user was anonymized or erased. Create a new user with createUser.");
}

/** Reactivates a disabled user returned by `openUser`. @throws Conflict if the user is being erased, or was */
export async function reactivateOpenUser(ctx: Context, tx: Tx, { before, roleIds }: OpenUser): Promise<UserRow> {
  await assertNotErased(tx, before);
  const canLogIn = before.type === "SERVICE" || (await hasPassword(tx, before.id)) || (await isLinkedToProvider(tx, before.id));
  const status = canLogIn ? "ACTIVE" : "INVITED";
  const after = await writeChanges(tx, before, { changes: { status, deprovisionedAt: null }, raisesRights: true });
  await recordChange(ctx, tx, { action: "user.reactivate", before, after, roleIds, wanted: roleIds, raisesRights: true });
  return after;
}

/**
 * Changes a user returned by `openUser`, except for the status and the roles. With another email address, the user's sessions and links to reset the
 * password end, and the former address is told.
 * @param holder whose rights limit which users can get another email address
 * @throws BadUserInput, Forbidden, Conflict if the user is being erased, or was
 */
export async function changeOpenUser(
  ctx: Context,
  tx: Tx,
  { before, roleIds }: OpenUser,
  { changes, holder }: { readonly changes: UserChanges; readonly holder: Viewer },
): Promise<ChangedUser> {
  if (before.status === "DISABLED") await assertNotErased(tx, before);
  const isReaddressed = isOtherEmail(before, changes);
  if (isReaddressed) await assertMayReaddress(tx, holder, { user: before, roleIds });
  const after = await writeChanges(tx, before, { changes, raisesRights: false });
  await recordChange(ctx, tx, { action: "user.update", before, after, roleIds, wanted: roleIds, raisesRights: false });
  return { after, endedIds: isReaddressed ? await leaveFormerAddress(ctx, tx, before) : [], isReaddressed };
}

export interface OpenUser {
  readonly before: UserRow;
  readonly roleIds: string[];
}

/**
 * Returns the locked user, if the viewer can change it and has seen its current version.
 * @param holder whose rights the user must not exceed. Default: the viewer
 */
export async function openUser(
  ctx: Context,
  tx: Tx,
  id: string,
  {
    expectedVersion,
    permission = "user.update",
    holder = ctx.viewer,
  }: { expectedVersion?: number | null; permission?: Permission; holder?: Viewer },
): Promise<OpenUser> {
  const visible = await findVisibleUser(tx, ctx.viewer, id, permission);
  if (!visible) throw new NotFound("User", encodeId("user", id));
  if (visible.type === "OPERATOR")
    throw new Forbidden(
      "This user stands for a platform operator: what an operator may is fixed. End the session with endOperatorSession.",
    );
  // Always locked before the user's own row, so that concurrent changes of rights cannot deadlock.
  await lockRights(tx, ctx.viewer.tenantId);
  await assertCurrentRights(tx, ctx.viewer);
  const before = (await lockUser(tx, id)) ?? visible;
  const roleIds = await findRoleIdsOfUser(tx, id);
  await assertNotAbove(tx, holder, { userId: id, roleIds });
  if (typeof expectedVersion === "number" && expectedVersion !== before.version) {
    throw new Conflict(`The user has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
  }
  return { before, roleIds };
}

const recorded = [
  "email",
  "username",
  "name",
  "type",
  "vendorId",
  "status",
  "isBreakGlass",
  "title",
  "phone",
  "locale",
  "timeZone",
  "externalId",
  "givenName",
  "familyName",
  "providerEmails",
  "providerPhones",
] as const satisfies readonly (keyof UserRow)[];

export type UserChanges = Partial<Pick<UserRow, (typeof recorded)[number] | "deprovisionedAt" | "emailVerifiedAt">> & {
  /** PHC string. Null removes the password. */
  readonly passwordHash?: string | null;
};

function changesOf(input: UpdateUserInput): UserChanges {
  const changes: UserChanges = {};
  if (typeof input.email === "string") changes.email = input.email.normalize("NFKC").trim();
  if (typeof input.username === "string") changes.username = input.username.normalize("NFKC").trim();
  if (typeof input.name === "string") changes.name = input.name.trim();
  assertNone([
    ...(changes.email === undefined ? [] : emailProblems(changes.email)),
    ...(changes.username === undefined ? [] : usernameProblems(changes.username)),
    ...(changes.name === undefined ? [] : nameProblems(changes.name)),
  ]);
  return changes;
}

const isOtherEmail = (before: UserRow, { email = before.email }: UserChanges): boolean => !isSameLoginName(email, before.email);

/** Writes a change of a locked user, including login names and search terms. */
export async function writeChanges(
  tx: Tx,
  before: UserRow,
  { changes, raisesRights }: { changes: UserChanges; raisesRights: boolean },
): Promise<UserRow> {
  const { email = before.email, username = before.username } = changes;
  try {
    const isReaddressed = isOtherEmail(before, changes);
    const after = await updateUserRow(tx, {
      id: before.id,
      changes: isReaddressed ? { ...changes, emailVerifiedAt: null } : changes,
      raisesRights,
    });
    const isRenamed = isReaddressed || !isSameLoginName(username, before.username);
    if (isRenamed) {
      await deleteLoginNamesOfUser(tx, before);
      await insertLoginNames(tx, loginNameRows(after));
    }
    if (isRenamed || after.name !== before.name || after.vendorId !== before.vendorId) await indexUser(tx, before.id);
    return after;
  } catch (error) {
    throw userErrors(error, { email, username, externalId: changes.externalId ?? null });
  }
}

export interface UserChange {
  readonly action: string;
  readonly before: UserRow;
  readonly after: UserRow;
  readonly roleIds: readonly string[];
  readonly wanted: readonly string[];
  readonly raisesRights: boolean;
}

/** Writes the audit entry and the events, and updates the usage of the plan. */
export async function recordChange(
  ctx: Pick<Context, "meta">,
  tx: Tx,
  { action, before, after, roleIds, wanted, raisesRights }: UserChange,
): Promise<void> {
  const changed: string[] = recorded.filter((column) => !isDeepStrictEqual(before[column], after[column]));
  await writeAudit(tx, ctx.meta, [
    {
      action,
      entityType: "user",
      entityId: after.id,
      before: { ...before, roleIds: [...roleIds] },
      after: { ...after, roleIds: [...wanted] },
    },
  ]);
  const about = { subjectId: after.id, subjectVersion: after.version };
  await appendEvents(tx, ctx.meta, [
    { type: "user.updated", ...about, payload: { changed: raisesRights ? [...changed, "rights"] : changed } },
    ...(raisesRights ? [{ type: "rights.changed" as const, ...about, payload: { userId: after.id } }] : []),
  ]);
  await meterUsage(tx, ctx.meta, [{ limit: "users", amount: seatsOf(after) - seatsOf(before) }]);
}

function assertNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BadUserInput(problems);
}
