import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { type Databases, openDatabases } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { personKeyring, type PersonKeyring } from "@weft/platform/privacy";
import { oneMasterKey } from "@weft/platform/secrets";
import { postgres } from "@weft/pg-driver";
import { cloneDatabase, type TestDatabase } from "./database.js";

/** A migrated database with connection pools for Weft's roles and without any running services. For tests below the API. */
export interface BareDatabase {
  readonly database: TestDatabase;
  readonly databases: Databases;
  /** Connection without restrictions: what an attacker with the owner's password could do. */
  readonly owner: postgres.Sql;
  readonly keyring: PersonKeyring;
  /** Creates a tenant and returns the metadata that writers pass. The actor is not a user of the tenant. */
  tenant(): Promise<WriteMeta>;
  /** Creates an active user of a tenant. Returns the user's UUID. */
  user(tenantId: string): Promise<string>;
  close(): Promise<void>;
}

export async function openBareDatabase(): Promise<BareDatabase> {
  const database = await cloneDatabase();
  const databases = await openDatabases(database.socketUrls);
  const owner = postgres(database.ownerUrl, { max: 2, onnotice: () => {} });
  const keyring = personKeyring(oneMasterKey(randomBytes(32)));
  return {
    database,
    databases,
    owner,
    keyring,
    tenant: async () => {
      const tenantId = newId();
      await owner`insert into identity.tenants (tenant_id, slug, name) values (${tenantId}, ${`t-${randomBytes(6).toString("hex")}`}, 'Test')`;
      const who = { actorId: newId(), onBehalfOf: null, sessionId: newId(), address: "192.0.2.7" };
      return { tenantId, ...who, requestId: "req-test", traceId: null, keyring };
    },
    user: async (tenantId) => {
      const id = newId();
      await owner`insert into identity.users (tenant_id, id, email, username, name) values (${tenantId}, ${id}, ${`${id}@example.com`}, ${id}, 'Somebody')`;
      return id;
    },
    close: async () => {
      await databases.close();
      await owner.end();
      await database.drop();
    },
  };
}
