import { readFile } from "node:fs/promises";
import { stepTypes } from "@weft/engine";
import type { HostStep } from "@weft/standalone";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Billing } from "./create-invoice.js";
import { hostSteps } from "./steps.js";

const lines: string[] = [];
const off = new Set<string>();
const keys: string[] = [];
const commands: (readonly string[])[] = [];
let exitCode = 0;

const billing: Billing = {
  create: (invoice, key) => {
    keys.push(key);
    if (invoice.customer === "unknown") throw new Error("no such customer");
    return Promise.resolve({ ...invoice, number: `R-${keys.length}` });
  },
};

/** In place of the sandbox: remembers the commands. */
function scripts(): HostStep {
  const type = stepTypes().get("script");
  if (!type) throw new Error("There is no step type script.");
  return {
    type,
    perform: (input) => {
      commands.push(input["command"] as readonly string[]);
      return Promise.resolve({ kind: "succeeded", outputs: { exit_code: exitCode, stdout: "", stderr: "" } });
    },
  };
}

let weft: TestWeft;
beforeAll(async () => {
  const hosted = hostSteps(billing, { write: (line) => void lines.push(line), isOff: (type) => off.has(type) });
  weft = await startTestWeft({ hosted: { ...hosted, steps: [...(hosted.steps ?? []), scripts()] } });
});
afterAll(() => weft.stop());
beforeEach(() => {
  for (const list of [lines, keys, commands]) list.length = 0;
});

const example = (name: string): Promise<string> => readFile(new URL(`../../automations/${name}.yaml`, import.meta.url), "utf8");

interface Ran {
  readonly state: string;
  readonly data: { readonly outputs?: object };
  readonly runs: readonly { readonly steps: readonly { readonly status: string; readonly error: object | null }[] }[];
}

async function ran(who: TestUser, key: string, data: object): Promise<Ran> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }",
    { key, data },
  );
  await weft.weft.worker.idle();
  const { workflowInstance } = await who.run<{ workflowInstance: Ran }>(
    "query ($id: ID!) { workflowInstance(id: $id) { state data runs { steps { status error { code } } } } }",
    { id: startWorkflow.instance.id },
  );
  return workflowInstance;
}

async function tenantWith(definition: string): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  return tenant;
}

const invoicing = `weft: 1
kind: automation
key: invoice
name: Invoice
inputs: { customer: { type: string, required: true }, cents: { type: integer, required: true } }
steps:
  - { id: invoice, type: create_invoice, with: { customer: "{{ inputs.customer }}", cents: "{{ inputs.cents }}" }, on_failure: fail }
outputs: { number: "{{ steps.invoice.outputs.number }}" }
`;

test("an automation uses the step type of the application, and its middleware sees every attempt", { tags: "slow" }, async () => {
  const { admin } = await tenantWith(invoicing);
  expect(await ran(admin, "invoice", { customer: "Ada", cents: 1200 })).toMatchObject({
    state: "succeeded",
    data: { outputs: { number: "R-1" } },
  });
  expect(keys).toEqual([expect.stringMatching(/^run_\w+-invoice$/)]);
  expect(lines).toEqual([expect.stringMatching(/^invoice \(create_invoice\), attempt 1: succeeded after \d/)]);
  const refused = await ran(admin, "invoice", { customer: "Ada", cents: 0 });
  expect(refused.runs[0]?.steps[0]).toMatchObject({ status: "FAILED", error: { code: "AMOUNT_INVALID" } });
});

test("middleware refuses steps before they begin, and sees those that throw", async () => {
  const { admin } = await tenantWith(invoicing);
  off.add("create_invoice");
  const refused = await ran(admin, "invoice", { customer: "Ada", cents: 1200 });
  off.clear();
  expect(refused.runs[0]?.steps[0]?.error).toEqual({ code: "SWITCHED_OFF" });
  expect(keys).toEqual([]);
  const thrown = await ran(admin, "invoice", { customer: "unknown", cents: 1200 });
  expect(thrown.runs[0]?.steps[0]?.error).toEqual({ code: "INTERNAL" });
  expect(lines.at(-1)).toBe("invoice (create_invoice), attempt 1: unexpected error");
  const metrics = await (await fetch(`${weft.weft.url}/metrics`)).text();
  expect(metrics).toContain('weft_step_attempts_total{type="create_invoice",result="failed"}');
});

test("the schema of the application's step type is checked when a definition is saved", async () => {
  const tenant = await weft.tenant();
  const { validateDefinition } = await tenant.admin.run<{ validateDefinition: { problems: { message: string; line: number }[] } }>(
    "query ($source: String!) { validateDefinition(source: $source) { problems { message line } } }",
    { source: invoicing.replace('cents: "{{ inputs.cents }}"', "cents: many") },
  );
  expect(validateDefinition.problems).toEqual([expect.objectContaining({ line: 7, message: 'Expected a whole number, found "many".' })]);
});

test("hello-world runs as it is written", async () => {
  const { admin } = await tenantWith(await example("hello"));
  expect(await ran(admin, "hello-world", { name: "Ada" })).toMatchObject({
    state: "succeeded",
    data: { outputs: { greeting: "Hello, Ada!" } },
  });
});

test("deploy-application runs as it is written: it tests, and deploys only what passes", async () => {
  const { admin } = await tenantWith(await example("deploy-application"));
  await admin.run(
    'mutation { updateConfiguration(input: { document: { automation: { securityProfile: "elevated" } }, message: "Scripts" }) { configuration { version } } }',
  );
  exitCode = 1;
  expect(await ran(admin, "deploy-application", { version: "v1.2.3" })).toMatchObject({
    data: { outputs: { tests: 1, deployment: "SKIPPED" } },
  });
  exitCode = 0;
  expect(await ran(admin, "deploy-application", { version: "v1.2.3" })).toMatchObject({
    data: { outputs: { tests: 0, deployment: "SUCCEEDED" } },
  });
  expect(commands.at(-1)).toEqual(["deploy", "--environment=staging", "v1.2.3"]);
  expect(
    await admin.refusal(
      'mutation { startWorkflow(input: { definitionKey: "deploy-application", data: { version: "1" } }) { instance { id } } }',
    ),
  ).toBe("BAD_USER_INPUT");
});
