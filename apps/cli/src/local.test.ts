import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkedStepTypes } from "./definitions/api-operations.js";
import { compileFile } from "./definitions/compile-file.js";
import { commandsPage, commandsPagePath } from "./commands-page.js";
import { openTerminal, type TestTerminal } from "./cli.fixture.js";
import { outputs, outputSchema, type OutputName } from "./output/outputs.js";
import type { CheckOutput, ConfigOutput, SimulationOutput, ValidationOutput } from "./output/outputs.js";

let at: TestTerminal;
beforeEach(() => {
  at = openTerminal();
});
afterEach(() => at.close());

const hello = `weft: 1
kind: automation
key: hello-world
name: Hello world
inputs: { name: { type: string, required: true }, token: { type: string, secret: true } }
steps:
  - { id: greet, type: set, with: { values: { text: "Hello, {{ inputs.name }}!" } } }
  - { id: call, type: http, depends_on: [greet], with: { url: "https://api.example.com/", headers: { authorization: "{{ inputs.token }}" } }, retry: { attempts: 2 } }
outputs: { text: "{{ steps.greet.outputs.text }}" }
`;

test("a valid definition needs no server", async () => {
  at.write("hello.yaml", hello);
  const { data, code } = await at.json<ValidationOutput>("validate", ["validate", "hello.yaml"]);
  expect([code, data]).toMatchObject([
    0,
    { isValid: true, isRemote: false, files: [{ file: "hello.yaml", key: "hello-world", problems: [] }] },
  ]);
});

test("every problem is reported with its line and column, as compilers do", async () => {
  at.write("broken.yaml", hello.replace("depends_on: [greet]", "depends_on: [gret]").replace("key: hello-world", "key: 3"));
  const { out, code } = await at.weft(["validate", "broken.yaml"]);
  expect(code).toBe(1);
  expect(out).toMatch(/^broken\.yaml:3:\d+: error: /m);
  expect(out).toMatch(/^broken\.yaml:8:\d+: error: .*greet/m);
  await at.json("validate", ["validate", "broken.yaml"]);
});

const asks = (query: string): string =>
  `weft: 1\nkind: automation\nkey: asks\nname: Asks\nsteps:\n  - id: ask\n    type: graphql\n    with:\n      query: ${JSON.stringify(query)}\n`;

test("operations of graphql steps are checked against the schema of the release", async () => {
  at.write("right.yaml", asks("{ tenant { id } }"));
  at.write("wrong.yaml", asks("{ tenant { nothing } }"));
  at.write("people.yaml", asks("mutation { deleteTenantData { id } }"));
  expect((await at.weft(["validate", "right.yaml"])).code).toBe(0);
  const { out, code } = await at.weft(["validate", "wrong.yaml"]);
  expect([code, out]).toEqual([1, expect.stringMatching(/^wrong\.yaml:9:\d+: error: .*Cannot query field "nothing"/)]);
  expect((await at.weft(["validate", "people.yaml"])).code).toBe(1);
});

test("without the schema, operations are not checked, and a note says so once", () => {
  let notes = 0;
  const types = checkedStepTypes(() => notes++, new URL("file:///nowhere/schema.graphql"));
  const check = (query: string) =>
    compileFile({ file: "a.yaml", format: "YAML", source: asks(query) }, types).problems.map(({ message }) => message);
  expect([check("{ nothing }"), check("{ nothing }"), notes]).toEqual([[], [], 1]);
  expect(check("{ nothing")).toHaveLength(1);
});

test("a scenario that fails makes a definition invalid", async () => {
  at.write("tried.yaml", `${hello}scenarios:\n  - { name: fails, given: { inputs: { name: Ada } }, expect: { status: FAILED } }\n`);
  const { data, code } = await at.json<ValidationOutput>("validate", ["validate", "tried.yaml"]);
  expect([code, data.files[0]]).toMatchObject([
    1,
    { problems: [{ code: "SCENARIO_FAILED" }], scenarios: [{ name: "fails", hasPassed: false }] },
  ]);
});

test("a text of a definition cannot rewrite the terminal", async () => {
  at.write("evil.yaml", 'weft: 1\nkind: "\\u001b[2Jevil"\nkey: evil\nname: evil\n');
  const { out } = await at.weft(["validate", "evil.yaml"]);
  expect(out).not.toContain("\u001b");
});

test("a terminal gets colors, unless its user does not want them", async () => {
  at.write("hello.yaml", hello);
  const shown = async (...more: string[]) => (await at.weft(["validate", "hello.yaml", ...more], { isTerminal: true })).out;
  expect(await shown()).toContain("\u001b[32mok\u001b[0m");
  expect(await shown("--no-color")).not.toContain("\u001b");
  at.env["NO_COLOR"] = "1";
  expect(await shown()).not.toContain("\u001b");
});

test("a simulation shows order, inputs and stubs, and neither calls anything nor shows secrets", async () => {
  at.write("hello.yaml", hello);
  const { data, code } = await at.json<SimulationOutput>("simulate", [
    "simulate",
    "hello.yaml",
    "--inputs",
    "name=Ada",
    "--inputs",
    "token=hidden-token",
    "--stub",
    "call#1=fail:TIMEOUT",
  ]);
  expect(code).toBe(0);
  expect(data.runs[0]).toMatchObject({
    status: "SUCCEEDED",
    outputs: { text: "Hello, Ada!" },
    steps: [
      { step: "greet" },
      {
        step: "call",
        attempts: [
          { end: "FAILED", origin: "STUB" },
          { end: "SUCCEEDED", origin: "PLACEHOLDER" },
        ],
      },
    ],
  });
  expect(JSON.stringify(data)).not.toContain("hidden-token");
});

test("a simulated run that fails decides the exit code", async () => {
  at.write("hello.yaml", hello);
  expect(await at.weft(["simulate", "hello.yaml", "--inputs", "name=Ada", "--stub", "call=fail:BROKEN"])).toMatchObject({
    code: 1,
    out: expect.stringContaining("BROKEN") as string,
  });
});

test.each([
  ["a file that is not there", ["validate", "nowhere.yaml"], "nowhere.yaml does not exist"],
  ["an unknown command", ["valdiate", "x"], "Did you mean validate?"],
  ["an unknown option", ["validate", "hello.yaml", "--jsn"], "Did you mean --json?"],
  ["a missing argument", ["run"], "missing required argument 'definition'"],
  ["an unknown step of a stub", ["simulate", "hello.yaml", "--stub", "cal=lost"], 'Did you mean "call"?'],
  ["an input without a name", ["simulate", "hello.yaml", "--inputs", "Ada"], "name=value"],
  ["an environment that does not exist", ["deploy", "hello.yaml", "--environment", "LIVE"], "DEV"],
  ["a URL that is none", ["whoami", "--url", "weft.example.com:443"], "is not a URL"],
  ["a login over plain http", ["login", "--url", "http://weft.example.com"], "--insecure"],
])("%s is a mistake of usage, which ends with 2 and a way out", async (_what, args, message) => {
  at.write("hello.yaml", hello);
  const { code, err, out } = await at.weft(args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(message);
  expect(err).not.toMatch(/^ {4}at /m);
});

test("missing inputs are reported with their path", async () => {
  at.write("hello.yaml", hello);
  expect(await at.weft(["simulate", "hello.yaml"])).toMatchObject({ code: 1, err: expect.stringContaining("name") as string });
});

test("inputs come from pairs, files and standard input, and later ones count", async () => {
  at.write("hello.yaml", hello);
  at.write("inputs.json", '{ "name": "Bea", "token": "a-long-token" }');
  const greeting = async (args: string[], input = "") =>
    /Hello, \w+!/.exec((await at.weft(["simulate", "hello.yaml", ...args], { input })).out)?.[0];
  expect(await greeting(["--inputs", "@inputs.json"])).toBe("Hello, Bea!");
  expect(await greeting(["--inputs", "@inputs.json", "--inputs", "name=Cy"])).toBe("Hello, Cy!");
  expect(await greeting(["--inputs", "-"], '{ "name": "Di" }')).toBe("Hello, Di!");
});

test("a result is written to a file", async () => {
  at.write("hello.yaml", hello);
  expect(await at.weft(["validate", "hello.yaml", "--json", "--output", "result.json"])).toEqual({ code: 0, out: "", err: "" });
  expect(JSON.parse(readFileSync(join(at.folder, "result.json"), "utf8"))).toMatchObject({ isValid: true });
});

test("settings come from flags, the environment, and the files of the project, the user and the system, in this order", async () => {
  const shown = async (...args: string[]) => {
    const { data } = await at.json<ConfigOutput>("config-show", ["config", "show", ...args]);
    return data.settings.filter(({ name }) => name === "url").map(({ value, origin }) => `${origin} ${value}`)[0];
  };
  expect(await shown()).toBe("default http://127.0.0.1:4000");
  at.write("system.json", '{ "url": "https://system.example" }');
  expect(await shown()).toBe("system https://system.example");
  mkdirSync(join(at.folder, "user"));
  at.write("user/cli.json", '{ "url": "https://user.example" }');
  expect(await shown()).toBe("user https://user.example");
  at.write(".weft.json", '{ "url": "https://project.example" }');
  expect(await shown()).toBe("project https://project.example");
  at.env["WEFT_URL"] = "https://environment.example";
  expect(await shown()).toBe("environment https://environment.example");
  expect(await shown("--url", "https://flag.example")).toBe("flag https://flag.example");
});

test("every mistake in the settings is reported with its file", async () => {
  at.write(".weft.json", '{ "url": "ftp://example.com", "colour": "red" }');
  const { data, code } = await at.json<ConfigOutput>("config-validate", ["config", "validate"]);
  expect([code, data.problems.map(({ path }) => path.replace(`${at.folder}/`, ""))]).toEqual([
    1,
    [".weft.json: colour", ".weft.json: url"],
  ]);
});

test("the settings of an installation show where they are from, without passwords", async () => {
  Object.assign(at.env, { DATABASE_URL: "postgres://weft:hidden@db.example/weft" });
  const { data } = await at.json<ConfigOutput>("config-show", ["config", "show", "--installation"]);
  const found = data.settings.find(({ name }) => name === "DATABASE_URL");
  expect(found).toMatchObject({ origin: "environment", value: "postgres://weft:***@db.example/weft" });
});

test("the template of the settings is valid", async () => {
  const { data } = await at.json<{ content: string }>("config-template", ["config", "template"]);
  at.write(".weft.json", data.content);
  expect(await at.weft(["config", "validate"])).toMatchObject({ code: 0 });
});

test("help has examples and the exit codes, and no error", async () => {
  const { code, out } = await at.weft(["deploy", "--help"]);
  expect([code, out]).toEqual([0, expect.stringContaining("weft deploy definitions/ --environment STAGING --dry-run")]);
  expect((await at.weft(["--help"])).out).toContain("Exit codes:");
});

test.each(Object.keys(outputs) as OutputName[])("the published schema of %s is the current one", async (name) => {
  const text = `${JSON.stringify(outputSchema(name), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`../schema/${name}.schema.json`);
  expect((await at.weft(["schema", name])).out).toBe(text);
});

test("the reference of the commands is the current one, and has every command", () => {
  const page = commandsPage();
  expect(page).toBe(readFileSync(new URL(`../../../${commandsPagePath}`, import.meta.url), "utf8"));
  for (const name of ["login", "deploy <file...>", "profile show <name>", "schema [command]"]) expect(page).toContain(`weft ${name}`);
  expect(page).toContain("| `--dry-run` | show the changes only |");
});

test("the code of commands is loaded when they run, so that help is fast", () => {
  const program = readFileSync(new URL("program.ts", import.meta.url), "utf8");
  const loaded = [...program.matchAll(/^import (?!type).*from "(.+)";$/gm)].map(([, from]) => from);
  expect(loaded).toEqual(["commander", "./cli-error.js"]);
});

test("the version is written", async () => {
  for (const flag of ["-v", "--version"]) expect(await at.weft([flag])).toEqual({ code: 0, out: "1.2.3\n", err: "" });
});

test("commands of processes run the program of the installation, whose exit code is theirs", async () => {
  expect(await at.weft(["start"])).toEqual({ code: 7, out: "main\n", err: "" });
  expect(await at.weft(["migrate", "down", "2"])).toEqual({ code: 7, out: "migrate-cli down 2\n", err: "" });
  expect(await at.weft(["seed"])).toEqual({ code: 7, out: "seed-cli\n", err: "" });
  const reapply = "privacy-cli reapply --slug acme --allow-empty\n";
  expect(await at.weft(["privacy", "reapply", "--slug", "acme", "--allow-empty"])).toEqual({ code: 7, out: reapply, err: "" });
});

test("check lists every setting with which Weft does not start", async () => {
  Object.assign(at.env, {
    WEFT_MODE: "production",
    DATABASE_URL: "postgres://weft_app:password@db.example.com/weft",
    WEFT_CORS_ORIGINS: "*",
  });
  const { data, code } = await at.json<CheckOutput>("check", ["check"]);
  expect([code, data.isSecure]).toEqual([1, false]);
  const found = data.checks.map(({ status, message }) => `${status} ${message.split(":")[0]}`);
  expect(found).toEqual(expect.arrayContaining(["failure WEFT_CORS_ORIGINS", "failure DATABASE_URL"]));
});
