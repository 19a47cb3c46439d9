import { newId } from "@weft/shared/ids";
import type { Keys } from "@weft/platform/config";
import { importJWK, SignJWT } from "jose";
import type { Sql } from "@weft/pg-driver";

/** Permissions of the roles, in scope TENANT. Users with the same role have equal rights. */
const everyone = ["workflow.read", "definition.read", "user.read", "audit.read"];
const rolePermissions = [[], ["task.read"], ["request.read"]].map((more) => [...everyone, ...more]);

/**
 * Adds users with one of three roles and a session each, bypassing the API (logins take seconds of hashing each hundred). Returns their access tokens.
 * @param owner a superuser's connection
 * @param more permissions of all roles in addition
 */
export async function fillWatchingUsers(
  owner: Sql,
  { access }: Keys,
  tenantId: string,
  count: number,
  more: readonly string[] = [],
): Promise<string[]> {
  const users = Array.from({ length: count }, (_, n) => ({ n, id: newId(), sessionId: newId() }));
  await owner.begin(async (tx) => {
    const rows = JSON.stringify(users);
    await tx`create temp table watching on commit drop as
      select n, id, "sessionId" as session_id from jsonb_to_recordset(${rows}::text::jsonb) as t (n int, id uuid, "sessionId" uuid)`;
    await tx`insert into identity.users (tenant_id, id, email, username, name)
      select ${tenantId}::uuid, id, 'watcher' || n || '@watchers.example', 'watcher' || n, 'Watcher ' || n from watching`;
    await tx`insert into identity.sessions (tenant_id, id, user_id, expires_at)
      select ${tenantId}::uuid, session_id, id, now() + interval '1 hour' from watching`;
    for (const [n, permissions] of rolePermissions.entries()) {
      const id = newId();
      await tx`insert into identity.roles (tenant_id, id, key, name) values (${tenantId}, ${id}, ${`watcher${n}`}, ${`Watchers ${n}`})`;
      await tx`insert into identity.role_ancestors (tenant_id, role_id, ancestor_id) values (${tenantId}, ${id}, ${id})`;
      await tx`insert into identity.role_permissions (tenant_id, role_id, permission, scope)
        select ${tenantId}::uuid, ${id}::uuid, permission, 'TENANT' from unnest(${[...new Set([...permissions, ...more])]}::text[]) as permission`;
      await tx`insert into identity.user_roles (tenant_id, user_id, role_id)
        select ${tenantId}::uuid, id, ${id}::uuid from watching where n % ${rolePermissions.length}::int = ${n}::int`;
    }
  });
  const key = await importJWK(access.privateJwk, "EdDSA");
  return Promise.all(
    users.map(({ id, sessionId }) =>
      new SignJWT({ tid: tenantId, sid: sessionId })
        .setProtectedHeader({ alg: "EdDSA", kid: access.kid, typ: "at+jwt" })
        .setIssuer("weft")
        .setAudience("weft-api")
        .setSubject(id)
        .setJti(newId())
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(key),
    ),
  );
}
