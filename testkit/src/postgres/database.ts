import { randomBytes } from "node:crypto";
import { postgres } from "@weft/pg-driver";
import { inject } from "vitest";
import { databaseUrl, roleUrls, type RoleUrls } from "./database-urls.js";
import { hasFileFailed } from "../file-result.js";
import { until } from "../until.js";

/** A migrated, empty database for one test file. */
export interface TestDatabase extends RoleUrls {
  readonly name: string;
  /** Unrestricted access. Use it to check data behind the access rules, not in the code under test. */
  readonly ownerUrl: string;
  /**
   * The same roles through the server's Unix socket, if it has one. For Weft's own pools: a statement takes some 10 % less processor time than over TCP.
   * postgres.js alone does not read these URLs; see `socketAddress`.
   */
  readonly socketUrls: RoleUrls;
  /**
   * Deletes the database. Keeps it and prints its URL if a test of this file has failed.
   *
   * @param waitMs maximum time that a recently closed pool can take to disconnect. Default: 15 seconds
   * @throws Error if the file left a connection open, which means that a pool was not closed.
   */
  drop(waitMs?: number): Promise<void>;
}

/**
 * Clones the migrated template, which takes about 20 ms in memory. Call it once per test file, and create a separate tenant in each test.
 *
 * @param template a database that `keepAsTemplate` has returned. Default: the empty one
 */
export async function cloneDatabase(template?: string): Promise<TestDatabase> {
  return cloneAs(`weft_test_${randomBytes(6).toString("hex")}`, template);
}

/** Clones the migrated template for several test files. It is dropped at the end of the run. */
export async function cloneSharedDatabase(): Promise<TestDatabase> {
  const { template } = await testServer();
  return cloneAs(`${template}${sharedPart}${randomBytes(6).toString("hex")}`);
}

/** Part of the name of a database that several test files use. */
const sharedPart = "_shared_";

/** Whether a database contains tenants of other test files. */
export const isSharedDatabase = (url: string): boolean => new URL(url).pathname.includes(sharedPart);

async function cloneAs(name: string, template?: string): Promise<TestDatabase> {
  const address = inject("weftTestServer");
  const server = await testServer();
  await withAdmin(server.ownerUrl, async (sql) => {
    await sql`create database ${sql(name)} template ${sql(template ?? server.template)} strategy file_copy`;
  });
  const ownerUrl = databaseUrl(server.ownerUrl, name);
  return {
    name,
    ownerUrl,
    ...roleUrls(ownerUrl, name),
    socketUrls: roleUrls(ownerUrl, name, server.socketDir),
    drop: async (waitMs = 15_000) => {
      if (hasFileFailed()) {
        // In CI, the server ends with the run.
        if (process.env["CI"] === undefined) console.log(`The database of this failed file is kept: ${ownerUrl}`);
        await fetch(address, { method: "POST" });
        return;
      }
      await withAdmin(server.ownerUrl, (sql) => dropDatabase(sql, name, waitMs));
    },
  };
}

/** Keeps a database to clone until the end of the run, instead of dropping it. Nobody may be connected to it. Returns its new name. */
export async function keepAsTemplate({ name }: TestDatabase): Promise<string> {
  const server = await testServer();
  const template = `${server.template}_${randomBytes(6).toString("hex")}`;
  await withAdmin(server.ownerUrl, async (sql) => {
    await sql`alter database ${sql(name)} rename to ${sql(template)}`;
  });
  return template;
}

interface Server {
  readonly ownerUrl: string;
  readonly socketDir?: string;
  readonly template: string;
}

async function testServer(): Promise<Server> {
  const response = await fetch(inject("weftTestServer"));
  if (!response.ok) throw new Error(`There is no test database: ${await response.text()}`);
  return (await response.json()) as Server;
}

interface Leak {
  readonly user: string;
  readonly query: string;
}

async function dropDatabase(sql: postgres.Sql, name: string, deadlineMs: number): Promise<void> {
  // Only users' connections; the server's own workers have no user. An owner that is not a superuser sees the users, but not the queries.
  const connected = () => sql<Leak[]>`select usename as user, query from pg_stat_activity where datname = ${name} and usename is not null`;
  let leaks: readonly Leak[] = [];
  try {
    await until(async () => (leaks = await connected()).length === 0, { what: "the connections of the file are closed", deadlineMs });
  } catch {
    // Reported below.
  }
  if (leaks.length === 0) {
    await sql`drop database if exists ${sql(name)}`;
  } else {
    await sql`drop database ${sql(name)} with (force)`.catch(() => {
      // An owner that is not a superuser cannot terminate the connections of other users.
    });
    const list = leaks.map((leak) => `${leak.user}: ${leak.query}`).join("\n  ");
    throw new Error(
      `${leaks.length} connections to the test database were still open at the end of the file: close their pool.\n  ${list}`,
    );
  }
}

async function withAdmin(ownerUrl: string, run: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await run(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
