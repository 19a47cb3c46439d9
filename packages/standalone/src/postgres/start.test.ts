import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readPidFile } from "./pid-file.js";
import { startPostgres, type RunningPostgres } from "./start.js";

const fast = { fsync: "off", shared_buffers: "16MB" };
let folder: string;
let dataDir: string;
const started: RunningPostgres[] = [];

// Making a cluster takes longer than all else here: the tests share one, each with a table of its own.
beforeAll(() => {
  // Only we may enter it, as the acceptance asks for root.
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

describe("the PostgreSQL from npm", () => {
  test("is made in an empty place, serves, stops, and goes on with its data at the next start", async () => {
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

  test("asks everybody for the password, and keeps it from other users", async () => {
    const server = await start();
    await expect(ask(server.url.replace(/:[0-9a-f]+@/, ":wrong@"), "select 1 as answer")).rejects.toThrow(/password authentication failed/);
    expect(readFileSync(join(dataDir, "pg_hba.conf"), "utf8")).not.toMatch(/^[^#]*\btrust$/m);
  });

  test("is adopted while it lives, and stopped by who adopted it", async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, port: first.port, url: first.url });
    await second.stop();
    await first.stop();
    expect(readPidFile(dataDir).kind).toBe("none");
  });

  test("starts again after a kill -9 of the server, with everything that was committed", async () => {
    const first = await start();
    await ask(first.url, "create table kept_in_a_crash (answer int)");
    await ask(first.url, "insert into kept_in_a_crash values (7)");
    const found = readPidFile(dataDir);
    if (found.kind !== "live") throw new Error("The server has no live pid file.");
    process.kill(found.pid, "SIGKILL");
    await expect.poll(() => readPidFile(dataDir).kind).toBe("stale");

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, "select answer from kept_in_a_crash")).toBe(7);
  });

  test("is not confused by a pid file whose number now belongs to another process", async () => {
    const first = await start();
    const pidFile = join(dataDir, "postmaster.pid");
    const lines = readFileSync(pidFile, "utf8").split("\n");
    await first.stop();
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join("\n"));

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, "select 1 as answer")).toBe(1);
  });

  test("says what to do about a directory that is something else, and about another version's data", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "holiday.jpg"), "");
    await expect(startPostgres({ dataDir: other })).rejects.toThrow(/is not empty and is no PostgreSQL data directory.*WEFT_DATA_DIR/);
    writeFileSync(join(other, "PG_VERSION"), "14\n");
    await expect(startPostgres({ dataDir: other })).rejects.toThrow(/is of PostgreSQL 14.*Dump it with the old version/);
  });

  test("says which setting or port kept it from starting, in the server's own words", async () => {
    const other = await start();
    const here = { dataDir: join(folder, "second"), settings: fast };
    await expect(startPostgres({ ...here, port: other.port })).rejects.toThrow(/Port \d+ is taken/);
    await expect(startPostgres({ ...here, settings: { shared_bufers: "1MB" } })).rejects.toThrow(
      /unrecognized configuration parameter "shared_bufers"/,
    );
    expect(existsSync(join(here.dataDir, "postmaster.pid"))).toBe(false);
  });
});
