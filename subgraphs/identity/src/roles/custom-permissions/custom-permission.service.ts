import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { type CatalogPermission, customerPermissions, hasPermission, isCustomPermission, permissionCatalog } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { mapDatabaseError, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { announceRevocations } from "../../revocations.js";
import type { Grant } from "../../rights/grant.js";
import { findGrantsOfRoles, lockRights, raiseRightsVersion } from "../../rights/rights.service.js";
import { findCustomPermissions, insertCustomPermission, selectCustomPermissions } from "./custom-permission.store.js";
import { findRolesByKeys, findUserIdsUnderRole, insertGrants, touchRole } from "../role.store.js";
import { type CreatePermissionInput, PermissionEntry } from "../role.type.js";

/** Maximum number of custom permissions. A catalog too large to review protects nothing. */
const maxCustomPermissions = 200;
const maxDescriptionLength = 200;

/** Returns all permissions that can be granted in this tenant: those of the catalog, then the tenant's own by name. */
export async function listPermissions(ctx: Context): Promise<PermissionEntry[]> {
  // Platform permissions can be granted only in the platform tenant.
  const shown = hasPermission(ctx.viewer, "platform.read") ? (Object.keys(permissionCatalog) as CatalogPermission[]) : customerPermissions;
  const own = await ctx.read((tx) => selectCustomPermissions(tx));
  return [
    ...shown.map((name) => toPermission({ name, description: permissionCatalog[name] }, false)),
    ...own.map((row) => toPermission(row, true)),
  ];
}

const toPermission = ({ name, description }: { name: string; description: string }, isCustom: boolean): PermissionEntry =>
  Object.assign(new PermissionEntry(), { name, description, isCustom });

/**
 * Creates a permission and grants it to the role admin in scope TENANT. Otherwise nobody could grant it, because users can grant only what they have.
 * No rule required the new name before, so no access is widened.
 * @throws BadUserInput, Conflict (idempotency key with another input)
 */
export async function createPermission(ctx: Context, { idempotencyKey, ...input }: CreatePermissionInput): Promise<PermissionEntry> {
  const { name } = input;
  const description = input.description.trim();
  const problems = problemsOf({ name, description });
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId, userId } = ctx.viewer;
  const { row, holderIds } = await ctx.inTenant(async (tx) => {
    let concerned: string[] = [];
    const { result } = await once(tx, ctx.meta, { mutation: "createPermission", key: idempotencyKey, input }, async () => {
      await lockRights(tx, tenantId);
      if ((await selectCustomPermissions(tx)).length >= maxCustomPermissions)
        throw new BadUserInput([{ path: "input.name", message: `A tenant can have at most ${maxCustomPermissions} custom permissions.` }]);
      await insertCustomPermission(tx, { tenantId, name, description, createdBy: userId }).catch((error: unknown) => {
        throw mapDatabaseError(error, {
          custom_permissions_pkey: () =>
            new BadUserInput([{ path: "input.name", message: `The permission ${quote(name)} already exists.` }]),
        });
      });
      concerned = await grantToAdministrators(ctx, tx, name);
      return { name };
    });
    const [made] = await findCustomPermissions(tx, [result["name"] ?? ""]);
    if (!made) throw new Error(`The permission ${name} was written but cannot be read.`);
    return { row: made, holderIds: concerned };
  });
  await announceRevocations(
    ctx.services,
    holderIds.map((holderId) => ({ tenantId, userId: holderId })),
  );
  return toPermission(row, true);
}

/** @returns the IDs of the users whose rights change */
async function grantToAdministrators(ctx: Context, tx: Tx, name: string): Promise<string[]> {
  const { tenantId } = ctx.viewer;
  const admin = (await findRolesByKeys(tx, ["admin"])).get("admin");
  // The platform tenant does not have this role; its administrators start without the permission.
  if (!admin) return [];
  const held = (await findGrantsOfRoles(tx, [admin.id])).get(admin.id) ?? [];
  const grant = { permission: name, scope: "TENANT" };
  await insertGrants(tx, [{ tenantId, roleId: admin.id, ...grant }]);
  const after = await touchRole(tx, admin.id);
  const concerned = await findUserIdsUnderRole(tx, admin.id);
  await raiseRightsVersion(tx, concerned);
  await writeAudit(tx, ctx.meta, [
    {
      action: "permission.create",
      entityType: "role",
      entityId: admin.id,
      before: { ...admin, permissions: held },
      after: { ...after, permissions: [...held, grant] },
    },
  ]);
  await appendEvents(tx, ctx.meta, [
    { type: "role.changed", subjectId: admin.id, subjectVersion: after.version, payload: { key: admin.key, changed: ["permissions"] } },
  ]);
  return concerned;
}

/**
 * Checks that granted custom permissions exist.
 * @throws BadUserInput
 */
export async function assertPermissionsExist(tx: Tx, grants: readonly Grant[], path: string): Promise<void> {
  const names = grants.map(({ permission }) => permission).filter(isCustomPermission);
  const known = new Set((await findCustomPermissions(tx, names)).map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new BadUserInput([{ path, message: `The permission ${quote(unknown)} does not exist. See the query permissions.` }]);
}

function problemsOf({ name, description }: { name: string; description: string }): Problem[] {
  return [
    ...(isCustomPermission(name)
      ? []
      : [
          {
            path: "input.name",
            message:
              "The name of a custom permission is custom. followed by at most 32 letters and digits, starting with a lower-case letter, for example custom.approveBudget.",
          },
        ]),
    ...(description === "" ? [{ path: "input.description", message: "A description is required." }] : []),
    ...(description.length > maxDescriptionLength
      ? [{ path: "input.description", message: `The description is longer than ${maxDescriptionLength} characters.` }]
      : []),
  ];
}
