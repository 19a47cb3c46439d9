import { identity } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { keysetPage, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { RoleFilter, RoleOrder } from "./role.filter.js";
import type { RolesArgs } from "./role.input.js";
import { countRoles, selectRolesSlice, visibleRoles } from "./role.store.js";
import type { RoleRow } from "./role.store.js";
import { toRole } from "./role.type.js";
import type { Role } from "./role.type.js";

/**
 * Returns a page of the roles that the viewer can see.
 * @throws BadUserInput for an invalid filter, size or cursor
 */
export function listRoles(ctx: Context, args: RolesArgs): Promise<Page<Role>> {
  const where = and(visibleRoles(ctx.viewer), RoleFilter.toSql(args.filter, "filter", ctx.viewer));
  return keysetPage(ctx, {
    args,
    list: "roles",
    orderBy: RoleOrder.resolve(args.orderBy, ["KEY", "ASC"]),
    id: { column: identity.roles.id, valueOf: (row: RoleRow) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRolesSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countRoles(tx, where)),
    toNode: toRole,
  });
}
