import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeKeysFile } from "@weft/platform/config";
import { ApiClient, type ApiError, type ApiResult, TestUser, until } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { type Finished, runProgram, weftProcess } from "@weft/testkit/processes/weft-process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findFreePort } from "../postgres/free-port.js";
import { seedOperations } from "../seed/seed-operations.js";

const password = "a quiet river 42";
/** Of this password. */
const bcryptHash = "$2b$04$TnzNmvppiC6/Nt.MvYn6mOPHVhn0hVLYm7l4tr.vhk.AOCkMJetQy";
/** Long enough for a busy machine. Fields that do not wait for the hanging subgraph are answered sooner. */
const subgraphTimeoutMs = 2_500;
const folder = mkdtempSync(join(tmpdir(), "weft-production-"));
let installation: Installation;
let made: Finished;
let admin: TestUser;

const tenantCli = (args: readonly string[], input = "", env: Record<string, string> = {}): Promise<Finished> =>
  runProgram({ program: "apps/standalone/dist/tenant-cli.js", args, env: { ...installation.env, ...env } }, input);
const create = (slug: string, email: string): string[] => ["create", "--slug", slug, "--name", "Acme", "--admin-email", email];

// Several processes start at once: two seconds on an idle machine become much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  installation = await startInstallation({
    workers: 0,
    absent: ["workflows", "requests", "audit"],
    settings: { WEFT_SUBGRAPH_TIMEOUT_MS: String(subgraphTimeoutMs) },
  });
  made = await tenantCli(create("acme", "ada@acme.example"), `${password}\n`);
  admin = await TestUser.login(installation.gateways[0]?.url ?? "", "ada@acme.example", password);
}, 300_000);

afterAll(async () => {
  await installation?.stop();
  rmSync(folder, { recursive: true });
}, 120_000);

describe("the operator's tenant command", () => {
  test("creates an administrator, and the administrator creates all other users", async () => {
    expect(made.output).toMatch(/^Created the tenant Acme \(ten_\w+\)\. ada@acme\.example can log in as its administrator\.\n$/);
    expect(await admin.run("{ me { name email } tenant { slug plan } }")).toEqual({
      me: { name: "ada", email: "ada@acme.example" },
      tenant: { slug: "acme", plan: "FREE" },
    });
    const { createVendor } = await admin.run<{ createVendor: { vendor: { id: string } } }>(seedOperations.createVendor, {
      input: { code: "V1", name: "Lifts" },
    });
    const vic = {
      email: "vic@lifts.example",
      username: "vic",
      name: "Vic",
      password,
      type: "VENDOR",
      roleKeys: ["vendor_user"],
      vendorId: createVendor.vendor.id,
    };
    await admin.run(seedOperations.createUser, { input: vic });
    await expect(TestUser.login(admin.url, "vic@lifts.example", password)).rejects.toThrow("PASSWORD_CHANGE_REQUIRED");
    expect((await TestUser.firstLogin(admin.url, "vic@lifts.example", password)).id).toMatch(/^usr_/);
  });

  test("leaves an existing tenant unchanged, and reports that it exists", async () => {
    const again = await tenantCli(create("acme", "eve@acme.example"), "", { WEFT_ADMIN_PASSWORD: password });
    expect(again).toMatchObject({ code: 1, output: 'A tenant with the slug "acme" already exists and is not changed.\n' });
    await expect(TestUser.login(admin.url, "eve@acme.example", password)).rejects.toThrow("UNAUTHENTICATED");
  });

  test("imports users with the bcrypt hashes of another system, and reports lines that are wrong without their hashes", async () => {
    const file = join(folder, "users.jsonl");
    const user = { email: "ina@acme.example", name: "Ina", roles: ["viewer"] };
    const importUsers = (lines: readonly string[]) => {
      writeFileSync(file, `${lines.join("\n")}\n`);
      return tenantCli(["import-users", "--slug", "acme", "--file", file]);
    };
    const line = JSON.stringify({ ...user, passwordHash: bcryptHash });
    expect(await importUsers([line])).toMatchObject({
      code: 0,
      output: "Created 1 users. 0 users already existed and were not changed.\n",
    });
    expect((await TestUser.login(admin.url, user.email, password)).id).toMatch(/^usr_/);
    expect(await importUsers([line])).toMatchObject({
      code: 0,
      output: "Created 0 users. 1 users already existed and were not changed.\n",
    });
    const wrong = await importUsers([line, `${line}x`, JSON.stringify(user)]);
    expect(wrong.code).toBe(1);
    expect(wrong.output.split("\n").map((each) => each.split(":")[0])).toEqual(["line 2", "line 3", ""]);
    expect(wrong.output).not.toContain("$2b$");
  });

  test("reports everything that is wrong with its input", async () => {
    const bad = await tenantCli(create("Not A Slug", "nobody"), "short\n");
    expect(bad.code).toBe(1);
    expect(bad.output.split("\n").map((line) => line.split(":")[0])).toEqual(["slug", "admin.email", "admin.password", ""]);
    const incomplete = [[], ["create", "--slug", "x"], ["create", "--color", "red"], [...create("x", "x@y.example"), "--plan", "GOLD"]];
    for (const { code, output } of await Promise.all(incomplete.map((args) => tenantCli(args)))) {
      expect(code).toBe(2);
      expect(output).toContain("Usage: pnpm tenant create");
    }
  });
});

test("a tenant is created while the one-process mode is running, which uses its own PostgreSQL", async () => {
  const port = await findFreePort();
  const env = {
    WEFT_MODE: "production",
    WEFT_DATA_DIR: join(folder, "data"),
    ERASURES_DIR: join(folder, "erasures"),
    WEFT_KEYS_FILE: installation.env["WEFT_KEYS_FILE"] ?? "",
    PORT: String(port),
    LOG_LEVEL: "warn",
  };
  const tenant = () =>
    runProgram({ program: "apps/standalone/dist/tenant-cli.js", args: create("solo", "ada@solo.example"), env }, `${password}\n`);
  expect(await tenant()).toMatchObject({ code: 78, output: expect.stringContaining("Weft is not running") as string });
  const weft = weftProcess({ name: "one process", program: "apps/standalone/dist/main.js", env }, `http://127.0.0.1:${port}`);
  await weft.start();
  const { code, output } = await tenant();
  const ada = await TestUser.login(weft.url, "ada@solo.example", password).catch((error: unknown) => error);
  const ended = await weft.end("SIGTERM");
  expect({ code, output, ended }).toMatchObject({ code: 0, ended: 0 });
  expect(ada).toBeInstanceOf(TestUser);
});

describe("production refuses", () => {
  const start = (settings: Record<string, string>): Promise<Finished> =>
    runProgram({ program: "subgraphs/identity/dist/main.js", env: { ...installation.env, ...settings } });

  test("keys that were created for a demo, and to create keys", async () => {
    writeKeysFile(join(folder, "demo.json"), "demo");
    expect(await start({ WEFT_KEYS_FILE: join(folder, "demo.json") })).toMatchObject({
      code: 78,
      output: expect.stringContaining("were generated for a demo") as string,
    });
    expect(await start({ WEFT_KEYS_FILE: join(folder, "none.json") })).toMatchObject({
      code: 78,
      output: expect.stringContaining("pnpm keys") as string,
    });
  });

  test("well-known passwords, and more connections than the server allows", async () => {
    const url = (installation.env["DATABASE_URL"] ?? "").replace("weft_app@", "weft_app:changeme@");
    expect(await start({ DATABASE_URL: url })).toMatchObject({
      code: 78,
      output: expect.stringContaining("DATABASE_URL: the password is a well-known default") as string,
    });
    expect(await start({ DATABASE_PROCESSES: "1000" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("The pools need 17000 connections") as string,
    });
  });

  test("introspection, and demo users during the migration before every start", async () => {
    // Administrators have the permission schema.read.
    expect(await new ApiClient(admin.url).send("{ __schema { types { name } } }")).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN" } }],
    });
    const migrate = (): Promise<Finished> =>
      runProgram({
        program: "apps/standalone/dist/migrate-cli.js",
        env: { ...installation.env, DATABASE_OWNER_URL: installation.ownerUrl },
      });
    expect((await migrate()).code).toBe(0);
    expect((await tenantCli(create("demo", "admin@acme.com"), `${password}\n`)).code).toBe(0);
    expect(await migrate()).toMatchObject({ code: 78, output: expect.stringContaining("demo users (admin@acme.com)") as string });
  });
});

describe("F11: a subgraph", () => {
  const query = "{ me { name } vendors(first: 1) { edges { node { name } } } users(first: 5) { edges { node { name vendor { name } } } } }";
  const people = (vic: { name: string } | null): unknown => ({
    edges: expect.arrayContaining([{ node: { name: "ada", vendor: null } }, { node: { name: "Vic", vendor: vic } }]) as unknown[],
  });
  const all = { me: { name: "ada" }, vendors: { edges: [{ node: { name: "Lifts" } }] }, users: people({ name: "Lifts" }) };
  const withoutVendors = { me: { name: "ada" }, vendors: null, users: people(null) };
  const send = (): Promise<ApiResult> => admin.send(query);
  const named = (errors: readonly ApiError[] | undefined): string[] => [
    ...new Set(errors?.map(({ extensions }) => `${extensions?.code} ${String(extensions?.["service"])}`)),
  ];
  const answersAgain = (): Promise<unknown> =>
    until(async () => (await send()).errors === undefined, { what: "the subgraph is found again", deadlineMs: 30_000 });

  test("that has never been available: the gateway starts without it, and connects once it is available", async () => {
    const { data, errors } = await admin.send(
      "{ me { name } requests(first: 1) { edges { cursor } } tasks(first: 1) { edges { cursor } } }",
    );
    expect(data).toEqual({ me: { name: "ada" }, requests: null, tasks: null });
    expect(named(errors).toSorted()).toEqual(["SERVICE_UNAVAILABLE requests", "SERVICE_UNAVAILABLE workflows"]);
    await installation.subgraphs.requests.start();
    await until(async () => (await admin.send("{ requests(first: 1) { edges { cursor } } }")).errors === undefined, {
      what: "requests are answered",
      deadlineMs: 30_000,
    });
  });

  test("that is killed: only its fields are null, with its name in the error, and operations recover once it is back", async () => {
    expect(await send()).toEqual({ data: all });
    await installation.subgraphs.vendors.end("SIGKILL");
    const { data, errors } = await send();
    expect(data).toEqual(withoutVendors);
    expect(named(errors)).toEqual(["SERVICE_UNAVAILABLE vendors"]);
    await installation.subgraphs.vendors.start();
    await answersAgain();
  });

  test("that hangs: delays a few operations by its timeout and no others, and after some seconds no operation at all", async () => {
    installation.links.vendors.blackHole();
    const started = performance.now();
    const others = Array.from({ length: 20 }, async () => {
      const begun = performance.now();
      await admin.run("{ me { name } }");
      return performance.now() - begun;
    });
    const hanging = await Promise.all(Array.from({ length: 5 }, send));
    for (const { data, errors } of hanging) {
      expect(data).toEqual(withoutVendors);
      expect(named(errors)).toEqual(["SERVICE_UNAVAILABLE vendors"]);
    }
    expect(performance.now() - started).toBeGreaterThan(subgraphTimeoutMs - 50);
    expect(Math.max(...(await Promise.all(others)))).toBeLessThan(subgraphTimeoutMs);
    // Its health endpoint does not respond either. After a few seconds, nothing waits for it any more.
    const answeredWithinMs = async (): Promise<number> => {
      const begun = performance.now();
      expect((await send()).data).toEqual(withoutVendors);
      return performance.now() - begun;
    };
    await expect.poll(answeredWithinMs, { timeout: 20_000 }).toBeLessThan(subgraphTimeoutMs / 2);
    installation.links.vendors.heal();
    await answersAgain();
  });

  test("that is slow is waited for; one that drops its connections is not", async () => {
    installation.links.vendors.delay(100);
    expect(await send()).toEqual({ data: all });
    installation.links.vendors.cut();
    expect((await send()).data).toEqual(withoutVendors);
    installation.links.vendors.heal();
    await answersAgain();
  });
});
