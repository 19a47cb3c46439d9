import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "@weft/pg-driver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { socketFile } from "./cluster.js";
import { readPidFile } from "./pid-file.js";
import { startPostgres, type RunningPostgres } from "./start.js";

const fast = { fsync: "off", shared_buffers: "16MB" };
let folder: string;
let dataDir: string;
const started: RunningPostgres[] = [];

// Creating a cluster is the slowest part, so the tests share one, each with its own table.
beforeAll(() => {
  // Only this user can enter it, as the acceptance test with root requires.
  folder = mkdtempSync(join(tmpdir(), "weft-postgres-"));
  dataDir = join(folder, "data");
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(database?: string): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir, settings: fast, ...(database === undefined ? {} : { database }) });
  started.push(server);
  return server;
}

async function ask(url: string, query: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql.unsafe(query);
    return rows[0]?.["answer"];
  } finally {
    await sql.end();
  }
}

describe("PostgreSQL from npm", () => {
  test("is created in an empty directory, serves, stops, and continues with its data at the next start", { tags: "slow" }, async () => {
    expect(existsSync(dataDir)).toBe(false);
    const first = await start("weft");
    expect(first.adopted).toBe(false);
    await ask(first.url, "create table kept (answer int)");
    await ask(first.url, "insert into kept values (42)");
    await first.stop();
    expect(readPidFile(dataDir)).toEqual({ kind: "none" });

    const second = await start("weft");
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, "select answer from kept")).toBe(42);
  });

  test("is stopped if something after its start fails, because nobody else would stop it", { tags: "slow" }, async () => {
    await expect(startPostgres({ dataDir, settings: fast, database: "" })).rejects.toThrow("zero-length");
    expect(readPidFile(dataDir)).toEqual({ kind: "none" });
  });

  test("requires the password from every client, and protects it from other users", { tags: "slow" }, async () => {
    const server = await start();
    await expect(ask(server.url.replace(/:[0-9a-f]+@/, ":wrong@"), "select 1 as answer")).rejects.toThrow(/password authentication failed/);
    expect(readFileSync(join(dataDir, "pg_hba.conf"), "utf8")).not.toMatch(/^[^#]*\btrust$/m);
  });

  test("also listens on a socket file that only its owner can reach, and also after a kill -9", async () => {
    const viaSocket = async ({ socketDir, port }: RunningPostgres): Promise<unknown> => {
      const sql = postgres({
        path: socketFile(socketDir ?? "", port) ?? "",
        user: "nobody",
        password: "wrong",
        max: 1,
        onnotice: () => {},
      });
      return sql`select 1`.then(
        () => "in",
        (error: unknown) => (error as { code: string }).code,
      );
    };
    const first = await start();
    expect(first.socketDir).toBe(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, `.s.PGSQL.${first.port}`)).mode & 0o777).toBe(0o700);
    // The socket requires a password, too.
    expect(await viaSocket(first)).toBe("28P01");
    const lockFile = join(dataDir, `.s.PGSQL.${first.port}.lock`);
    const lines = readFileSync(lockFile, "utf8").split("\n");
    const found = readPidFile(dataDir);
    if (found.kind !== "live") throw new Error("The server has no live pid file.");
    process.kill(found.pid, "SIGKILL");
    await expect.poll(() => readPidFile(dataDir).kind, { timeout: 20_000 }).toBe("stale");
    writeFileSync(lockFile, [String(process.pid), ...lines.slice(1)].join("\n"));
    const second = await startPostgres({ dataDir, settings: fast, port: first.port });
    started.push(second);
    expect(await viaSocket(second)).toBe("28P01");
  });

  test("listens only on TCP if the path of a socket file would be too long", { tags: "slow" }, async () => {
    const server = await startPostgres({ dataDir: join(folder, "long".repeat(25)), settings: fast });
    started.push(server);
    expect(server.socketDir).toBeUndefined();
    expect(await ask(server.url, "select current_setting('unix_socket_directories') as answer")).toBe("");
  });

  test("is adopted while it is running, and stopped by its adopter", async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, port: first.port, url: first.url });
    await second.stop();
    await first.stop();
    expect(readPidFile(dataDir).kind).toBe("none");
  });

  test("restarts after a kill -9 of the server, with all committed data", async () => {
    const first = await start();
    await ask(first.url, "create table kept_in_a_crash (answer int)");
    await ask(first.url, "insert into kept_in_a_crash values (7)");
    const found = readPidFile(dataDir);
    if (found.kind !== "live") throw new Error("The server has no live pid file.");
    process.kill(found.pid, "SIGKILL");
    await expect.poll(() => readPidFile(dataDir).kind, { timeout: 20_000 }).toBe("stale");

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, "select answer from kept_in_a_crash")).toBe(7);
  });

  test("is not confused by a pid file with the ID of another process", { tags: "slow" }, async () => {
    const first = await start();
    const pidFile = join(dataDir, "postmaster.pid");
    const lines = readFileSync(pidFile, "utf8").split("\n");
    await first.stop();
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join("\n"));

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, "select 1 as answer")).toBe(1);
  });

  test("explains what to do about a directory with other contents, and about another version's data", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "holiday.jpg"), "");
    await expect(startPostgres({ dataDir: other })).rejects.toThrow(/is not empty and is not a PostgreSQL data directory.*WEFT_DATA_DIR/);
    writeFileSync(join(other, "PG_VERSION"), "14\n");
    await expect(startPostgres({ dataDir: other })).rejects.toThrow(/belongs to PostgreSQL 14.*Dump it with the old version/);
  });

  test("reports the setting or port that prevented its start, in the server's own words", { tags: "slow" }, async () => {
    const other = await start();
    const here = { dataDir: join(folder, "second"), settings: fast };
    await expect(startPostgres({ ...here, port: other.port })).rejects.toThrow(/Port \d+ is in use/);
    await expect(startPostgres({ ...here, settings: { shared_bufers: "1MB" } })).rejects.toThrow(
      /unrecognized configuration parameter "shared_bufers"/,
    );
    expect(existsSync(join(here.dataDir, "postmaster.pid"))).toBe(false);
  });
});
