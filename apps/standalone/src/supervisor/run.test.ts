import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOnLoopback } from "@weft/testkit/network/listen";
import { until } from "@weft/testkit/until";
import { socketAddress } from "@weft/drizzle";
import { postgres } from "@weft/pg-driver";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPidFile } from "../postgres/pid-file.js";
import { runSupervisor } from "./run.js";

let folder: string;
let dataDir: string;
let signals: EventEmitter;
const ends: Promise<number>[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-run-"));
  dataDir = join(folder, "data");
  signals = new EventEmitter();
});

afterEach(async () => {
  signals.emit("SIGTERM");
  await Promise.all(ends.splice(0));
  rmSync(folder, { recursive: true, force: true });
});

/** A server child that writes its environment to a file, and exits on request. */
function run(database: "own" | "given" = "own", port = 0): { ended: Promise<number>; said: string[] } {
  const script = join(folder, "child.mjs");
  writeFileSync(
    script,
    `import { renameSync, writeFileSync } from "node:fs";
     setInterval(() => {}, 1000);
     process.on("SIGTERM", () => process.exit(0));
     process.on("disconnect", () => process.exit(0));
     ${database === "own" ? `process.once("message", ({ environment }) => write({ ...process.env, ...environment }));` : "write(process.env);"}
     function write(env) {
       writeFileSync(${JSON.stringify(join(folder, "draft"))}, JSON.stringify(env));
       renameSync(${JSON.stringify(join(folder, "draft"))}, ${JSON.stringify(join(folder, "env"))});
     }`,
  );
  const said: string[] = [];
  // The test run has its own compile cache.
  const { NODE_COMPILE_CACHE: _, ...outer } = process.env;
  const env = { ...outer, DATABASE_OWNER_URL: "postgres://owner@db.example/weft" };
  const ended = runSupervisor({
    env,
    database,
    dataDir,
    listen: { port, host: "127.0.0.1" },
    script,
    signals,
    say: (line) => said.push(line),
  });
  ends.push(ended);
  return { ended, said };
}

async function childEnvironment(): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, "env");
  await until(() => existsSync(path), { what: "the child has started", deadlineMs: 20_000 });
  return JSON.parse(readFileSync(path, "utf8")) as NodeJS.ProcessEnv;
}

async function answers(given: string): Promise<boolean> {
  const { url, options } = socketAddress(given);
  const sql = postgres(url, { ...options, max: 1, connect_timeout: 2 });
  try {
    return (await sql`select 1`).length === 1;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test("the child gets a database that keeps running during its drain and is stopped last", { tags: "slow" }, async () => {
  const { ended } = run();
  const environment = await childEnvironment();
  const { DATABASE_OWNER_URL: url = "", NODE_COMPILE_CACHE: cache } = environment;
  expect(cache).toBe(join(dataDir, "compile-cache"));
  expect(new URL(url).pathname).toBe("/weft");
  expect(await answers(url)).toBe(true);
  // The server's own connections use the socket file, with the default roles.
  const { DATABASE_URL = "", DATABASE_WORKER_URL, DATABASE_AUTH_URL } = environment;
  expect([DATABASE_WORKER_URL, DATABASE_AUTH_URL]).toEqual([DATABASE_URL, DATABASE_URL]);
  const onSocket = new URL(DATABASE_URL);
  expect([onSocket.username, onSocket.searchParams.get("host")]).toEqual(["", join(dataDir, "postgres")]);
  onSocket.username = new URL(url).username;
  onSocket.password = new URL(url).password;
  expect(await answers(onSocket.href)).toBe(true);
  signals.emit("SIGINT");
  expect(await ended).toBe(0);
  expect(readPidFile(join(dataDir, "postgres")).kind).toBe("none");
  expect(signals.eventNames()).toEqual([]);
});

test("PostgreSQL is restarted in the same place when its postmaster is killed", { tags: "slow" }, async () => {
  const { said } = run();
  const { DATABASE_OWNER_URL: url = "" } = await childEnvironment();
  const found = readPidFile(join(dataDir, "postgres"));
  if (found.kind !== "live") throw new Error("PostgreSQL does not run.");
  process.kill(found.pid, "SIGKILL");
  await until(() => said.includes("PostgreSQL is running again."), { what: "PostgreSQL is back" });
  expect(await answers(url)).toBe(true);
});

test("a second supervisor on the same data is refused, and does not affect the first one's database", { tags: "slow" }, async () => {
  run();
  const { DATABASE_OWNER_URL: url = "" } = await childEnvironment();
  const second = run();
  expect(await second.ended).toBe(1);
  expect(second.said).toEqual([expect.stringMatching(/already running/)]);
  expect(await answers(url)).toBe(true);
});

test("a configured database is used, and none is started", async () => {
  const { ended } = run("given");
  expect(await childEnvironment()).toMatchObject({ DATABASE_OWNER_URL: "postgres://owner@db.example/weft" });
  expect(existsSync(join(dataDir, "postgres"))).toBe(false);
  signals.emit("SIGTERM");
  expect(await ended).toBe(0);
});

test("a busy port is found before a database is made", { tags: "slow" }, async () => {
  const other = createServer();
  const port = await listenOnLoopback(other);
  const { ended, said } = run("own", port);
  expect(await ended).toBe(1);
  other.close();
  expect(said).toEqual([`Another program is listening on 127.0.0.1:${port}. Stop it, or set PORT to a free port.`]);
  expect(readdirSync(dataDir)).toEqual([]);
});

test.each([["at once"], ["when PostgreSQL is starting"]])(
  "two stop signals %s leave no PostgreSQL running",
  { tags: "slow" },
  async (when) => {
    const { ended } = run();
    if (when !== "at once") await until(() => readPidFile(join(dataDir, "postgres")).kind === "live", { what: "PostgreSQL is starting" });
    signals.emit("SIGINT");
    signals.emit("SIGINT");
    expect([0, 1]).toContain(await ended);
    expect(readPidFile(join(dataDir, "postgres")).kind).toBe("none");
  },
);

test("a database that cannot start ends the run with instructions", async () => {
  mkdirSync(join(dataDir, "postgres"), { recursive: true });
  writeFileSync(join(dataDir, "postgres", "PG_VERSION"), "9.6\n");
  const { ended, said } = run();
  expect(await ended).toBe(1);
  expect(said).toEqual([expect.stringMatching(/belongs to PostgreSQL 9.6/)]);
});
