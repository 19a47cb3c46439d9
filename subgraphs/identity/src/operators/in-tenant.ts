import { encodeId, inOtherTenant, NotFound } from "@weft/shared";
import type { Context, Tx, WriteMeta } from "@weft/shared";
import { findTenantForChange } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { standInOf } from "../users/stand-in.js";
import { findUserOfLogin } from "../users/user.service.js";

/**
 * Runs `fn` in a tenant of the installation, inside the transaction of the platform tenant: `meta` names the operator's stand-in there. The caller has
 * asked for a permission of the platform, which nobody holds elsewhere. The tenant is locked, and a stand-in made when there is none.
 * @throws NotFound when there is no such customer
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
    // The platform tenant is nobody's to act on from outside: its own administrators are inside.
    if (tenant?.kind !== "CUSTOMER") throw new NotFound("Tenant", encodeId("tenant", tenantId));
    const meta = await metaInTenant(ctx, inside, { tenantId, operatorName: name });
    return fn(inside, meta, tenant);
  });
}

/** The record of an operator's write in a tenant; his session and address belong into the platform's own audit log. */
export async function metaInTenant(
  ctx: Context,
  tx: Tx,
  { tenantId, operatorName }: { tenantId: string; operatorName: string },
): Promise<WriteMeta> {
  const meta = { ...ctx.meta, tenantId, sessionId: null, address: null };
  return { ...meta, actorId: await standInOf(tx, meta, { id: ctx.viewer.userId, name: operatorName }) };
}
