import { apiKeyColumn, type ApiKeyRow } from "./api-key-rights.js";
import { sql } from "drizzle-orm";
import type { Database } from "../db/database.js";
import { named } from "../db/named.js";

/** An API key in the place of a session. */
export interface KeyOfSession {
  readonly key: ApiKeyRow;
  readonly tenantKind: "CUSTOMER" | "PLATFORM";
  /** It was revoked, or has expired. */
  readonly isOver: boolean;
}

/** Returns those of the sessions that are API keys of the tenant. Runs as weft_auth. */
export async function keysOfSessions(auth: Database, tenantId: string, sessionIds: readonly string[]): Promise<readonly KeyOfSession[]> {
  if (sessionIds.length === 0) return [];
  const rows = await auth.begin(
    (tx) =>
      tx.execute<{ api_key: ApiKeyRow; tenant_kind: "CUSTOMER" | "PLATFORM"; is_over: boolean }>(
        named(
          "keysOfSessions",
          sql`select ${apiKeyColumn}, t.kind as tenant_kind, k.revoked_at is not null or coalesce(k.expires_at <= now(), false) as is_over
        from identity.api_keys k join identity.tenants t on t.tenant_id = k.tenant_id
       where k.tenant_id = ${tenantId}::uuid and k.id = any(${sql.param([...sessionIds])}::uuid[])
       order by k.id`,
        ),
      ),
    "read",
  );
  return rows.map(({ api_key: key, tenant_kind: tenantKind, is_over: isOver }) => ({ key, tenantKind, isOver }));
}
