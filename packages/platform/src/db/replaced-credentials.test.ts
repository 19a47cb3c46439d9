import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postgres } from "@weft/pg-driver";
import { VaultServer } from "@weft/testkit/network/vault-server";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { generateKeys } from "../config/keys.js";
import { withDatabaseUrls } from "../config/database-urls.js";
import { openConfig } from "../config/sources/open-config.js";
import { createLogger } from "../logging/logger.js";
import type { Databases } from "./database.js";
import { openConfiguredDatabases } from "./open-configured.js";

const folder = mkdtempSync(join(tmpdir(), "weft-credentials-"));
const keys = generateKeys();
let database: TestDatabase;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** A login of this test, which is a member of the role for tenants. PostgreSQL's logins belong to the server. */
async function aLogin(password: string): Promise<string> {
  const name = `v_weft_${randomBytes(6).toString("hex")}`;
  await owner.unsafe(`create role ${name} login password '${password}' in role weft_app`);
  return name;
}

/** Ends a login as Vault does. */
const dropLogin = (name: string) => owner.unsafe(`drop role if exists ${name}`);

interface Opened {
  readonly databases: Databases;
  readonly stop: () => Promise<void>;
  readonly lines: readonly string[];
}

async function open(env: Record<string, string>): Promise<Opened> {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "info" }, { write: (line: string) => void lines.push(line) });
  const { config, secrets } = await openConfig({ ...env, DATABASE_WORKER_URL: database.workerUrl, DATABASE_AUTH_URL: database.authUrl });
  secrets.start(log, { intervalMs: 20, vaultMs: 50, againMs: 0 });
  const databases = await openConfiguredDatabases(withDatabaseUrls(config, keys), keys);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= databases.close().then(() => secrets.stop()));
  onTestFinished(stop);
  return { databases, stop, lines };
}

const whoAmI = async ({ app }: Pick<Databases, "app">): Promise<{ login: string; role: string }> =>
  app.begin(async (tx) => {
    const [row] = await tx.execute<{ login: string; role: string }>(sql`select session_user as login, current_user as role`);
    return row ?? expect.fail("No row.");
  }, "read");

/** Transactions of ten callers, one after the other, until `stop`. Returns how many there were, and what failed. */
function keepUsing({ app }: Pick<Databases, "app">) {
  const failures: unknown[] = [];
  let isStopped = false;
  let count = 0;
  const callers = Array.from({ length: 10 }, async () => {
    while (!isStopped) {
      try {
        await app.begin(async (tx) => {
          await sleep(1);
          await tx.execute(sql`select pg_sleep(0.002)`);
          await sleep(2);
          await tx.execute(sql`select 1`);
        });
        await app.statement("select 1", [], { mode: "read" });
        count++;
      } catch (error) {
        failures.push(error);
      }
    }
  });
  return {
    count: () => count,
    async stop() {
      isStopped = true;
      await Promise.all(callers);
      return { count, failures };
    },
  };
}

const openedBy = async (login: string): Promise<number> => {
  const [row] = await owner<{ count: number }[]>`select count(*)::int from pg_stat_activity where usename = ${login}`;
  return row?.count ?? 0;
};

const urlOf = (login: string, password: string): string => {
  const url = new URL(database.appUrl);
  url.searchParams.set("role", "weft_app");
  url.username = login;
  url.password = password;
  return url.href;
};

test("another login in the file is used for new connections, and none of the running transactions fails", async () => {
  const [first, second] = [await aLogin("one"), await aLogin("two")];
  const file = join(folder, "url");
  writeFileSync(file, urlOf(first, "one"));
  const { databases, stop } = await open({ DATABASE_URL_FILE: file });
  expect(await whoAmI(databases)).toEqual({ login: first, role: "weft_app" });
  const load = keepUsing(databases);
  await expect.poll(load.count).toBeGreaterThan(20);
  const slow = databases.app.begin(async (tx) => {
    await tx.execute(sql`select 1`);
    await sleep(300);
    return tx.execute<{ login: string }>(sql`select session_user as login`);
  });
  writeFileSync(file, urlOf(second, "two"));
  await expect.poll(() => whoAmI(databases)).toEqual({ login: second, role: "weft_app" });
  const before = load.count();
  await expect.poll(load.count).toBeGreaterThan(before + 20);
  expect(await slow).toEqual([{ login: first }]);
  expect((await load.stop()).failures).toEqual([]);
  await expect.poll(() => openedBy(first)).toBe(0);
  await dropLogin(first);
  await stop();
  await dropLogin(second);
});

test("if the server refuses the password before the file has been read again, the file is read at once and the request succeeds", async () => {
  const login = await aLogin("one");
  const file = join(folder, "url-of-a-password");
  writeFileSync(file, urlOf(login, "one"));
  const { config, secrets } = await openConfig({
    DATABASE_URL_FILE: file,
    DATABASE_WORKER_URL: database.workerUrl,
    DATABASE_AUTH_URL: database.authUrl,
  });
  secrets.start(createLogger({ logLevel: "silent" }), { intervalMs: 60_000, againMs: 0 });
  const databases = await openConfiguredDatabases(withDatabaseUrls(config, keys), keys);
  onTestFinished(async () => {
    await databases.close();
    await secrets.stop();
    await dropLogin(login);
  });
  await owner.unsafe(`alter role ${login} password 'two'`);
  await owner`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${login}`;
  await expect(whoAmI(databases)).rejects.toThrow(/password authentication failed/);
  writeFileSync(file, urlOf(login, "two"));
  expect(
    await Promise.all([whoAmI(databases), whoAmI(databases), databases.app.statement("select 1 as one", [], { mode: "read" })]),
  ).toEqual([{ login, role: "weft_app" }, { login, role: "weft_app" }, [{ one: 1 }]]);
});

test(
  "users that a server of secrets creates for a while work as the role of the URL, are replaced in time, and none of the requests fails",
  { tags: "slow" },
  async () => {
    const vault = await VaultServer.start();
    onTestFinished(() => vault.close());
    vault.addToken("hvs.t");
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "hvs.t");
    const users: string[] = [];
    vault.addEngine("database/creds/weft-app", {
      seconds: 2,
      maxSeconds: 3,
      create: async () => {
        const password = `planted-${users.length}`;
        const username = await aLogin(password);
        users.push(username);
        return { data: { username, password }, revoke: async () => void (await dropLogin(username)) };
      },
    });
    const url = new URL(database.appUrl);
    url.username = "weft_app";
    url.password = "";
    const { databases, stop, lines } = await open({
      WEFT_VAULT_URL: vault.url,
      WEFT_VAULT_TOKEN_FILE: tokenFile,
      DATABASE_URL: url.href,
      DATABASE_URL_VAULT: "database/creds/weft-app",
    });
    const load = keepUsing(databases);
    await expect.poll(() => users.length, { timeout: 10_000 }).toBe(3);
    await expect.poll(() => whoAmI(databases)).toEqual({ login: users[2], role: "weft_app" });
    expect((await load.stop()).failures).toEqual([]);
    const [exists] = await owner<{ count: number }[]>`select count(*)::int from pg_roles where rolname = ${users[0] ?? ""}`;
    expect(exists?.count).toBe(0);
    await stop();
    await expect.poll(async () => (await owner`select from pg_roles where rolname in ${owner(users)}`).length).toBe(0);
    expect(lines.join("")).not.toContain("planted");
  },
);
