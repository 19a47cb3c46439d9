import { readFileSync } from "node:fs";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { substitutePrograms, type SubstitutePrograms } from "@weft/testkit/processes/substitute-programs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

let weft: TestWeft;
let programs: SubstitutePrograms;
beforeAll(async () => {
  programs = substitutePrograms();
  weft = await startTestWeft({ hosted: { steps: [programs.step] } });
});
afterAll(async () => {
  await weft.stop();
  programs.remove();
});
beforeEach(() => {
  programs.calls.length = 0;
  programs.write({ echo: 'printf "%s\\n" "$*"', npm: "exit 0", kubectl: 'printf "<%s>" "$@"' });
});

const example = (name: string): string => readFileSync(new URL(`../../../../../examples/short-form/${name}.yaml`, import.meta.url), "utf8");

/** A tenant that allows programs. */
async function tenantWithPrograms(own: object = {}): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { automation: { securityProfile: "elevated", ...own } }, message: "Programs" },
    },
  );
  return tenant;
}

const validate = `query ($source: String!) {
  validateDefinition(source: $source) { problems { path line code message } warnings { line code } translation { source notes { path line message } } }
}`;
const create = `mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id key number source original document } } }`;
const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) {
  workflowInstance(id: $id) { state runs { error { code message } steps { step status attempts error { code } outputs } } }
}`;

interface Ran {
  readonly state: string;
  readonly runs: readonly {
    readonly error: { readonly code: string } | null;
    readonly steps: readonly { readonly step: string; readonly status: string; readonly attempts: number; readonly outputs: unknown }[];
  }[];
}

async function ran(who: TestUser, key: string, data: object): Promise<Ran> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { key, data });
  const ended = async (): Promise<Ran | null> => {
    await weft.weft.worker.idle();
    const { workflowInstance } = await who.run<{ workflowInstance: Ran }>(read, { id: startWorkflow.instance.id });
    return workflowInstance.state === "running" ? null : workflowInstance;
  };
  return until(ended, { what: `the run of ${key} has ended` });
}

test("a text in the short form is valid, and the answer has what it was turned into", async () => {
  const { admin } = await tenantWithPrograms();
  expect(await admin.run(validate, { source: example("greet-team") })).toEqual({
    validateDefinition: {
      problems: [],
      warnings: [],
      translation: {
        source: `weft: 1
kind: automation
key: greet-team
name: greet-team
x-version: "1.0"
description: Greet a team
inputs:
  team: { type: string, default: "team" }
steps:
  - id: greet
    type: script
    with:
      command: [ echo, "Good morning, {{ inputs.team }}!" ]
`,
        notes: [
          { path: "version", line: 2, message: expect.stringContaining("x-version") as string },
          { path: "steps[0].command", line: 9, message: expect.stringContaining('"echo" with one argument') as string },
        ],
      },
    },
  });
});

test("a text in Weft's own format has no translation", async () => {
  const { admin } = await weft.tenant();
  const source = "weft: 1\nkind: automation\nkey: own\nname: Own\nsteps: [{ id: a, type: set, with: { values: {} } }]\n";
  expect(await admin.run(validate, { source })).toMatchObject({ validateDefinition: { problems: [], translation: null } });
});

test("all problems are reported at once, with the lines and paths of the text as written", async () => {
  const { admin } = await weft.tenant();
  const source = example("release-shop")
    .replace("npm test", "npm run build && npm test")
    .replace("inputs.stage in", "inputs.stge in")
    .replace("timeout: 300", "timeout: 0.5")
    .replace("pattern:", "patern:")
    .replace("attempts: 2", "tries: 2");
  const { validateDefinition } = await admin.run<{
    validateDefinition: { problems: { path: string; line: number; message: string }[]; translation: null };
  }>(validate, { source });
  expect(validateDefinition.problems.map(({ path, line }) => [path, line])).toEqual([
    ["inputs.stage.validation.patern", 12],
    ["steps[0].condition", 20],
    ["steps[1].command", 25],
    ["steps[1].timeout", 26],
    ["steps[1].retry.tries", 28],
  ]);
  expect(validateDefinition.problems[2]?.message).toContain('"&&"');
  expect(validateDefinition.translation).toBeNull();
  const error = await admin.refused(create, { input: { source } });
  expect(error.extensions).toMatchObject({
    code: "DEFINITION_INVALID",
    problems: validateDefinition.problems.map(({ line }) => ({ line })),
  });
});

test("warnings have the lines of the text as written", async () => {
  const { admin } = await weft.tenant();
  expect(await admin.run(validate, { source: example("release-shop") })).toMatchObject({
    validateDefinition: {
      warnings: [
        { code: "PROFILE_VIOLATION", line: 23 },
        { code: "PROFILE_VIOLATION", line: 31 },
      ],
    },
  });
});

test("what runs is the definition that the text was turned into, alongside the text of the author, so it can be exported, copied and compared", async () => {
  const { admin } = await weft.tenant();
  const { createDefinition } = await admin.run<{
    createDefinition: { definition: { id: string; source: string; original: string; document: object } };
  }>(create, { input: { source: example("greet-team") } });
  const { id, source, original, document } = createDefinition.definition;
  expect(original).toBe(example("greet-team"));
  expect(source).toMatch(/^weft: 1\nkind: automation\nkey: greet-team\n/);
  expect(document).toMatchObject({ weft: 1, steps: [{ id: "greet", type: "script" }] });
  const { cloneDefinition, exported } = {
    ...(await admin.run<{ cloneDefinition: { definition: { id: string; source: string; original: string | null } } }>(
      `mutation ($id: ID!) { cloneDefinition(input: { id: $id }) { definition { id source original } } }`,
      { id },
    )),
    ...(await admin.run<{ exported: { source: string } }>(
      `query ($id: ID!) { exported: exportDefinition(id: $id, format: YAML) { source } }`,
      {
        id,
      },
    )),
  };
  expect(exported.source).toBe(source);
  // It can be given another name, which the author's text does not have.
  expect(cloneDefinition.definition).toMatchObject({ source, original: null });
  expect(
    await admin.run(`query ($a: ID!, $b: ID!) { diffDefinitions(from: $a, to: $b) { totalChanges } }`, {
      a: id,
      b: cloneDefinition.definition.id,
    }),
  ).toEqual({ diffDefinitions: { totalChanges: 0 } });
});

test("an update in the short form replaces the text of the author, also if it means the same, and one in Weft's own format removes it", async () => {
  const { admin } = await weft.tenant();
  const update = `mutation ($input: UpdateDefinitionInput!) { updateDefinition(input: $input) { definition { version original source } } }`;
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string; source: string } } }>(create, {
    input: { source: example("greet-team") },
  });
  const { id, source } = createDefinition.definition;
  const other = example("greet-team").replace("type: shell", "type: script");
  expect(await admin.run(update, { input: { id, source: other } })).toEqual({
    updateDefinition: { definition: { version: 2, original: other, source } },
  });
  expect(await admin.run(update, { input: { id, source } })).toEqual({
    updateDefinition: { definition: { version: 3, original: null, source } },
  });
});

test("a dry run takes the short form", async () => {
  const { admin } = await weft.tenant();
  const dryRun = `query ($source: String!) {
    simulateWorkflow(source: $source, data: { stage: "live" }, stubs: [{ step: "run-tests", outputs: { exit_code: 0 } }]) {
      runs { status steps { step status attempts { input } } }
    }
  }`;
  expect(await admin.run(dryRun, { source: example("release-shop") })).toMatchObject({
    simulateWorkflow: {
      runs: [
        {
          status: "SUCCEEDED",
          steps: [
            { step: "check-stage", status: "SUCCEEDED" },
            { step: "run-tests", attempts: [{ input: { command: ["npm", "test"] } }] },
            { step: "roll-out", attempts: [{ input: { command: ["kubectl", "apply", "-f", "stages/live/", "--replicas", "2"] } }] },
          ],
        },
      ],
    },
  });
});

test("a run does what the text says", async () => {
  const tenant = await tenantWithPrograms();
  await tenant.definition(example("release-shop"));
  const { state, runs } = await ran(tenant.admin, "release-shop", { stage: "live", replicas: 3 });
  expect(state).toBe("succeeded");
  expect(runs[0]?.steps).toMatchObject([
    { step: "check-stage", status: "SUCCEEDED" },
    { step: "run-tests", status: "SUCCEEDED" },
    { step: "roll-out", status: "SUCCEEDED", outputs: { stdout: "<apply><-f><stages/live/><--replicas><3>" } },
  ]);
});

test("a command that fails is tried again, and nothing that depends on it begins", { tags: "slow" }, async () => {
  const tenant = await tenantWithPrograms();
  await tenant.definition(example("release-shop"));
  programs.write({ npm: "exit 1" });
  const { state, runs } = await ran(tenant.admin, "release-shop", { stage: "live" });
  expect(state).toBe("failed");
  expect(runs[0]).toMatchObject({ error: { code: "EXIT_CODE" }, steps: [{}, { status: "FAILED", attempts: 2 }, { status: "CANCELLED" }] });
  expect(programs.calls.map(([name]) => name)).toEqual(["npm", "npm"]);
});

test("inputs are checked by the rules of `validation`", async () => {
  const tenant = await tenantWithPrograms();
  await tenant.definition(example("release-shop"));
  const error = await tenant.admin.refused(start, { key: "release-shop", data: { stage: "nowhere" } });
  expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.stage" }] });
});

test("an assertion that does not hold fails with its message", async () => {
  const tenant = await tenantWithPrograms();
  await tenant.definition(example("release-shop"));
  const { runs } = await ran(tenant.admin, "release-shop", { stage: "live", replicas: 0 });
  expect(runs[0]?.error).toMatchObject({ code: "ASSERTION_FAILED", message: expect.stringContaining("cannot be released") as string });
  expect(programs.calls).toEqual([]);
});

test.each(["; id", "$(id)", "`id`", "' id '", '" id "', "a b  c", "--help", "*", "{{ inputs.team }}", "a\nb", ""])(
  "the value %j stays one argument",
  async (team) => {
    const tenant = await tenantWithPrograms();
    await tenant.definition(example("greet-team"));
    await ran(tenant.admin, "greet-team", { team });
    expect(programs.calls).toEqual([["echo", `Good morning, ${team}!`]]);
  },
);

test("the security profile applies: the standard one allows no programs, and a list of commands only those in it", async () => {
  const standard = await weft.tenant();
  await standard.definition(example("greet-team"));
  expect((await standard.admin.refused(start, { key: "greet-team" })).extensions).toMatchObject({ code: "PROFILE_VIOLATION" });
  const listing = await tenantWithPrograms();
  await listing.admin.run(`mutation {
    createSecurityProfile(input: { key: "builds", name: "Builds", rules: { commands: ["npm"] } }) { securityProfile { key } }
    updateConfiguration(input: { patch: { automation: { ownSecurityProfile: "builds" } }, message: "Builds" }) { configuration { version } }
  }`);
  await listing.definition(example("release-shop"));
  const refused = await listing.admin.refused(start, { key: "release-shop", data: { stage: "live" } });
  expect(refused.message).toContain('does not allow the command "kubectl"');
  expect(programs.calls).toEqual([]);
});

test("another tenant's definition is not changed by a text with the same name", async () => {
  const [ours, theirs] = [await weft.tenant(), await weft.tenant()];
  const id = await ours.definition(example("greet-team"));
  await theirs.admin.run(create, { input: { source: example("greet-team") } });
  const { definition } = await ours.admin.run<{ definition: object }>(`query ($id: ID!) { definition(id: $id) { number status } }`, { id });
  expect(definition).toEqual({ number: 1, status: "PUBLISHED" });
});
