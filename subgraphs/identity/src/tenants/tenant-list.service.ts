import { identity } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { keysetPage, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { TenantFilter, TenantOrder } from "./tenant.filter.js";
import type { TenantsArgs } from "./tenant.input.js";
import { countTenants, selectTenantsSlice } from "./tenant.store.js";
import type { TenantRow } from "./tenant.store.js";
import { toTenant } from "./tenant.type.js";
import type { Tenant } from "./tenant.type.js";

/**
 * Returns a page of all tenants of the installation, for platform operators. The rule of the field has required platform.read. Reads as weft_auth,
 * the only role with access to all tenants.
 * @throws BadUserInput for an invalid filter, size or cursor
 */
export function listTenantsOfPlatform(ctx: Context, args: TenantsArgs): Promise<Page<Tenant>> {
  const { auth } = ctx.services.databases;
  const where = TenantFilter.toSql(args.filter, "filter", ctx.viewer);
  return keysetPage(ctx, {
    args,
    list: "tenants",
    orderBy: TenantOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    id: { column: identity.tenants.tenantId, valueOf: (row: TenantRow) => row.tenantId },
    fetch: (slice) => auth.begin((tx) => selectTenantsSlice(tx, and(where, slice.where), slice), "read"),
    count: () => auth.begin((tx) => countTenants(tx, where), "read"),
    toNode: toTenant,
  });
}
