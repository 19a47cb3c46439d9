import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

const text = (key: string) => `weft: 1
key: ${key}
name: Loan
initial: open
states:
  open: { transitions: { close: { to: done } } }
  done: { final: completed }
`;

type Version = { readonly id: string; readonly number: number; readonly version: number; readonly environments: readonly string[] };

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
});

const operation = (verb: string) =>
  `mutation ($input: ${inputTypeOf(`${verb}Definition`)}!) { ${verb}Definition(input: $input) { definition { id number version environments } } }`;
const run = async (verb: string, input: object): Promise<Version> =>
  (await acme.admin.run<Record<string, { definition: Version }>>(operation(verb), { input }))[`${verb}Definition`]?.definition as Version;
const refused = async (verb: string, input: object) => (await acme.admin.refused(operation(verb), { input })).message;
const draft = (key: string) => run("create", { source: text(key) });
const starting =
  "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { environment definition { number } } } }";
const startedOn = async (definitionKey: string, environment?: string) =>
  (
    await acme.admin.run<{ startWorkflow: { instance: { environment: string; definition: { number: number } } } }>(starting, {
      input: { definitionKey, environment },
    })
  ).startWorkflow.instance;

test("a version that is published without an environment is in use in all of them", async () => {
  const { id } = await draft("everywhere");
  expect((await run("publish", { id })).environments).toEqual(["DEV", "STAGING", "PROD"]);
  expect(await startedOn("everywhere")).toEqual({ environment: "PROD", definition: { number: 1 } });
});

test("each environment starts the newest version in use there, and promotion moves a version to the next one", async () => {
  await run("publish", { id: (await draft("careful")).id });
  const second = await run("publish", { id: (await draft("careful")).id, environment: "DEV" });
  expect(second.environments).toEqual(["DEV"]);
  expect(await startedOn("careful", "DEV")).toEqual({ environment: "DEV", definition: { number: 2 } });
  expect((await startedOn("careful", "STAGING")).definition.number).toBe(1);
  expect((await startedOn("careful")).definition.number).toBe(1);

  const staged = await run("promote", { id: second.id, to: "STAGING", expectedVersion: second.version });
  expect((await startedOn("careful", "STAGING")).definition.number).toBe(2);
  expect((await startedOn("careful")).definition.number).toBe(1);
  expect((await run("promote", { id: second.id, to: "PROD", expectedVersion: staged.version })).environments).toHaveLength(3);
  expect((await startedOn("careful")).definition.number).toBe(2);
});

test("no environment can be skipped, and only published versions can be promoted", async () => {
  const made = await draft("steps");
  expect(await refused("promote", { id: made.id, to: "STAGING" })).toContain("only published versions");
  await run("publish", { id: made.id, environment: "DEV" });
  expect(await refused("promote", { id: made.id, to: "PROD" })).toContain("Promote it there first");
  expect(await refused("promote", { id: made.id, to: "DEV" })).toContain("already");
  expect((await acme.admin.refused(starting, { input: { definitionKey: "steps" } })).message).toContain(
    "Version 1 of steps is published in DEV, and not in PROD. Promote it with promoteDefinition.",
  );
  expect(await acme.admin.refusal(operation("promote"), { input: { id: made.id, to: "STAGING", expectedVersion: 1 } })).toBe("CONFLICT");
});

test("lists of definitions and of instances can be filtered by environment", async () => {
  const count = async (query: string) => Object.values(await acme.admin.run<Record<string, { totalCount: number }>>(query))[0]?.totalCount;
  expect(await count('{ definitions(filter: { key: { eq: "careful" }, environment: { eq: PROD } }) { totalCount } }')).toBe(2);
  expect(await count('{ definitions(filter: { key: { eq: "steps" }, environment: { in: [STAGING, PROD] } }) { totalCount } }')).toBe(0);
  expect(await count('{ definitions(filter: { key: { eq: "steps" }, environment: { in: [] } }) { totalCount } }')).toBe(0);
  expect(await count('{ workflowInstances(filter: { definitionKey: { eq: "careful" }, environment: { eq: DEV } }) { totalCount } }')).toBe(
    1,
  );
});

test("with security.publishToDevOnly, a new version reaches DEV only, and the other environments by promotion", async () => {
  const set = `mutation ($on: JSON!) { updateConfiguration(input: { patch: $on, message: "Test" }) { configuration { version } } }`;
  await acme.admin.run(set, { on: { security: { publishToDevOnly: true } } });
  try {
    const { id } = await draft("promoted");
    for (const environment of ["STAGING", "PROD"])
      expect(await refused("publish", { id, environment })).toContain(
        `Version 1 of promoted cannot be published to ${environment}: the setting security.publishToDevOnly is on. Publish it to DEV, then promote it`,
      );
    expect((await run("publish", { id })).environments).toEqual(["DEV"]);
    await run("promote", { id, to: "STAGING" });
    expect((await run("promote", { id, to: "PROD" })).environments).toEqual(["DEV", "STAGING", "PROD"]);
    expect(await startedOn("promoted")).toEqual({ environment: "PROD", definition: { number: 1 } });
  } finally {
    await acme.admin.run(set, { on: { security: { publishToDevOnly: false } } });
  }
});
