import { apiKeyColumn, type ApiKeyRow, limitedToKey } from "./api-key-rights.js";
import { rightsColumns, rightsOf, type RightsRow } from "./rights-of-user.js";
import { sql } from "drizzle-orm";
import type { Database } from "../db/database.js";
import { named } from "../db/named.js";
import type { UserType, Viewer } from "@weft/shared/viewer";

type Row = {
  id: string;
  tenant_slug: string;
  tenant_kind: "CUSTOMER" | "PLATFORM";
  user_type: UserType;
  vendor_id: string | null;
  api_key: ApiKeyRow | null;
} & RightsRow;

/**
 * Returns the current rights of a user, for work that continues when the user is no longer logged in. Work that was ordered with an API key (in place of
 * the session) has its rights at most, and none after the key was revoked or has expired. Null if the user or the tenant is not active. Null for the
 * operator user of a platform operator, who can only act within their own session. One statement, as weft_auth.
 */
export async function viewerOfUser(
  auth: Database,
  { tenantId, userId, sessionId }: { readonly tenantId: string; readonly userId: string; readonly sessionId: string },
): Promise<Viewer | null> {
  return (await viewersOfUsers(auth, { tenantId, userIds: [userId], sessionId })).get(userId) ?? null;
}

/** Like `viewerOfUser`, for several users. Those without rights are absent from the result. */
export async function viewersOfUsers(
  auth: Database,
  { tenantId, userIds, sessionId }: { readonly tenantId: string; readonly userIds: readonly string[]; readonly sessionId: string },
): Promise<ReadonlyMap<string, Viewer>> {
  if (userIds.length === 0) return new Map();
  const rows = await auth.begin(
    (tx) =>
      tx.execute<Row>(
        named(
          "viewersOfUsers",
          sql`select u.id, t.slug as tenant_slug, t.kind as tenant_kind, u.type as user_type, u.vendor_id, ${apiKeyColumn}, ${rightsColumns}
        from identity.users u join identity.tenants t on t.tenant_id = u.tenant_id
        left join identity.api_keys k on k.tenant_id = u.tenant_id and k.id = ${sessionId}::uuid and k.user_id = u.id
       where k.revoked_at is null and coalesce(k.expires_at > now(), true) and u.tenant_id = ${tenantId}::uuid and u.id = any(${sql.param([...userIds])}::uuid[]) and u.status = 'ACTIVE' and u.type <> 'OPERATOR' and t.status = 'ACTIVE'`,
        ),
      ),
    "read",
  );
  return new Map(
    rows.map((row) => {
      const rights = rightsOf(row, row.tenant_kind);
      return [
        row.id,
        {
          tenantId,
          tenantSlug: row.tenant_slug,
          userId: row.id,
          userType: row.user_type,
          vendorId: row.vendor_id,
          sessionId,
          operatorId: null,
          authenticatedAt: null,
          isRestricted: false,
          ...rights,
          ...limitedToKey(rights, row.api_key, row.tenant_kind),
        },
      ];
    }),
  );
}
