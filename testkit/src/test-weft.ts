import { setTimeout as delay } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPlatformTenant, createTenantWithBuiltInRoles } from "@weft/identity";
import { encodeId } from "@weft/shared/ids";
import { generateKeys, type Keys, loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import type { SubgraphOptions } from "@weft/api/subgraph";
import { startWeft, type HostSteps, type Weft, type WeftOptions } from "@weft/standalone";
import { cloneDatabase, isSharedDatabase, keepAsTemplate, type TestDatabase } from "./postgres/database.js";
import { secretsIn, secretsInTables } from "./secrets/find-secrets.js";
import { keptLog, type KeptLog } from "./secrets/kept-log.js";
import { forgetSecrets, keysAsSecrets, knownSecrets, rememberSecret } from "./secrets/known-secrets.js";
import { idleInTime } from "./idle-deadline.js";
import { shareInternalCalls } from "./internal-calls.js";
import { readMails, type WrittenMail } from "./mails.js";
import { shareSupergraphs } from "./shared-supergraphs.js";
import { type TestPlatform, TestTenant } from "./test-tenant.js";
import { testDirectory } from "./tenants/test-directory.js";
import { testIssuer } from "./tenants/test-issuer.js";
import { TestUser } from "./test-user.js";

export interface TestWeftOptions extends SubgraphOptions {
  /** Why the file cannot use `sharedWeft`, if no other option shows it. */
  readonly alone?: string;
  /** Settings by name. They override those of tests. */
  readonly settings?: Record<string, string | number>;
  /** Changes the URL of the database of the tenants' pool, for example to that of a proxy. */
  readonly databaseUrl?: (url: string) => string;
  /** Step types of a host application, and middleware around steps. Types are known to all servers of the process. */
  readonly hosted?: HostSteps;
  /** Starts with a clone of what another one had when it was kept. */
  readonly from?: KeptWeft;
  /** What the gateway refuses, as the server of a demo decides it. */
  readonly edge?: NonNullable<WeftOptions["edge"]>;
}

/** What a Weft leaves to others. */
export interface KeptWeft {
  /** Name of the database. */
  readonly template: string;
  readonly keys: Keys;
  readonly mailDir: string;
  readonly secrets: ReadonlySet<string>;
  readonly platform: TestPlatform | undefined;
}

/** After this time, what is kept for half a second is read again. */
const forgottenMs = 600;

/** Longer than any count of statements takes. */
const longestCountMs = 30_000;

/** Stops `performance.now()` of this process, by which all caches measure their time, until disposal, or for half a minute if a query hangs. */
function stopClock(): Disposable {
  const stopped = performance.now();
  // Hides the method of the prototype.
  performance.now = () => stopped;
  const go = (): unknown => Reflect.deleteProperty(performance, "now");
  const timer = setTimeout(go, longestCountMs);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      go();
    },
  };
}

/** A running Weft that test files use one after the other. Each test creates its own tenant, and nothing needs to be stopped. */
export interface SharedWeft {
  readonly weft: Omit<Weft, "stop">;
  readonly url: string;
  readonly keys: Keys;
  readonly database: Omit<TestDatabase, "drop" | "socketUrls">;
  /** Creates a tenant with the built-in roles and an administrator. */
  tenant(name?: string, options?: { readonly isSandbox?: boolean }): Promise<TestTenant>;
  /** Returns the mails sent to an address so far, oldest first. Only available if SMTP_URL is not set. */
  mails(address: string): Promise<WrittenMail[]>;
  /** Returns the log of this test file so far: a JSON object per line, from the level `info` on. */
  logged(): string;
  /** Returns the SQL statements that the pools sent during `run`, in order, without transaction control and context. */
  statements(run: () => Promise<unknown>): Promise<string[]>;
  /**
   * Returns the statements that a query sends once its caches are filled: the fewest of several runs, three of which agree on their number, because event
   * consumers and senders use the same pool, and can empty a cache meanwhile. What is kept for half a second, such as calendars, stays
   * kept, however long the machine takes for the query; with `isCold`, it is forgotten before each run.
   */
  fewestStatements(query: () => Promise<unknown>, options?: { readonly isCold?: boolean }): Promise<string[]>;
  /** Returns the number of `fewestStatements`. */
  statementCount(query: () => Promise<unknown>, options?: { readonly isCold?: boolean }): Promise<number>;
}

/** A running Weft with its own database, for a test file that cannot use `sharedWeft`. Use one per test file; each test creates its own tenant. */
export interface TestWeft extends SharedWeft {
  readonly weft: Weft;
  readonly database: TestDatabase;
  /** Receives the log. */
  readonly log: KeptLog;
  /** Contains only the mails, if there are any. */
  readonly dataDir: string;
  /** Returns the platform tenant with an operator. Every call returns the same one. */
  platform(): Promise<TestPlatform>;
  /**
   * Stops everything, and keeps the database and what belongs to it for others to start from, until the end of the run.
   */
  keep(): Promise<KeptWeft>;
  /**
   * Stops everything and deletes the database. Fails if a connection was left open, or if a secret that a test sent or received is in a table or in the
   * log.
   */
  stop(): Promise<void>;
}

async function makePlatform(services: Services, url: string): Promise<TestPlatform> {
  const admin = { email: "admin@platform.example", username: "platform-admin", name: "Platform admin", password: "a quiet river 42" };
  const { tenantId } = await createPlatformTenant(services, { name: "Platform", admin });
  const tenant = await TestTenant.open({ url, tenantId, slug: "platform", name: "Platform", admin, mails: noMails });
  return platformOf(url, tenant, await tenant.user("platform_operator", { name: "Otto" }));
}

const noMails = (): Promise<WrittenMail[]> => Promise.resolve([]);

/** Returns the same platform at another Weft with a clone of the database. */
async function platformAt(url: string, { tenant, operator }: TestPlatform): Promise<TestPlatform> {
  return platformOf(url, await tenant.at({ url, mails: noMails }), await operator.at(url));
}

function platformOf(url: string, tenant: TestTenant, operator: TestUser): TestPlatform {
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

/** Inexpensive password hashes, a free port, and only log lines at error level or above. */
const testSettings = {
  PORT: 0,
  HOST: "127.0.0.1",
  LOG_LEVEL: "fatal",
  // Tests of the field usage write it every second. Others count statements.
  WEFT_FIELD_USAGE_SECONDS: 0,
  WEFT_AUDIT_SECONDS: 0,
  WEFT_MODE: "demo",
  // Tests of programs turn it on.
  WEFT_SANDBOX: "off",
  LIMIT_SOCKETS_PER_ADDRESS: 10_000,
  LIMIT_CONNECTIONS_PER_ADDRESS: 20_000,
  LIMIT_CONNECTIONS_PER_USER: 20_000,
  // All users of a test share one address.
  LIMIT_REFUSALS_PER_SECOND: 1_000_000,
  // A test does in seconds what a person does in an hour.
  LIMIT_RATE_USER: "none",
  LIMIT_RATE_API_KEY: "none",
  LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 1_000_000,
  LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 1_000_000_000,
  LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE: 1_000_000,
};

/** Production mode rejects them. */
const fastHashes = { PASSWORD_MEMORY_KIB: 8, PASSWORD_PASSES: 1 };

/**
 * Starts Weft in this process with a clone of the migrated template, for one test file: because it needs settings, or changes what all tenants share. An
 * option says why. Other files use `sharedWeft`, which takes less processor time.
 */
export async function startTestWeft(options: TestWeftOptions): Promise<TestWeft> {
  if (Object.keys(options).length === 0) throw new Error("Use sharedWeft() instead, or say in the option `alone` why the file cannot.");
  const { alone: _reason, from, ...others } = options;
  return openTestWeft(await cloneDatabase(from?.template), { ...(from && { from }), ...others });
}

/** Starts Weft in this process on a database of its own. */
export async function openTestWeft(
  database: TestDatabase,
  { settings = {}, databaseUrl, from, ...options }: Omit<TestWeftOptions, "alone">,
): Promise<TestWeft> {
  shareSupergraphs();
  const keys = from?.keys ?? generateKeys();
  const urls = {
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_URL: databaseUrl?.(database.appUrl) ?? database.socketUrls.appUrl,
    DATABASE_WORKER_URL: database.socketUrls.workerUrl,
    DATABASE_AUTH_URL: database.socketUrls.authUrl,
  };
  const dataDir = join(tmpdir(), database.name);
  if (from && existsSync(from.mailDir)) await cp(from.mailDir, dataDir, { recursive: true });
  const hashes = settings["WEFT_MODE"] === "production" ? {} : fastHashes;
  // A port at which nothing listens, so that requests of integrations fail at once, and the identity provider and directory of this process.
  const outbound = { WEFT_OUTBOUND_ALLOWED: `127.0.0.1:9,${(await testIssuer()).host},${(await testDirectory()).host}` };
  const config = withDatabaseUrls(
    loadConfig(
      {},
      { ...testSettings, ...outbound, ...hashes, WEFT_DATA_DIR: dataDir, ERASURES_DIR: join(dataDir, "erasures"), ...urls, ...settings },
    ),
    keys,
  );
  const kept = keptLog(config.logLevel);
  const weft = await startWeft({ config, keys, log: createLogger({ logLevel: "info" }, kept), ...options });
  idleInTime(weft.worker, database.ownerUrl);
  const internalCalls = shareInternalCalls(weft.url, weft.gateway.internalFetch);
  for (const secret of from?.secrets ?? []) rememberSecret(weft.url, secret);
  let made: Promise<TestPlatform> | undefined;
  const platform = async (): Promise<TestPlatform> => {
    if (isSharedDatabase(database.ownerUrl)) throw new Error("The platform acts on the tenants of all test files: use startTestWeft.");
    return (made ??= from?.platform ? platformAt(weft.url, from.platform) : makePlatform(weft.services, weft.url));
  };
  const mails = async (address: string): Promise<WrittenMail[]> => {
    await weft.worker.idle();
    const written = await readMails(config.dataDir, address);
    for (const { token } of written) rememberSecret(weft.url, token);
    return written;
  };
  const statements = async (run: () => Promise<unknown>): Promise<string[]> => {
    // Consumers of events use the same pool.
    await weft.worker.idle();
    const seen: string[] = [];
    const { app } = weft.services.databases;
    app.onStatement = (text) => seen.push(text);
    try {
      await run();
    } finally {
      app.onStatement = undefined;
    }
    return seen;
  };
  async function fewestStatements(query: () => Promise<unknown>, { isCold = false } = {}): Promise<string[]> {
    await weft.worker.idle();
    await query();
    const runs: string[][] = [];
    const fewest = (): string[] => runs.reduce((least, run) => (run.length < least.length ? run : least));
    using _ = isCold ? undefined : stopClock();
    while (runs.length < 7 && runs.filter((run) => run.length === fewest().length).length < 3) {
      if (isCold) await delay(forgottenMs);
      runs.push(await statements(query));
    }
    return fewest();
  }
  return {
    weft,
    url: weft.url,
    keys,
    database,
    log: kept,
    dataDir,
    async tenant(name = "Tenant", { isSandbox = false } = {}) {
      const slug = `t-${randomBytes(6).toString("hex")}`;
      const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: `Admin of ${name}`, password: "a quiet river 42" };
      const { tenantId } = await createTenantWithBuiltInRoles(weft.services, { slug, name, plan: "ENTERPRISE", isSandbox, admin });
      return TestTenant.open({ url: weft.url, tenantId, slug, name, admin, mails, platform });
    },
    mails,
    logged: () => kept.text(),
    platform,
    statements,
    fewestStatements,
    statementCount: async (query, given) => (await fewestStatements(query, given)).length,
    async keep() {
      const all = { platform: await made, keys, mailDir: dataDir, secrets: new Set(knownSecrets(weft.url)) };
      await weft.stop();
      internalCalls[Symbol.dispose]();
      forgetSecrets(weft.url);
      return { ...all, template: await keepAsTemplate(database) };
    },
    async stop() {
      await weft.stop();
      internalCalls[Symbol.dispose]();
      await rm(dataDir, { recursive: true, force: true });
      const secrets = new Set([...knownSecrets(weft.url), ...keysAsSecrets(keys)]);
      forgetSecrets(weft.url);
      const found = [
        ...(await secretsInTables(database.ownerUrl, secrets)),
        ...secretsIn(kept.text(), secrets).map((secret) => `log: ${secret}`),
      ];
      await database.drop();
      if (found.length > 0) throw new Error(`Secrets were stored or logged in plain text:\n  ${found.join("\n  ")}`);
    },
  };
}
