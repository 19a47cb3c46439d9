import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPlatformTenant, createTenantWithShippedRoles } from "@weft/identity";
import {
  createLogger,
  encodeId,
  generateKeys,
  type Keys,
  loadConfig,
  type Services,
  type SubgraphOptions,
  withDatabaseUrls,
} from "@weft/shared";
import { startWeft, type Weft } from "@weft/standalone";
import { cloneDatabase, type TestDatabase } from "./database.js";
import { readMails, type WrittenMail } from "./mails.js";
import { type TestPlatform, TestTenant } from "./test-tenant.js";
import { TestUser } from "./test-user.js";

export interface TestWeftOptions extends SubgraphOptions {
  /** Settings by their names, over those of tests. */
  readonly settings?: Record<string, string | number>;
}

/** A running Weft on a database of its own: one for a test file; each test makes its own tenant. */
export interface TestWeft {
  readonly weft: Weft;
  readonly url: string;
  readonly keys: Keys;
  readonly database: TestDatabase;
  /** A new tenant with the shipped roles and an administrator. */
  tenant(name?: string): Promise<TestTenant>;
  /** The mails to an address that were sent until now, oldest first. Only where no SMTP_URL is set. */
  mails(address: string): Promise<WrittenMail[]>;
  /** The platform tenant, with an operator; the same at each call. */
  platform(): Promise<TestPlatform>;
  /** SQL statements that the pools sent while `run` ran, in order; transaction control and context left out. */
  statements(run: () => Promise<unknown>): Promise<string[]>;
  /** Stops everything and drops the database; fails when a connection was left open. */
  stop(): Promise<void>;
}

async function makePlatform(services: Services, url: string): Promise<TestPlatform> {
  const admin = { email: "admin@platform.example", username: "platform-admin", name: "Platform admin", password: "a quiet river 42" };
  const { tenantId } = await createPlatformTenant(services, { name: "Platform", admin });
  const tenant = await TestTenant.open({
    url,
    tenantId,
    slug: "platform",
    name: "Platform",
    admin,
    mails: () => Promise.resolve([]),
  });
  const operator = await tenant.user("platform_operator", { name: "Otto" });
  return {
    tenant,
    operator,
    async actAs({ id }, who = operator) {
      const { actAsTenant } = await who.run<{ actAsTenant: { accessToken: string } }>(
        "mutation Act($input: ActAsTenantInput!) { actAsTenant(input: $input) { accessToken } }",
        { input: { tenantId: encodeId("tenant", id), reason: "A test", minutes: 10 } },
      );
      return TestUser.withToken(url, actAsTenant.accessToken);
    },
  };
}

/** Cheap password hashes, a free port, log lines only from errors up. */
const testSettings = {
  PORT: 0,
  HOST: "127.0.0.1",
  LOG_LEVEL: "fatal",
  WEFT_MODE: "demo",
  LIMIT_SOCKETS_PER_ADDRESS: 10_000,
  LIMIT_CONNECTIONS_PER_ADDRESS: 20_000,
  // All users of a test have one address.
  LIMIT_REFUSALS_PER_SECOND: 1_000_000,
  LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 1_000_000,
  LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 1_000_000_000,
  LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE: 1_000_000,
};

/** Production refuses them. */
const cheapHashes = { PASSWORD_MEMORY_KIB: 8, PASSWORD_PASSES: 1 };

/** Starts Weft in this process on a clone of the migrated template. */
export async function startTestWeft({ settings = {}, ...options }: TestWeftOptions = {}): Promise<TestWeft> {
  const database = await cloneDatabase();
  const keys = generateKeys();
  const urls = {
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_URL: database.appUrl,
    DATABASE_WORKER_URL: database.workerUrl,
    DATABASE_AUTH_URL: database.authUrl,
  };
  // Nothing is in it but the mails, if there are some.
  const dataDir = join(tmpdir(), database.name);
  const hashes = settings["WEFT_MODE"] === "production" ? {} : cheapHashes;
  const config = withDatabaseUrls(loadConfig({}, { ...testSettings, ...hashes, WEFT_DATA_DIR: dataDir, ...urls, ...settings }), keys);
  const weft = await startWeft({ config, keys, log: createLogger(config), ...options });
  let made: Promise<TestPlatform> | undefined;
  const platform = (): Promise<TestPlatform> => (made ??= makePlatform(weft.services, weft.url));
  const mails = async (address: string): Promise<WrittenMail[]> => {
    await weft.worker.idle();
    return readMails(config.dataDir, address);
  };
  return {
    weft,
    url: weft.url,
    keys,
    database,
    async tenant(name = "Tenant") {
      const slug = `t-${randomBytes(6).toString("hex")}`;
      const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: `Admin of ${name}`, password: "a quiet river 42" };
      const { tenantId } = await createTenantWithShippedRoles(weft.services, { slug, name, plan: "ENTERPRISE", admin });
      return TestTenant.open({ url: weft.url, tenantId, slug, name, admin, mails, platform });
    },
    mails,
    platform,
    async statements(run) {
      const seen: string[] = [];
      const { app } = weft.services.databases;
      app.onStatement = (text) => seen.push(text);
      try {
        await run();
      } finally {
        app.onStatement = undefined;
      }
      return seen;
    },
    async stop() {
      await weft.stop();
      await rm(dataDir, { recursive: true, force: true });
      await database.drop();
    },
  };
}
