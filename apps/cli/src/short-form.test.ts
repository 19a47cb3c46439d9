import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { substitutePrograms, type SubstitutePrograms } from "@weft/testkit/processes/substitute-programs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTerminal, type TestTerminal } from "./cli.fixture.js";
import type { DeploymentOutput, RunOutput, TranslationOutput, ValidationOutput } from "./output/outputs.js";

let weft: TestWeft;
let programs: SubstitutePrograms;
let tenant: TestTenant;
let at: TestTerminal;

beforeAll(async () => {
  programs = substitutePrograms();
  weft = await startTestWeft({ hosted: { steps: [programs.step] } });
});
afterAll(async () => {
  await weft.stop();
  programs.remove();
});
beforeEach(async () => {
  programs.write({ echo: 'printf "%s\\n" "$*"', npm: "echo tested; echo slow >&2", kubectl: 'echo "$*"' });
  tenant = await weft.tenant();
  await allowPrograms(tenant);
  at = await loggedIn(tenant);
  at.write("greet.yaml", example("greet-team"));
  at.write("release.yaml", example("release-shop"));
});
afterEach(() => at.close());

const example = (name: string): string => readFileSync(new URL(`../../../examples/short-form/${name}.yaml`, import.meta.url), "utf8");

async function loggedIn({ admin }: TestTenant): Promise<TestTerminal> {
  const opened = openTerminal({ WEFT_URL: weft.url, WEFT_PASSWORD: admin.password });
  expect(await opened.weft(["login", "--user", admin.login])).toMatchObject({ code: 0 });
  return opened;
}

const allowPrograms = ({ admin }: TestTenant): Promise<unknown> =>
  admin.run(
    'mutation { updateConfiguration(input: { patch: { automation: { securityProfile: "elevated" } }, message: "Programs" }) { configuration { version } } }',
  );

const versionsOf = async (key: string): Promise<object[]> => {
  const { definitionVersions } = await tenant.admin.run<{ definitionVersions: { edges: { node: object }[] } }>(
    "query ($key: String!) { definitionVersions(key: $key) { edges { node { number status environments } } } }",
    { key },
  );
  return definitionVersions.edges.map(({ node }) => node);
};

test("run FILE writes what the program of the file writes, and ends with the run", async () => {
  const { code, out, err } = await at.weft(["run", "greet.yaml"]);
  expect(out).toMatch(/^Good morning, team!\nrun_\w+ of greet-team: SUCCEEDED\n$/);
  expect(err).toContain("`weft translate greet.yaml` shows what it was turned into.");
  expect(code).toBe(0);
});

test("run FILE takes inputs, and runs each step as the file says", async () => {
  const { code, out, err } = await at.weft(["run", "release.yaml", "--inputs", "stage=live", "--inputs", "replicas=3"]);
  expect(out).toMatch(/^tested\napply -f stages\/live\/ --replicas 3\nrun_\w+ of release-shop: SUCCEEDED\n$/);
  expect(err).toContain("run-tests: slow\n");
  expect(code).toBe(0);
});

test("run FILE fails with the run, and says why", async () => {
  programs.write({ echo: "exit 3" });
  const { code, out } = await at.weft(["run", "greet.yaml"]);
  expect([code, out]).toEqual([1, expect.stringMatching(/FAILED\nEXIT_CODE: .*exit code 3/) as string]);
});

test("run FILE publishes to DEV, so that what others use stays, and only if the file has changed", async () => {
  expect(await at.weft(["deploy", "greet.yaml", "--yes"])).toMatchObject({ code: 0 });
  expect((await at.weft(["run", "greet.yaml"])).code).toBe(0);
  expect(await versionsOf("greet-team")).toHaveLength(1);
  at.write("greet.yaml", example("greet-team").replace("Good morning", "Hello"));
  for (const _ of [1, 2]) expect((await at.weft(["run", "greet.yaml"])).out).toContain("Hello, team!");
  expect(await versionsOf("greet-team")).toEqual([
    { number: 2, status: "PUBLISHED", environments: ["DEV"] },
    { number: 1, status: "PUBLISHED", environments: ["DEV", "STAGING", "PROD"] },
  ]);
  expect((await at.weft(["run", "greet-team", "--wait"])).code).toBe(0);
  expect(programs.calls.at(-1)).toEqual(["echo", "Good morning, team!"]);
});

test("run FILE --json has the run, and nothing else", async () => {
  const { data } = await at.json<RunOutput>("run", ["run", "greet.yaml"]);
  expect(data).toMatchObject({ definitionKey: "greet-team", status: "SUCCEEDED" });
});

test("run FILE takes files in Weft's own format as well", async () => {
  at.write(
    "own.yaml",
    "weft: 1\nkind: automation\nkey: own\nname: Own\nsteps:\n  - { id: a, type: script, with: { command: [echo, own] } }\n",
  );
  expect((await at.weft(["run", "own.yaml"])).out).toMatch(/^own\nrun_/);
});

test("where the organization allows no programs, run FILE says which setting allows them", async () => {
  const other = await loggedIn(await weft.tenant());
  other.write("greet.yaml", example("greet-team"));
  const { code, out, err } = await other.weft(["run", "greet.yaml"]);
  other.close();
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/the security profile "standard" does not allow steps of the type "script"\. .*automation\.securityProfile/);
});

test("all problems of a file are reported at once, each with its line, and nothing is published", async () => {
  at.write("broken.yaml", example("release-shop").replace("npm test", "npm test | tee log").replace("delay: 1", "delay: 1.5"));
  for (const command of ["run", "validate", "translate"]) {
    const { code, out, err } = await at.weft([command, "broken.yaml"]);
    expect([command, code]).toEqual([command, 1]);
    expect(out + err).toMatch(/broken\.yaml:25:\d+: .*"\|" is for a shell/);
    expect(out + err).toMatch(/broken\.yaml:29:\d+: .*1\.5 is not a whole number of seconds/);
  }
  expect(await versionsOf("release-shop")).toEqual([]);
});

test("translate writes the definition, which can be used in place of the file", async () => {
  const { out, err, code } = await at.weft(["translate", "release.yaml"]);
  expect([code, err]).toEqual([
    0,
    expect.stringMatching(/^release\.yaml:25:\d+: note: .*"npm" with one argument, without a shell/m) as string,
  ]);
  const own = at.write("own.yaml", out);
  const { data } = await at.json<TranslationOutput>("translate", ["translate", own]);
  expect(data).toMatchObject({ isTranslated: false, source: out, notes: [] });
  expect((await at.weft(["run", "release.yaml", "--inputs", "stage=test"])).code).toBe(0);
  const { data: deployment } = await at.json<DeploymentOutput>("deploy", ["deploy", own, "--yes", "--environment", "DEV"]);
  expect(deployment.files).toMatchObject([{ key: "release-shop", action: "unchanged", changes: [] }]);
});

test("validate says what the parts of a file become, with their lines", async () => {
  const { data, code } = await at.json<ValidationOutput>("validate", ["validate", "greet.yaml", "--remote"]);
  expect([code, data]).toMatchObject([
    0,
    { isValid: true, files: [{ key: "greet-team", problems: [], notes: [{ line: 2 }, { line: 9 }] }] },
  ]);
});

test("simulate takes the short form", async () => {
  expect(await at.weft(["simulate", "release.yaml", "--inputs", "stage=live", "--stub", 'run-tests={"exit_code":0}'])).toMatchObject({
    code: 0,
    out: expect.stringContaining("roll-out") as string,
  });
});

test("a folder is not searched for files in the short form, because other programs have such files as well", async () => {
  at.write("own.yaml", "weft: 1\nkind: automation\nkey: own\nname: Own\nsteps:\n  - { id: a, type: set, with: { values: {} } }\n");
  const { data } = await at.json<ValidationOutput>("validate", ["validate", "."]);
  expect(data.files.map(({ file }) => file)).toEqual([join(".", "own.yaml")]);
});
