import { asTenant, BadUserInput, quote } from "@weft/shared";
import type { Services } from "@weft/shared";
import { announceRevocations } from "../revocations.js";
import { moveOf, reasonProblems, writeTenantStatus } from "../tenants/tenant-status.service.js";
import type { TenantMove } from "../tenants/tenant-status.service.js";
import { findAllTenants, findTenantIdBySlug } from "../tenants/tenant.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";

/** Who acts when the operator of the installation does, who is no user of any tenant: the nil UUID. */
const operatorId = "00000000-0000-0000-0000-000000000000";

/**
 * Suspends, reactivates, archives or restores a tenant for the operator of an installation: nobody of a suspended tenant could. Processes that
 * share no Redis with this one notice it within half a second.
 * @throws BadUserInput (no such tenant, no reason), Conflict (a move that its status does not have)
 */
export async function moveTenant(
  services: Services,
  { slug, kind, reason }: { readonly slug: string; readonly kind: TenantMove["kind"]; readonly reason: string },
): Promise<TenantRow> {
  const problems = reasonProblems(reason);
  if (problems.length > 0) throw new BadUserInput(problems);
  const tenantId = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (tenantId === null) throw new BadUserInput([{ path: "slug", message: `There is no tenant with the slug ${quote(slug)}.` }]);
  const meta = {
    tenantId,
    actorId: operatorId,
    onBehalfOf: null,
    sessionId: null,
    requestId: "operator",
    address: null,
    traceId: null,
    keyring: services.keyring,
  };
  const move = await moveOf(services, tenantId, kind);
  const row = await asTenant(services.databases.app, { tenantId }, "write", (tx) => writeTenantStatus(tx, meta, { move, reason }));
  await announceRevocations(services, [{ tenantId }]);
  return row;
}

/** All tenants of the installation by slug, with how many users each has. */
export function listTenants({ databases }: Services): Promise<(TenantRow & { userCount: number })[]> {
  return databases.auth.begin((tx) => findAllTenants(tx), "read");
}
