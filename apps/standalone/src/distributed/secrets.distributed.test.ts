import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "@weft/pg-driver";
import { TestUser } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { runProgram, type WeftProcess, weftProcess } from "@weft/testkit/processes/weft-process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { findFreePort } from "../postgres/free-port.js";

/** Markers that no process may print. */
const planted = { first: "planted-first", second: "planted-second", redisFirst: "planted-r1", redisSecond: "planted-r2" } as const;
const password = "a quiet river 42";
const folder = mkdtempSync(join(tmpdir(), "weft-secrets-"));
const files = { database: join(folder, "database-url"), redis: join(folder, "redis-url") };
let installation: Installation;
let owner: postgres.Sql;
let server: WeftProcess;
let managementUrl: string;
let admin: TestUser;

vi.setConfig({ testTimeout: 120_000 });

const databaseUrl = (login: string, secret: string): string =>
  Object.assign(new URL(installation.ownerUrl), { username: login, password: secret, search: "?role=weft_app" }).href;
const redisUrl = (user: string, secret: string): string =>
  Object.assign(new URL(installation.redis.url), { username: user, password: secret }).href;
/** Runs a command of the server of Redis. It is at the same place as redis-server. */
const redis = (...args: string[]): string =>
  execFileSync("redis-cli", ["-p", String(installation.redis.port), ...args], { encoding: "utf8" });
const metrics = async (): Promise<string> => (await fetch(`${managementUrl}/metrics`)).text();
const readiness = async () =>
  (await (await fetch(`${managementUrl}/health/ready`)).json()) as { status: string; parts: Record<string, { reason: string }> };

beforeAll(async () => {
  installation = await startInstallation({ absent: ["identity", "workflows", "requests", "vendors", "audit"], workers: 0, gateways: 0 });
  owner = postgres(installation.ownerUrl, { max: 1, onnotice: () => {} });
  await owner.unsafe(`create role login_1 login password '${planted.first}' in role weft_app`);
  await owner.unsafe(`create role login_2 login password '${planted.second}' in role weft_app`);
  redis("ACL", "SETUSER", "weft_1", "on", `>${planted.redisFirst}`, "~*", "&*", "+@all");
  redis("ACL", "SETUSER", "weft_2", "on", `>${planted.redisSecond}`, "~*", "&*", "+@all");
  writeFileSync(files.database, databaseUrl("login_1", planted.first));
  writeFileSync(files.redis, `${redisUrl("weft_1", planted.redisFirst)}\n`);
  const [port, managementPort] = [await findFreePort(), await findFreePort()];
  managementUrl = `http://127.0.0.1:${managementPort}`;
  const env = {
    ...installation.env,
    LOG_LEVEL: "debug",
    DATABASE_URL: "",
    REDIS_URL: "",
    DATABASE_URL_FILE: files.database,
    REDIS_URL_FILE: files.redis,
    FILES_DIR: join(folder, "files"),
    PORT: String(port),
    WEFT_MANAGEMENT_PORT: String(managementPort),
  };
  // Its plan has no limit of operations per minute, which the first test would exceed.
  const args = ["create", "--slug", "acme", "--name", "Acme", "--admin-email", "ada@acme.example", "--plan", "ENTERPRISE"];
  const created = await runProgram({ program: "apps/standalone/dist/tenant-cli.js", args, env }, `${password}\n`);
  if (created.code !== 0) throw new Error(created.output);
  server = weftProcess({ name: "weft", program: "apps/standalone/dist/server.js", env }, `http://127.0.0.1:${port}`);
  await server.start();
  admin = await TestUser.login(server.url, "ada@acme.example", password);
}, 300_000);

afterAll(async () => {
  await server?.end("SIGKILL");
  await owner?.end();
  await installation?.stop();
  rmSync(folder, { recursive: true });
}, 120_000);

test("other logins of the database and of Redis are taken over from files, and no request fails", async () => {
  let isDone = false;
  let count = 0;
  const failures: unknown[] = [];
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!isDone) {
        await admin.run("{ me { name } requests(first: 1) { totalCount } }").then(
          () => count++,
          (error: unknown) => failures.push(error),
        );
      }
    }),
  );
  await expect.poll(() => count).toBeGreaterThan(10);
  writeFileSync(files.database, databaseUrl("login_2", planted.second));
  writeFileSync(files.redis, redisUrl("weft_2", planted.redisSecond));
  await expect.poll(metrics, { timeout: 20_000 }).toContain('weft_secret_replacements_total{setting="DATABASE_URL",result="adopted"} 1');
  expect(await metrics()).toContain('weft_secret_replacements_total{setting="REDIS_URL",result="adopted"} 1');
  // Nothing uses the former logins any more: they can be deleted.
  const connections = async () => (await owner`select from pg_stat_activity where usename = 'login_1'`).length;
  await expect.poll(connections, { timeout: 90_000, interval: 500 }).toBe(0);
  await owner`drop role login_1`;
  await expect.poll(() => redis("CLIENT", "LIST").includes("user=weft_1"), { timeout: 20_000 }).toBe(false);
  redis("ACL", "DELUSER", "weft_1");
  const before = count;
  await expect.poll(() => count).toBeGreaterThan(before + 10);
  isDone = true;
  await load;
  expect(failures).toEqual([]);
  expect((await readiness()).status).toBe("healthy");
});

test("a secret that cannot be read again makes the process degraded, with the reason, and requests go on", async () => {
  rmSync(files.redis);
  await expect.poll(async () => (await readiness()).status, { timeout: 20_000 }).toBe("degraded");
  expect((await readiness()).parts["secrets"]?.reason).toBe(
    `REDIS_URL: REDIS_URL_FILE: ${files.redis} cannot be read (ENOENT). The last value remains in use.`,
  );
  expect(await metrics()).toContain('weft_secret_readable{setting="REDIS_URL"} 0');
  expect(await metrics()).toContain('weft_secret_readable{setting="DATABASE_URL"} 1');
  await admin.run("{ me { name } }");
  writeFileSync(files.redis, redisUrl("weft_2", planted.redisSecond));
  await expect.poll(async () => (await readiness()).status, { timeout: 20_000 }).toBe("healthy");
});

test("neither the log, the metrics, the readiness nor a start that fails shows a secret", async () => {
  const said = [server.output(), await metrics(), JSON.stringify(await readiness())];
  const wrong = join(folder, "wrong");
  writeFileSync(wrong, databaseUrl("login_2", "planted-wrong"));
  const started = { ...installation.env, DATABASE_URL: "", DATABASE_URL_FILE: wrong };
  const refused = await runProgram({ program: "apps/standalone/dist/server.js", env: started });
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("DATABASE_URL: PostgreSQL at 127.0.0.1:");
  writeFileSync(wrong, "mysql://weft:planted-scheme@db/weft");
  said.push(refused.output, (await runProgram({ program: "apps/standalone/dist/server.js", env: started })).output);
  expect(said.at(-1)).toContain(`DATABASE_URL: must be a URL that begins with postgres:// or postgresql:// (from ${wrong})`);
  expect(said.join("\n")).not.toMatch(/planted/);
  expect(said.join("\n")).toContain("a secret was replaced; its new value is in use");
});
