import { BadUserInput, Conflict, Forbidden, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { announceRevocations } from "../revocations.js";
import { without } from "../rights/grant.js";
import { grantsOfInput } from "../rights/grant-input.js";
import {
  assertAdministratorLeft,
  assertMayChangeRole,
  assertMayGrant,
  assertNotBelowHolders,
  assertCurrentRights,
  findGrantsOfRoles,
  lockRights,
  raiseRightsVersion,
} from "../rights/rights.service.js";
import { descriptionProblems, keyProblems, nameProblems, namingChanges } from "../users/user-problems.js";
import { assertPermissionsExist } from "./custom-permissions/custom-permission.service.js";
import { setParents } from "./hierarchy/hierarchy.service.js";
import { findKeysOfChildren } from "./hierarchy/hierarchy.store.js";
import { findParentIds } from "./named-roles.service.js";
import type { SetRolePermissionsInput } from "./role.input.js";
import {
  deleteGrants,
  deleteRoleRow,
  findRolesByIds,
  findUserIdsOfRole,
  findUserIdsUnderRole,
  insertGrants,
  insertRoles,
  limitLogins,
  lockRole,
  selectRoles,
  touchRole,
} from "./role.store.js";
import type { RoleRow } from "./role.store.js";
import type { CreateRoleInput, UpdateRoleInput } from "./role.type.js";

/** Returns the IDs of all roles of the tenant, by key. */
export async function findAllRoleIds(tx: Tx): Promise<Record<string, string>> {
  const rows = await selectRoles(tx, undefined);
  return Object.fromEntries(rows.map((role) => [role.key, role.id]));
}

/** @throws BadUserInput, Forbidden (grants and parents that the viewer cannot assign), Conflict (idempotency key with another input) */
export async function createRole(ctx: Context, input: CreateRoleInput): Promise<RoleRow> {
  const { idempotencyKey, ...rest } = input;
  const { grants, problems } = grantsOfInput(input.permissions, "input.permissions");
  const all = [
    ...keyProblems(input.key),
    ...nameProblems(input.name),
    ...descriptionProblems(input.description),
    ...maxSessionsProblems(input.maxSessions),
    ...problems,
  ];
  if (all.length > 0) throw new BadUserInput(all);
  return ctx.inTenant(async (tx) => {
    const inherits = (input.parentIds ?? []).length + (input.parentKeys ?? []).length > 0;
    if (inherits) await lockRights(tx, ctx.viewer.tenantId);
    await assertCurrentRights(tx, ctx.viewer);
    await assertPermissionsExist(tx, grants, "input.permissions");
    assertMayGrant(ctx.viewer, grants);
    const { result } = await once(tx, ctx.meta, { mutation: "createRole", key: idempotencyKey, input: { ...rest } }, async () => {
      const parentIds = (await findParentIds(tx, input)) ?? [];
      const row = await writeNewRole(tx, ctx, input);
      await setParents(ctx, tx, { roleId: row.id, parentIds });
      await insertGrants(
        tx,
        grants.map((grant) => ({ tenantId: row.tenantId, roleId: row.id, ...grant })),
      );
      await writeAudit(tx, ctx.meta, [
        { action: "role.create", entityType: "role", entityId: row.id, before: null, after: { ...row, permissions: grants, parentIds } },
      ]);
      await appendEvents(tx, ctx.meta, [
        { type: "role.created", subjectId: row.id, subjectVersion: row.version, payload: { key: row.key } },
      ]);
      return { roleId: row.id };
    });
    const id = result["roleId"] ?? "";
    return found((await findRolesByIds(tx, [id])).get(id), id);
  });
}

/** Returns what is wrong with a limit of sessions. */
const maxSessionsProblems = (maxSessions: number | null | undefined): Problem[] =>
  typeof maxSessions === "number" && (maxSessions < 1 || maxSessions > 1000)
    ? [{ path: "input.maxSessions", message: `${maxSessions} is not a number of sessions from 1 to 1000.` }]
    : [];

async function writeNewRole(tx: Tx, ctx: Context, input: CreateRoleInput): Promise<RoleRow> {
  const { key, name, description, requiresSecondFactor, maxSessions = null, sessionLimitReached = null } = input;
  const id = newId();
  const row = {
    tenantId: ctx.viewer.tenantId,
    id,
    key,
    name: name.trim(),
    description,
    requiresSecondFactor: requiresSecondFactor ?? false,
    maxSessions,
    sessionLimitReached,
  };
  const rows = await insertRoles(tx, [row]).catch((error: unknown) => {
    throw mapDatabaseError(error, {
      roles_key_key: () => new BadUserInput([{ path: "input.key", message: `The role ${quote(key)} already exists.` }]),
    });
  });
  return found(rows[0], id);
}

/**
 * Updates the name, the description and the parents of a role. The key cannot be changed, because definitions refer to roles by key.
 * @throws NotFound, BadUserInput, Forbidden (parents that the viewer cannot assign; how users with more rights log in), Conflict
 */
export async function updateRole(ctx: Context, input: UpdateRoleInput): Promise<RoleRow> {
  const id = decodeId("role", input.id, "input.id");
  const problems = maxSessionsProblems(input.maxSessions);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { maxSessions, sessionLimitReached } = input;
  const ofSessions = {
    ...(maxSessions !== undefined && { maxSessions }),
    ...(sessionLimitReached !== undefined && { sessionLimitReached }),
  };
  const changes = {
    ...namingChanges(input),
    ...ofSessions,
    ...(typeof input.requiresSecondFactor === "boolean" && { requiresSecondFactor: input.requiresSecondFactor }),
  };
  const { tenantId } = ctx.viewer;
  const { role, userIds } = await ctx.inTenant(async (tx) => {
    const parentIds = await findParentIds(tx, input);
    // Nobody can lift the requirement of a second factor, or a limit of sessions, from a role with more rights than their own, nor from its holders,
    // who can have more rights than the role.
    const concernsLogins = changes.requiresSecondFactor !== undefined || Object.keys(ofSessions).length > 0;
    const concernsRights = parentIds !== null || concernsLogins;
    if (concernsRights) {
      await lockRights(tx, tenantId);
      await assertCurrentRights(tx, ctx.viewer);
    }
    const before = await openRole(tx, id, input);
    if (concernsRights) await assertMayChangeRole(tx, ctx.viewer, id);
    const parentsBefore = parentIds ? await setParents(ctx, tx, { roleId: id, parentIds }) : [];
    const isReparented = parentIds !== null && !isSameSet(parentIds, parentsBefore);
    const changedParents = isReparented
      ? [...parentIds, ...parentsBefore].filter((parent, _, all) => all.indexOf(parent) === all.lastIndexOf(parent))
      : [];
    if (concernsLogins || (await limitLogins(tx, changedParents))) await assertNotBelowHolders(tx, ctx.viewer, id);
    const after = await touchRole(tx, id, changes);
    const concerned = isReparented ? await findUserIdsUnderRole(tx, id) : [];
    await raiseRightsVersion(tx, concerned);
    const changed = (["name", "description", "requiresSecondFactor", "maxSessions", "sessionLimitReached"] as const).filter(
      (column) => before[column] !== after[column],
    ) as string[];
    await writeAudit(tx, ctx.meta, [
      {
        action: "role.update",
        entityType: "role",
        entityId: id,
        before: { ...before, ...(isReparented && { parentIds: parentsBefore }) },
        after: { ...after, ...(isReparented && { parentIds }) },
      },
    ]);
    await appendEvents(tx, ctx.meta, [
      {
        type: "role.changed",
        subjectId: id,
        subjectVersion: after.version,
        payload: { key: after.key, changed: isReparented ? [...changed, "parents"] : changed },
      },
    ]);
    return { role: after, userIds: concerned };
  });
  await announceRevocations(
    ctx.services,
    userIds.map((userId) => ({ tenantId, userId })),
  );
  return role;
}

const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/**
 * @returns the UUID of the deleted role
 * @throws NotFound, Conflict (version; a built-in role; a user has it, or a role inherits from it)
 */
export async function deleteRole(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("role", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await lockRights(tx, ctx.viewer.tenantId);
    // A concurrent assignment of the role waits for the lock of its row and finds it deleted.
    const before = await openRole(tx, id, input);
    if (before.isBuiltIn)
      throw new Conflict(`The role ${quote(before.key)} is built in and cannot be deleted. Remove its permissions instead.`);
    const holders = await findUserIdsOfRole(tx, id);
    if (holders.length > 0) {
      const who = holders.length === 1 ? "1 user has" : `${holders.length} users have`;
      throw new Conflict(`${who} the role ${quote(before.key)}. Remove it from them first.`);
    }
    const [heir, ...more] = await findKeysOfChildren(tx, id);
    if (heir !== undefined) {
      const who = more.length === 0 ? `The role ${quote(heir)} inherits` : `${more.length + 1} roles inherit`;
      throw new Conflict(`${who} from the role ${quote(before.key)}. Remove it from their parents first.`);
    }
    const permissions = (await findGrantsOfRoles(tx, [id])).get(id) ?? [];
    await deleteRoleRow(tx, id);
    await writeAudit(tx, ctx.meta, [
      { action: "role.delete", entityType: "role", entityId: id, before: { ...before, permissions }, after: null },
    ]);
    await appendEvents(tx, ctx.meta, [
      { type: "role.deleted", subjectId: id, subjectVersion: before.version + 1, payload: { key: before.key } },
    ]);
    return id;
  });
}

/** Returns the locked role, if the viewer has seen its current version. */
async function openRole(tx: Tx, id: string, { expectedVersion }: { expectedVersion?: number | null }): Promise<RoleRow> {
  const before = found(await lockRole(tx, id), id);
  if (typeof expectedVersion === "number" && expectedVersion !== before.version) {
    throw new Conflict(`The role has version ${before.version}, not ${expectedVersion}.`, { currentVersion: before.version });
  }
  return before;
}

/**
 * Replaces the grants of a role.
 * @throws NotFound, BadUserInput, Forbidden (added grants that the viewer lacks), Conflict
 */
export async function setRolePermissions(ctx: Context, input: SetRolePermissionsInput): Promise<RoleRow> {
  const id = decodeId("role", input.roleId, "input.roleId");
  const { grants, problems } = grantsOfInput(input.permissions, "input.permissions");
  if (problems.length > 0) throw new BadUserInput(problems);
  // The database would silently leave the role unchanged and would not find an administrator.
  if (ctx.viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot change roles.");
  const { tenantId } = ctx.viewer;
  const { role, userIds } = await ctx.inTenant(async (tx) => {
    await lockRights(tx, tenantId);
    await assertCurrentRights(tx, ctx.viewer);
    const before = await openRole(tx, id, input);
    await assertPermissionsExist(tx, grants, "input.permissions");
    const held = (await findGrantsOfRoles(tx, [id])).get(id) ?? [];
    await assertMayChangeRole(tx, ctx.viewer, id);
    assertMayGrant(ctx.viewer, grants);
    await deleteGrants(tx, id);
    await insertGrants(
      tx,
      grants.map((grant) => ({ tenantId, roleId: id, ...grant })),
    );
    if (without(held, grants).length > 0) await assertAdministratorLeft(tx);
    const after = await touchRole(tx, id);
    const concerned = await findUserIdsUnderRole(tx, id);
    await raiseRightsVersion(tx, concerned);
    await writeAudit(tx, ctx.meta, [
      {
        action: "role.setPermissions",
        entityType: "role",
        entityId: id,
        before: { ...before, permissions: held },
        after: { ...after, permissions: grants },
      },
    ]);
    await appendEvents(tx, ctx.meta, [
      { type: "role.changed", subjectId: id, subjectVersion: after.version, payload: { key: after.key, changed: ["permissions"] } },
    ]);
    return { role: after, userIds: concerned };
  });
  await announceRevocations(
    ctx.services,
    userIds.map((userId) => ({ tenantId, userId })),
  );
  return role;
}

function found(row: RoleRow | null | undefined, id: string): RoleRow {
  if (!row) throw new NotFound("Role", encodeId("role", id));
  return row;
}
