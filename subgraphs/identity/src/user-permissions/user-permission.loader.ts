import { isCustomPermission, isPermission, type Scope, scopes, scopesOf } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import type { Grant } from "../rights/grant.js";
import { findOverridesOfUsers } from "../rights/rights.service.js";
import { PermissionScope } from "../roles/role.type.js";
import { findRoleGrantsOfUsers } from "./user-permission.store.js";
import { EffectivePermission, toPermissionOverride } from "./user-permission.type.js";
import type { PermissionOverride } from "./user-permission.type.js";

const overridesOf = (ctx: Context, userUuid: string) => ctx.loader("identity.overridesOfUser", findOverridesOfUsers).load(userUuid);

export async function loadOverridesOfUser(ctx: Context, userUuid: string): Promise<PermissionOverride[]> {
  return ((await overridesOf(ctx, userUuid)) ?? []).map(toPermissionOverride);
}

/** Loads a user's effective permissions, by permission. Limits of vendors and the user's status are not considered. */
export async function loadEffectivePermissions(ctx: Context, userUuid: string): Promise<EffectivePermission[]> {
  const { viewer } = ctx;
  // A platform operator's permissions are not stored in a table.
  if (viewer.operatorId !== null && viewer.userId === userUuid) {
    const held = Object.keys(viewer.permissions).filter(isPermission).toSorted();
    return held.map((permission) =>
      Object.assign(new EffectivePermission(), {
        permission,
        scopes: scopesOf(viewer, permission).map((scope) => PermissionScope[scope]),
        deniedScopes: [],
      }),
    );
  }
  const fromRoles = (await ctx.loader("identity.roleGrantsOfUser", findRoleGrantsOfUsers).load(userUuid)) ?? [];
  const overrides = (await overridesOf(ctx, userUuid)) ?? [];
  const granted = [...fromRoles, ...overrides.filter(({ effect }) => effect === "GRANT")];
  const denied = overrides.filter(({ effect }) => effect === "DENY");
  const names = [...new Set([...granted, ...denied].map(({ permission }) => permission))].filter(isPermission).toSorted();
  return names.map((permission) => {
    const of = (grants: readonly Grant[]): Scope[] =>
      scopes.filter((scope) => grants.some((grant) => grant.permission === permission && grant.scope === scope));
    const deniedScopes = of(denied);
    // Same logic as `scopesOf` for a viewer.
    const isAllDenied = deniedScopes.includes("TENANT") || (isCustomPermission(permission) && deniedScopes.length > 0);
    const held = isAllDenied ? [] : of(granted).filter((scope) => !deniedScopes.includes(scope));
    return Object.assign(new EffectivePermission(), {
      permission,
      scopes: held.map((scope) => PermissionScope[scope]),
      deniedScopes: deniedScopes.map((scope) => PermissionScope[scope]),
    });
  });
}
