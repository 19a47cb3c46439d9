import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTenantWithBuiltInRoles } from "@weft/identity";
import { loadKeys, writeKeysFile } from "@weft/platform/config";
import type { Services } from "@weft/platform/services";
import { closeServices, openServices } from "@weft/api/subgraph";
import { TestTenant } from "@weft/testkit/test-tenant";
import { type BenchDatabase, startBenchDatabase } from "./database.js";

/** A database and a keys file, with the environment through which Weft's programs find them. */
export interface Site {
  readonly database: BenchDatabase;
  /** Settings of every process. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of this run. */
  readonly folder: string;
  /** Services with this process's own pools on the database. */
  readonly services: Services;
  remove(): Promise<void>;
}

/** Prepares a site in production mode. */
export async function startSite(postgresSettings: Record<string, string> = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
  const keysFile = join(folder, "keys.json");
  writeKeysFile(keysFile, "production");
  const { databasePasswords } = loadKeys(keysFile, { create: false, mode: "production" });
  const roles = {
    app: { name: "weft_app", password: databasePasswords.app },
    worker: { name: "weft_worker", password: databasePasswords.worker },
    auth: { name: "weft_auth", password: databasePasswords.auth },
  };
  const database = await startBenchDatabase({ roles, more: postgresSettings });
  const env = {
    WEFT_MODE: "production",
    WEFT_KEYS_FILE: keysFile,
    WEFT_DATA_DIR: folder,
    ERASURES_DIR: join(folder, "erasures"),
    DATABASE_OWNER_URL: database.ownerUrl,
    LOG_LEVEL: "error",
    LIMIT_SOCKETS_PER_ADDRESS: "10000",
    LIMIT_CONNECTIONS_PER_ADDRESS: "20000",
    LIMIT_CONNECTIONS_PER_USER: "20000",
    LIMIT_RATE_USER: "none",
    LIMIT_RATE_API_KEY: "none",
    LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: "1000000",
    LIMIT_ANONYMOUS_BYTES_PER_MINUTE: "1000000000",
  };
  const services = await openServices(env);
  return {
    database,
    env,
    folder,
    services,
    remove: async () => {
      await closeServices(services);
      await database.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a tenant with an administrator who is logged in to the running Weft. */
export async function openTenant(services: Services, url: string, slug: string): Promise<TestTenant> {
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Ada Admin", password: "a quiet river 42" };
  const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
  return TestTenant.open({ url, tenantId, slug, name: slug, admin });
}
