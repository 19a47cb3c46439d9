import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "@weft/drizzle";
import { startPostgres } from "@weft/standalone/postgres/start";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import postgres from "postgres";
import { databaseUrl, testRoles } from "./database-urls.js";

/** The PostgreSQL server of one test run. */
export interface TestServer {
  /** Of the superuser (or of the owner that DATABASE_OWNER_URL names), on its own database. */
  readonly ownerUrl: string;
  /** The migrated database that is cloned; nobody stays connected to it. */
  readonly template: string;
  /** A failed file left its database: the server outlives the run for a while. */
  keep(): void;
  stop(): Promise<void>;
}

const folder = fileURLToPath(new URL("../../../.weft-test", import.meta.url));
const keepMinutes = 5;

/** Nothing of a test needs to survive a crash of the machine. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: 300,
  shared_buffers: "128MB",
  max_wal_size: "2GB",
};

/** Starts a server for this run, or uses the one that DATABASE_OWNER_URL names, and migrates the template. */
export async function prepareTestServer(env: NodeJS.ProcessEnv = process.env): Promise<TestServer> {
  const template = `weft_template_${process.pid}`;
  const given = env["DATABASE_OWNER_URL"];
  if (given !== undefined && given !== "") {
    await createTemplate(given, template);
    return { ownerUrl: given, template, keep: () => {}, stop: () => dropTemplate(given, template) };
  }
  removeLeftovers();
  const dataDir = join(folder, `run-${process.pid}`);
  const watcher = watch(dataDir);
  const server = await startPostgres({ dataDir, settings });
  await createTemplate(server.url, template);
  let kept = false;
  return {
    ownerUrl: server.url,
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

function dropTemplate(ownerUrl: string, template: string): Promise<void> {
  return administer(ownerUrl, async (sql) => {
    await sql`drop database if exists ${sql(template)}`;
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

/** vitest runs no teardown on Ctrl-C: a process of its own session waits for our end, however it comes, and stops the server then. */
function watch(dataDir: string): { release(minutes: number): void } {
  const program = fileURLToPath(new URL(`test-server-watcher${extname(import.meta.filename)}`, import.meta.url));
  const child = spawn(process.execPath, [program, resolve(dataDir)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return { release: (minutes) => child.stdin.end(`${minutes}\n`) };
}

/** Directories of runs whose watcher was killed too. */
function removeLeftovers(): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1]);
    const path = join(folder, name);
    if (pid > 0 && pid !== process.pid && !isAlive(pid) && readPidFile(path).kind !== "live")
      rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
