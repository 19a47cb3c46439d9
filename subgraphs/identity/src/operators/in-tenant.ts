import { NotFound } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { inOtherTenant, type Tx } from "@weft/platform/db";
import { noOrigin, type WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { findTenantForChange } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { operatorUserOf } from "../users/creation/operator-user.js";
import { findUserOfLogin } from "../users/user.service.js";

/**
 * Runs `fn` in another tenant, within the transaction of the platform tenant. `meta` names the operator user of the tenant, which is created if
 * needed. The tenant is locked. The caller has checked a platform permission, which only users of the platform tenant can have.
 * @throws NotFound if there is no such customer
 */
export async function inTenantOf<T>(
  ctx: Context,
  tx: Tx,
  tenantId: string,
  fn: (tx: Tx, meta: WriteMeta, tenant: TenantRow) => Promise<T>,
): Promise<T> {
  const { name } = await findUserOfLogin(tx, ctx.viewer.userId);
  return inOtherTenant(tx, { from: ctx.viewer.tenantId, to: tenantId }, async (inside) => {
    const tenant = await findTenantForChange(inside, tenantId);
    // Nobody acts on the platform tenant from outside: its administrators are its own users.
    if (tenant?.kind !== "CUSTOMER") throw new NotFound("Tenant", encodeId("tenant", tenantId));
    const meta = await metaInTenant(ctx, inside, { tenantId, operatorName: name });
    return fn(inside, meta, tenant);
  });
}

/** Returns the metadata of an operator's write in a tenant. The operator's session and address belong in the platform's own audit log. */
export async function metaInTenant(
  ctx: Context,
  tx: Tx,
  { tenantId, operatorName }: { tenantId: string; operatorName: string },
): Promise<WriteMeta> {
  const meta = { ...ctx.meta, tenantId, ...noOrigin };
  return { ...meta, actorId: await operatorUserOf(tx, meta, { id: ctx.viewer.userId, name: operatorName }) };
}
