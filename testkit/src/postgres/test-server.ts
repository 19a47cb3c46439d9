import { rmSync } from "node:fs";
import { migrate } from "@weft/drizzle";
import { startPostgres } from "@weft/standalone/postgres/start";
import { postgres } from "@weft/pg-driver";
import { databaseUrl, testRoles } from "./database-urls.js";
import { watchServer } from "./watch-server.js";

/** The PostgreSQL server of a test run. */
export interface TestServer {
  /** URL of the superuser (or of the owner in DATABASE_OWNER_URL), on that user's own database. */
  readonly ownerUrl: string;
  /** Directory of the server's Unix socket. Undefined if it has none, or if the server was given. */
  readonly socketDir: string | undefined;
  /** The migrated database to clone. It has no open connections. */
  readonly template: string;
  /** Keeps the server running for a while after the run, because a failed file kept its database. */
  keep(): void;
  stop(): Promise<void>;
}

const keepMinutes = 5;

/** Test data does not need to survive a crash of the machine. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: 300,
  shared_buffers: "128MB",
  // The data can be in memory.
  max_wal_size: "512MB",
};

/** Starts a server for this run with its data in `dataDir`, or uses the one in DATABASE_OWNER_URL, and migrates the template. */
export async function prepareTestServer(dataDir: string, env: NodeJS.ProcessEnv = process.env): Promise<TestServer> {
  const template = `weft_template_${process.pid}`;
  const given = env["DATABASE_OWNER_URL"];
  if (given !== undefined && given !== "") {
    await createTemplate(given, template);
    return { ownerUrl: given, socketDir: undefined, template, keep: () => {}, stop: () => dropTemplate(given, template) };
  }
  const watcher = watchServer(dataDir);
  const server = await startPostgres({ dataDir, settings });
  await createTemplate(server.url, template);
  let kept = false;
  return {
    ownerUrl: server.url,
    socketDir: server.socketDir,
    template,
    keep: () => {
      kept = env["CI"] === undefined;
    },
    stop: async () => {
      if (kept) {
        console.log(`\nThe PostgreSQL server with the databases of the failed files runs on for ${keepMinutes} minutes.`);
        watcher.release(keepMinutes);
        return;
      }
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
      watcher.release(0);
    },
  };
}

async function createTemplate(ownerUrl: string, template: string): Promise<void> {
  await administer(ownerUrl, async (sql) => {
    await sql`drop database if exists ${sql(template)}`;
    await sql`create database ${sql(template)}`;
  });
  try {
    await migrate({ ownerUrl: databaseUrl(ownerUrl, template), roles: testRoles });
  } catch (error) {
    await dropTemplate(ownerUrl, template);
    throw error;
  }
}

/** Drops the template, and the databases that were made from it and kept as templates or shared. The workers are still connected to the latter. */
function dropTemplate(ownerUrl: string, template: string): Promise<void> {
  return administer(ownerUrl, async (sql) => {
    const kept = await sql<{ name: string }[]>`select datname as name from pg_database where starts_with(datname, ${`${template}_`})`;
    for (const { name } of [...kept, { name: template }]) await sql`drop database if exists ${sql(name)} with (force)`;
  });
}

async function administer(ownerUrl: string, run: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await run(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
