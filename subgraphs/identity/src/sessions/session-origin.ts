import { identity } from "@weft/drizzle";
import { type SQL, sql } from "drizzle-orm";

const { sessions } = identity;

/**
 * The identity provider behind a session: the one that has opened it, or in whose session the passkey was registered that has opened it. Null if a password
 * has opened it.
 */
export const originOf = (sessionId: string): SQL =>
  sql`(select coalesce(${sessions.providerId}, ${sessions.passkeyProviderId}) from ${sessions}
    where ${sessions.tenantId} = app.tenant() and ${sessions.id} = ${sessionId}::uuid)`;
