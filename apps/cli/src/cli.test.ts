import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openKeys } from "@weft/platform/config";
import { lockDataDir } from "@weft/standalone/supervisor/data-lock";
import { enrolTotp, sharedWeft, totpCode, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTerminal, type TestTerminal } from "./cli.fixture.js";
import { startCuttingProxy } from "./cutting-proxy.fixture.js";
import type { CheckOutput, DeploymentOutput, DoctorOutput, LogLineOutput, RunOutput } from "./output/outputs.js";

let weft: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;
const terminals: TestTerminal[] = [];

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  admin = tenant.admin;
});
afterAll(async () => {
  for (const terminal of terminals) terminal.close();
});

/** A terminal of nobody, with the address of the server. */
function terminal(env: Record<string, string> = {}): TestTerminal {
  const opened = openTerminal({ WEFT_URL: weft.url, ...env });
  terminals.push(opened);
  return opened;
}

async function loggedIn(user = admin): Promise<TestTerminal> {
  const opened = terminal({ WEFT_PASSWORD: user.password });
  expect(await opened.weft(["login", "--user", user.login])).toMatchObject({ code: 0 });
  return opened;
}

const definition = (key: string, { text = "Hello", step = "" } = {}): string => `weft: 1
kind: automation
key: ${key}
name: ${key}
inputs: { name: { type: string, default: world } }
steps:
  - { id: greet, type: set, with: { values: { text: "${text}, {{ inputs.name }}!" } } }
${step}
outputs: { text: "{{ steps.greet.outputs.text }}" }
`;
const failing = `  - { id: refuse, type: assert, depends_on: [greet], with: { that: "1 == 2", message: "It does not hold." } }`;

test("a login keeps a session that only its user can read, and that later commands use", async () => {
  const at = await loggedIn();
  const file = join(at.env["WEFT_CLI_DIR"] ?? "", "credentials.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { data } = await at.json<{ user: { email: string }; tenant: { slug: string } }>("whoami", ["whoami"]);
  expect([data.user.email, data.tenant.slug]).toEqual([admin.login, tenant.slug]);
});

test("credentials that others can read are refused", async () => {
  const at = await loggedIn();
  chmodSync(join(at.env["WEFT_CLI_DIR"] ?? "", "credentials.json"), 0o644);
  expect(await at.weft(["whoami"])).toMatchObject({ code: 3, err: expect.stringContaining("chmod 600") as string });
});

test("a password from a question is neither shown nor stored", async () => {
  const at = terminal();
  const { code, out, err } = await at.weft(["login"], { answers: [admin.login, admin.password] });
  expect(code).toBe(0);
  const stored = readFileSync(join(at.env["WEFT_CLI_DIR"] ?? "", "credentials.json"), "utf8");
  expect(`${out}${err}${stored}`).not.toContain(admin.password);
});

test("a second factor is asked for, or passed as an option, and without one nobody is logged in", async () => {
  const user = await tenant.user("workflow_manager");
  const { secret, recoveryCodes } = await enrolTotp(user);
  const at = terminal({ WEFT_PASSWORD: user.password });
  const login = ["login", "--user", user.login];
  expect(await at.weft(login)).toMatchObject({ code: 3, err: expect.stringContaining("second factor is required") as string });
  // The code of the next half minute: that of this one was used up by the enrolment.
  const code = totpCode(secret, Date.now() + 30_000);
  expect(await at.weft([...login, "--code", "000000" === code ? "111111" : "000000"])).not.toMatchObject({ code: 0 });
  expect((await at.weft(["whoami"])).code).toBe(3);
  expect(await at.weft([...login, "--code", code])).toMatchObject({ code: 0 });
  expect((await at.json<{ user: { email: string } }>("whoami", ["whoami"])).data.user.email).toBe(user.login);
  const other = terminal({ WEFT_PASSWORD: user.password });
  const asked = await other.weft(login, { answers: [recoveryCodes[0] ?? ""] });
  expect(asked).toMatchObject({ code: 0, err: expect.stringContaining("or a recovery code") as string });
  expect(asked.out + asked.err).not.toContain(recoveryCodes[0]);
});

test("an API key from the standard input is kept, and one that is wrong replaces nothing", async () => {
  const { createApiKey } = await admin.run<{ createApiKey: { key: string } }>(
    "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
    { input: { name: "CI", permissions: [{ permission: "workflow.read", scope: "TENANT" }] } },
  );
  const at = terminal();
  const login = ["login", "--api-key", "--password-stdin"];
  expect(await at.weft(login, { input: `${createApiKey.key}\n` })).toMatchObject({ code: 0 });
  expect((await at.json<{ user: { email: string } }>("whoami", ["whoami"])).data.user.email).toBe(admin.login);
  expect((await at.weft(login, { input: "weft_wrong\n" })).code).toBe(3);
  const shown = await at.weft(["runs"]);
  expect([shown.code, shown.out.includes(createApiKey.key)]).toEqual([0, false]);
  expect(await at.weft(["logout"])).toMatchObject({ code: 0 });
  expect((await at.weft(["whoami"])).code).toBe(3);
});

test("a wrong password logs nobody in", async () => {
  const at = terminal();
  const { code, err } = await at.weft(["login", "--user", admin.login, "--password-stdin"], { input: "a wrong river 41\n" });
  expect([code, err]).toEqual([3, expect.stringContaining("weft: ")]);
  expect((await at.json("error", ["whoami"])).data).toMatchObject({ error: { code: "NOT_LOGGED_IN", exitCode: 3 } });
});

test("after a logout the session is ended on the server as well", async () => {
  const at = await loggedIn();
  const file = join(at.env["WEFT_CLI_DIR"] ?? "", "credentials.json");
  const [session] = Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, { accessToken: string }>);
  expect((await at.json("logout", ["logout"])).data).toEqual({ url: weft.url.replace(/\/$/, ""), wasLoggedIn: true });
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${session?.accessToken}` },
    body: JSON.stringify({ query: "{ me { id } }" }),
  });
  expect(await response.text()).toContain("UNAUTHENTICATED");
  expect(await at.weft(["whoami"])).toMatchObject({ code: 3 });
});

test("two commands at the same time renew an expired session once", async () => {
  const at = await loggedIn();
  const file = join(at.env["WEFT_CLI_DIR"] ?? "", "credentials.json");
  const stored = JSON.parse(readFileSync(file, "utf8")) as Record<string, { expiresAt: string }>;
  for (const one of Object.values(stored)) one.expiresAt = "2020-01-01T00:00:00.000Z";
  writeFileSync(file, JSON.stringify(stored));
  const all = await Promise.all(Array.from({ length: 4 }, () => at.weft(["whoami"])));
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
});

test("an API key is never sent to a URL that only the project's file names", async () => {
  const at = openTerminal({ WEFT_API_KEY: "weft_anything" });
  terminals.push(at);
  at.write(".weft.json", JSON.stringify({ url: weft.url }));
  expect(await at.weft(["whoami"])).toMatchObject({ code: 2, err: expect.stringContaining("project's file") as string });
  expect(await at.weft(["whoami", "--url", weft.url])).toMatchObject({ code: 3, err: expect.stringContaining("weft login") as string });
});

test("a server that is down is not a failure of the definition", async () => {
  const at = terminal({ WEFT_URL: "http://127.0.0.1:9", WEFT_API_KEY: "weft_anything" });
  const { data, code } = await at.json("error", ["runs"]);
  expect([code, data]).toMatchObject([3, { error: { code: "UNREACHABLE" } }]);
});

test("the server finds what only it knows", async () => {
  const at = await loggedIn();
  const file = at.write(
    "child.yaml",
    definition("starts-unknown", { step: "  - { id: child, type: workflow, with: { key: nowhere-to-be-found } }" }),
  );
  expect((await at.json("validate", ["validate", file])).data).toMatchObject({ isValid: true, files: [{ warnings: [] }] });
  const { data, code } = await at.json("validate", ["validate", file, "--remote"]);
  expect(data).toMatchObject({ isValid: true, isRemote: true, files: [{ warnings: [{ code: "UNKNOWN_DEFINITION" }] }] });
  expect(code).toBe(0);
});

test("a deployment publishes what has changed, and does nothing the second time", { tags: "slow" }, async () => {
  const at = await loggedIn();
  const file = at.write("greeting.yaml", definition("deployed-greeting"));
  const deploy = async (...more: string[]) => (await at.json<DeploymentOutput>("deploy", ["deploy", file, ...more])).data.files[0];
  expect(await deploy("--dry-run")).toMatchObject({ action: "create", version: null, isDone: false });
  expect(await deploy("--yes")).toMatchObject({ action: "create", version: 1, isDone: true });
  expect(await deploy("--yes")).toMatchObject({ action: "unchanged", version: 1 });
  at.write("greeting.yaml", definition("deployed-greeting", { text: "Good morning" }));
  expect(await deploy("--dry-run")).toMatchObject({
    action: "create",
    changes: [expect.objectContaining({ kind: "CHANGED" })],
    isDone: false,
  });
  const { out } = await at.weft(["deploy", file, "--dry-run"]);
  expect(out).toContain('  ~ steps.greet.with.values.text: "Hello, {{ inputs.name }}!" → "Good morning, {{ inputs.name }}!"');
  expect(await deploy("--yes")).toMatchObject({ version: 2 });
  const { definitionVersions } = await admin.run<{ definitionVersions: { totalCount: number } }>(
    '{ definitionVersions(key: "deployed-greeting") { totalCount } }',
  );
  expect(definitionVersions.totalCount).toBe(2);
});

test("a value that is too long for a line is shown whole, on lines of its own", async () => {
  const at = await loggedIn();
  const long = `  - { id: long, type: set, with: { values: { a: "${"a".repeat(100)}", b: "${"b".repeat(100)}" } } }`;
  const file = at.write("long-value.yaml", definition("long-value"));
  expect(await at.weft(["deploy", file, "--yes"])).toMatchObject({ code: 0 });
  at.write("long-value.yaml", definition("long-value", { step: long }));
  const { out } = await at.weft(["deploy", file, "--dry-run"]);
  expect(out).toContain("  + steps.long:\n");
  expect(out).toContain(`          "b": "${"b".repeat(100)}"\n`);
});

test("a deployment asks before it changes anything, and not without a terminal", async () => {
  const at = await loggedIn();
  const file = at.write("asked.yaml", definition("asked-for"));
  expect(await at.weft(["deploy", file])).toMatchObject({ code: 2, err: expect.stringContaining("--yes") as string });
  expect(await at.weft(["deploy", file], { answers: ["n"] })).toMatchObject({
    code: 1,
    err: expect.stringContaining("Nothing was deployed") as string,
  });
  expect((await at.json<DeploymentOutput>("deploy", ["deploy", file, "--dry-run"])).data.files).toMatchObject([{ action: "create" }]);
});

test("a deployment goes on after one that was interrupted between creating and publishing", async () => {
  const at = await loggedIn();
  const source = definition("interrupted");
  await admin.run("mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }", { source });
  const file = at.write("interrupted.yaml", source);
  expect((await at.json<DeploymentOutput>("deploy", ["deploy", file, "--yes"])).data.files).toMatchObject([
    { action: "publish", version: 1, isDone: true },
  ]);
});

test("a version moves from one environment to the next", async () => {
  const at = await loggedIn();
  const file = at.write("moved.yaml", definition("moved"));
  const to = async (environment: string) =>
    (await at.json<DeploymentOutput>("deploy", ["deploy", file, "--yes", "--environment", environment])).data.files[0];
  expect(await to("DEV")).toMatchObject({ action: "create", version: 1 });
  expect(await to("PROD")).toMatchObject({ action: "promote", version: 1 });
  expect(await to("STAGING")).toMatchObject({ action: "unchanged" });
});

test("a folder is deployed so that what others start comes first", async () => {
  const at = await loggedIn();
  at.write("a.yaml", definition("folder-parent", { step: "  - { id: child, type: workflow, with: { key: folder-child } }" }));
  at.write("b.yaml", definition("folder-child"));
  at.write("package.json", "{}");
  const { data } = await at.json<DeploymentOutput>("deploy", ["deploy", ".", "--yes"]);
  expect(data.files.map(({ key, isDone }) => [key, isDone])).toEqual([
    ["folder-child", true],
    ["folder-parent", true],
  ]);
});

test("a deployment goes on after a definition that the server refuses, and reports each", async () => {
  const at = await loggedIn();
  const missing = "  - { id: child, type: workflow, with: { key: nobody-has-it } }";
  at.write("a.yaml", definition("refused-first", { step: missing }));
  at.write("b.yaml", definition("deployed-second"));
  at.write("c.yaml", definition("refused-third", { step: missing }));
  const { data, code } = await at.json<DeploymentOutput>("deploy", ["deploy", ".", "--yes"]);
  const warning = { code: "DEFINITION_INVALID", message: expect.stringContaining("--accept-warnings") as string };
  expect([code, data.files]).toMatchObject([
    1,
    [
      { key: "refused-first", isDone: false, error: { ...warning, problems: [{ path: "a.yaml:8:42" }] } },
      { key: "deployed-second", isDone: true, version: 1 },
      { key: "refused-third", isDone: false, error: warning },
    ],
  ]);
  expect(data.files[1]).not.toHaveProperty("error");
  const shown = await at.weft(["deploy", ".", "--yes"]);
  expect(shown).toMatchObject({ code: 1, out: expect.stringContaining("b.yaml: deployed-second is unchanged (version 1)") as string });
  expect(shown.out).toMatch(/^a\.yaml: refused refused-first: .*\[DEFINITION_INVALID\]$/m);
  expect((await at.weft(["deploy", ".", "--yes", "--accept-warnings"])).code).toBe(0);
});

test("run --wait ends with the run: 0 for success, 1 for failure, 4 for a run that goes on", { tags: "slow" }, async () => {
  const at = await loggedIn();
  at.write("good.yaml", definition("waited-good"));
  at.write("bad.yaml", definition("waited-bad", { step: failing }));
  at.write("long.yaml", definition("waited-long", { step: "  - { id: rest, type: wait, with: { for: PT1H } }" }));
  expect(await at.weft(["deploy", "good.yaml", "bad.yaml", "long.yaml", "--yes"])).toMatchObject({ code: 0 });
  const good = await at.json<RunOutput>("run", ["run", "waited-good", "--inputs", "name=Ada", "--wait"]);
  expect([good.code, good.data]).toMatchObject([0, { status: "SUCCEEDED", outputs: { text: "Hello, Ada!" } }]);
  expect(await at.weft(["logs", good.data.id ?? ""])).toMatchObject({
    code: 0,
    out: "",
    err: expect.stringMatching(/^The log is empty\./) as string,
  });
  const bad = await at.json<RunOutput>("run", ["run", "waited-bad", "--wait"]);
  expect([bad.code, bad.data]).toMatchObject([
    1,
    { status: "FAILED", error: { message: expect.stringContaining("It does not hold.") as string } },
  ]);
  const long = await at.json<RunOutput>("run", ["run", "waited-long", "--wait", "--timeout", "1"]);
  expect([long.code, long.data.status]).toEqual([4, "RUNNING"]);
  expect(long.data.waitingFor).toMatchObject([{ step: "rest", type: "wait" }]);
  expect((await at.json("cancel", ["cancel", long.data.id ?? ""])).code).toBe(0);
  const { out, err } = await at.weft(["run", "waited-long", "--wait", "--timeout", "1"]);
  expect([err, out]).toEqual([
    expect.stringContaining("Waiting for rest (wait).") as string,
    expect.stringContaining("still running") as string,
  ]);
  const listed = await at.json<{ runs: { id: string }[] }>("runs", ["runs", "--key", "waited-bad", "--status", "failed"]);
  expect(listed.data.runs.map(({ id }) => id)).toEqual([bad.data.id]);
});

test("logs --follow delivers each line once, and ends with the run", { tags: "slow", timeout: 60_000 }, async () => {
  const at = await loggedIn();
  const step = `  - { id: call, type: http, with: { url: "http://127.0.0.1:9/" }, retry: { attempts: 3, delay: PT1S } }`;
  at.write("calling.yaml", definition("followed", { step }));
  expect(await at.weft(["deploy", "calling.yaml", "--yes"])).toMatchObject({ code: 0 });
  const { data: started } = await at.json<RunOutput>("run", ["run", "followed"]);
  const followed = await at.weft(["logs", started.id ?? "", "--follow", "--json"]);
  const lines = followed.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLineOutput);
  expect(lines.map(({ line }) => line)).toEqual(lines.map((_line, at_) => at_ + 1));
  expect(new Set(lines.map(({ attempt }) => attempt))).toEqual(new Set([1, 2, 3]));
  const read = await at.weft(["logs", started.id ?? "", "--json"]);
  expect(read).toEqual({ code: 0, out: followed.out, err: "" });
});

test("logs --follow resumes after a lost connection, without losing or repeating lines", { tags: "slow", timeout: 60_000 }, async () => {
  const at = await loggedIn();
  const step = `  - { id: call, type: http, with: { url: "http://127.0.0.1:9/" }, retry: { attempts: 5, delay: PT1S, backoff: constant } }`;
  at.write("cut.yaml", definition("cut-off", { step }));
  expect(await at.weft(["deploy", "cut.yaml", "--yes"])).toMatchObject({ code: 0 });
  const proxy = await startCuttingProxy(weft.url);
  try {
    const proxied = terminal({ WEFT_URL: proxy.url, WEFT_PASSWORD: admin.password });
    expect(await proxied.weft(["login", "--user", admin.login])).toMatchObject({ code: 0 });
    const { data: started } = await at.json<RunOutput>("run", ["run", "cut-off"]);
    const following = proxied.weft(["logs", started.id ?? "", "--follow", "--json"]);
    // The second has brought lines when it is cut off as well.
    for (const connections of [1, 2]) {
      await expect.poll(() => proxy.socketsWithLines(), { timeout: 20_000, interval: 20 }).toBe(connections);
      proxy.cut();
    }
    const followed = await following;
    const read = await at.weft(["logs", started.id ?? "", "--json"]);
    expect(followed).toEqual({ code: 0, out: read.out, err: "" });
    expect(
      new Set(
        read.out
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as LogLineOutput).attempt),
      ),
    ).toEqual(new Set([1, 2, 3, 4, 5]));
  } finally {
    await proxy.close();
  }
});

test("another tenant's run does not exist", async () => {
  const at = await loggedIn();
  at.write("theirs.yaml", definition("theirs"));
  await at.weft(["deploy", "theirs.yaml", "--yes"]);
  const { data } = await at.json<RunOutput>("run", ["run", "theirs", "--wait"]);
  const other = await loggedIn((await weft.tenant()).admin);
  for (const args of [["logs"], ["cancel"]])
    expect((await other.json("error", [...args, data.id ?? ""])).data).toMatchObject({ error: { code: "NOT_FOUND" } });
});

test("a profile shows what it allows, and an unknown one lists those that exist", async () => {
  const at = await loggedIn();
  expect((await at.json("profile-show", ["profile", "show", "plan_only"])).data).toMatchObject({ key: "plan_only", isBuiltIn: true });
  expect(await at.weft(["profile", "show", "standart"])).toMatchObject({ code: 1, err: expect.stringContaining("elevated") as string });
});

test("inputs that the definition does not accept are reported with their path", async () => {
  const at = await loggedIn();
  at.write("strict.yaml", definition("strict-inputs"));
  await at.weft(["deploy", "strict.yaml", "--yes"]);
  expect(await at.weft(["run", "strict-inputs", "--inputs", "name=3"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("name") as string,
  });
});

test("doctor finds a healthy installation, and says what to do with a sick one", async () => {
  const at = await loggedIn();
  Object.assign(at.env, { DATABASE_OWNER_URL: weft.database.ownerUrl, PORT: new URL(weft.url).port, WEFT_DATA_DIR: at.folder });
  const statusOf = async () => {
    const { data, code } = await at.json<DoctorOutput>("doctor", ["doctor"]);
    return { code, ...Object.fromEntries(data.checks.map(({ name, status, advice }) => [name, [status, advice]])) };
  };
  expect(await statusOf()).toMatchObject({
    code: 0,
    node: ["ok", null],
    database: ["ok", null],
    migrations: ["ok", null],
    roles: ["ok", null],
    port: ["ok", null],
    profile: ["ok", null],
    redis: ["skipped", null],
  });
  Object.assign(at.env, { DATABASE_OWNER_URL: "postgres://nobody@127.0.0.1:9/weft", REDIS_URL: "redis://127.0.0.1:9" });
  expect(await statusOf()).toMatchObject({
    code: 1,
    database: ["failure", expect.stringContaining("DATABASE_URL")],
    redis: ["failure", expect.stringContaining("REDIS_URL")],
  });
});

test("doctor reads the port of the Weft that runs on the data, which this shell does not know", async () => {
  const at = await loggedIn();
  const port = Number(new URL(weft.url).port);
  Object.assign(at.env, { WEFT_DATA_DIR: at.folder });
  const release = lockDataDir(at.folder, port);
  const { data } = await at.json<DoctorOutput>("doctor", ["doctor"]);
  release();
  expect(data.checks.find(({ name }) => name === "port")).toMatchObject({
    status: "ok",
    message: `Weft runs at http://127.0.0.1:${port}.`,
  });
});

test("check finds nothing in a secure database, and names what undermines another one", async () => {
  const at = terminal();
  const { appUrl = "", workerUrl = "", authUrl = "" } = weft.weft.services.config.database;
  await openKeys({ keysFile: join(at.folder, "keys.json"), mode: "demo" });
  Object.assign(at.env, { WEFT_DATA_DIR: at.folder, DATABASE_URL: appUrl, DATABASE_WORKER_URL: workerUrl, DATABASE_AUTH_URL: authUrl });
  const secure = await at.json<CheckOutput>("check", ["check"]);
  const of = (name: string, { checks }: CheckOutput) => checks.filter((one) => one.name === name);
  expect([secure.code, secure.data.isSecure, of("database", secure.data)]).toEqual([
    0,
    true,
    [expect.objectContaining({ status: "ok", message: expect.stringContaining("row-level security") as string })],
  ]);
  expect(of("mode", secure.data)).toMatchObject([{ status: "warning" }]);

  Object.assign(at.env, { DATABASE_URL: weft.database.ownerUrl, HOST: "0.0.0.0", WEFT_MODE: "demo", WEFT_CORS_ORIGINS: "*" });
  chmodSync(join(at.folder, "keys.json"), 0o644);
  const open = await at.json<CheckOutput>("check", ["check"]);
  expect([open.code, open.data.isSecure]).toEqual([1, false]);
  expect(of("mode", open.data)).toMatchObject([{ status: "failure", advice: expect.stringContaining("WEFT_MODE=production") as string }]);
  expect(of("keys", open.data)).toMatchObject([{ status: "failure", advice: expect.stringContaining("chmod 600") as string }]);
  expect(of("settings", open.data).map(({ message }) => message)).toContainEqual(expect.stringMatching(/^WEFT_CORS_ORIGINS: /));
  expect(of("database", open.data)).not.toEqual([]);
  expect(of("database", open.data).every(({ status }) => status === "failure")).toBe(true);
});
