import type { IncomingMessage, ServerResponse } from "node:http";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let server: HttpServer;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const keys: (string | undefined)[] = [];

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    keys.push(request.headers["idempotency-key"] as string | undefined);
    answer(request, response);
  });
  url = server.url;
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
});
afterAll(async () => {
  await weft.stop();
  await server.close();
});

const json = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state status data runs { status outputs steps { step index status attempts outputs error { code message } } } } }`;

interface Instance {
  readonly state: string;
  readonly status: string;
  readonly data: Record<string, unknown>;
  readonly runs: readonly {
    readonly status: string;
    readonly outputs: unknown;
    readonly steps: readonly {
      readonly step: string;
      readonly index: number | null;
      readonly status: string;
      readonly attempts: number;
      readonly outputs: unknown;
      readonly error: object | null;
    }[];
  }[];
}

async function aTenant(definition: string): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  return tenant;
}

async function ran(who: TestUser, key: string, data: object = {}): Promise<Instance> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { key, data });
  await weft.weft.worker.idle();
  const { workflowInstance } = await who.run<{ workflowInstance: Instance }>(read, { id: startWorkflow.instance.id });
  return workflowInstance;
}

const automation = (key: string, rest: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}`;

test("an automation runs its steps in order, with the values of the earlier ones, and ends with its outputs", async () => {
  answer = (request, response) => json(response, 200, { path: request.url });
  const { admin } = await aTenant(
    automation(
      "hello-world",
      `inputs: { name: { type: string, default: World }, url: { type: string, required: true } }
steps:
  - { id: greet, type: set, with: { values: { text: "Hello {{ inputs.name }}" } } }
  - { id: send, type: http, with: { url: "{{ inputs.url }}/{{ steps.greet.outputs.text }}" } }
  - { id: check, type: assert, with: { that: "{{ steps.send.outputs.status == 200 }}" } }
outputs: { path: "{{ steps.send.outputs.body.path }}" }
`,
    ),
  );
  const instance = await ran(admin, "hello-world", { url });
  expect(instance.runs).toMatchObject([
    { status: "SUCCEEDED", steps: [{ step: "greet" }, { step: "send", attempts: 1 }, { step: "check" }] },
  ]);
  expect(instance).toMatchObject({ state: "succeeded", status: "COMPLETED", data: { name: "World", outputs: { path: "/Hello%20World" } } });
});

test("a step that fails is tried again with the same idempotency key, and its success counts", async () => {
  let tries = 0;
  answer = (_request, response) => json(response, ++tries < 3 ? 503 : 200, {});
  const { admin } = await aTenant(
    automation(
      "retried",
      `steps:\n  - { id: send, type: http, with: { url: "${url}" }, retry: { attempts: 3, delay: 1s, backoff: constant } }\n`,
    ),
  );
  keys.length = 0;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "retried", data: {} });
  const seen = async (): Promise<Instance> =>
    (await admin.run<{ workflowInstance: Instance }>(read, { id: startWorkflow.instance.id })).workflowInstance;
  await expect.poll(async () => (await seen()).state, { timeout: 20_000 }).toBe("succeeded");
  expect((await seen()).runs[0]?.steps).toMatchObject([{ step: "send", status: "SUCCEEDED", attempts: 3 }]);
  expect(keys).toEqual([expect.stringMatching(/^run_\w+-send$/), keys[0], keys[0]]);
});

test("a state of an ordinary workflow runs steps: their outputs become data, and their end fires a transition", async () => {
  answer = (_request, response) => json(response, 200, { id: 7 });
  const { admin } = await aTenant(`weft: 1
key: release
name: Release
data: { properties: { title: { type: string }, deployment: { type: object, additionalProperties: true } } }
initial: deploying
states:
  deploying:
    run:
      steps:
        - { id: deploy, type: http, with: { url: "${url}/{{ data.title }}", method: POST, body: { title: "{{ data.title }}" } } }
      outputs: { id: "{{ steps.deploy.outputs.body.id }}" }
      into: data.deployment
      then: deployed
      onFailure: broken
    transitions: { deployed: { to: live, auto: run }, broken: { to: failed, auto: run } }
  live: { final: completed }
  failed: { final: rejected }
`);
  const instance = await ran(admin, "release", { title: "a" });
  expect(instance).toMatchObject({ state: "live", data: { deployment: { id: 7 } } });
});

test("a failure that is final ends the run, and the instance says why", async () => {
  answer = (_request, response) => json(response, 404, { error: "no such thing" });
  const { admin } = await aTenant(
    automation(
      "refused",
      `steps:\n  - { id: send, type: http, with: { url: "${url}" }, retry: 5 }\n  - { id: never, type: set, with: { values: {} } }\n`,
    ),
  );
  const instance = await ran(admin, "refused");
  expect(instance).toMatchObject({ state: "failed", status: "COMPLETED" });
  expect(instance.runs[0]).toMatchObject({
    status: "FAILED",
    steps: [{ status: "FAILED", attempts: 1, error: { code: "HTTP_STATUS" } }, { status: "CANCELLED" }],
  });
});

test("only its run writes the outputs of an automation: who starts it cannot, and a failed run has none", async () => {
  const { admin } = await aTenant(
    automation("forged", `steps:\n  - { id: check, type: assert, with: { that: false } }\noutputs: { path: real }\n`),
  );
  const refused = await admin.refused(start, { key: "forged", data: { outputs: { path: "forged" } } });
  expect(refused.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.data.outputs", message: '"outputs" is written by the run of forged when it succeeds. Omit it.' }],
  });
  const failed = await ran(admin, "forged");
  expect(failed).toMatchObject({ state: "failed", runs: [{ status: "FAILED", outputs: null }] });
  expect(failed.data).not.toHaveProperty("outputs");
});

test("private addresses are refused", async () => {
  const { admin } = await aTenant(automation("inside", `steps:\n  - { id: send, type: http, with: { url: "http://10.0.0.1/" } }\n`));
  const instance = await ran(admin, "inside");
  expect(instance.runs[0]?.steps[0]?.error).toMatchObject({ code: "DESTINATION_FORBIDDEN" });
});

test("programs are refused without a sandbox", async () => {
  const { admin } = await aTenant(automation("programs", `steps:\n  - { id: run, type: shell, with: { run: "true" } }\n`));
  await admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch: { automation: { securityProfile: "elevated" } }, message: "A test" },
  });
  const instance = await ran(admin, "programs");
  expect(instance.runs[0]?.steps[0]?.error).toEqual({
    code: "STEP_TYPE_UNAVAILABLE",
    message: expect.stringContaining("WEFT_SANDBOX") as string,
  });
});

test("the work for a list gives its results in order", async () => {
  answer = (request, response) => json(response, 200, { path: request.url });
  const { admin } = await aTenant(
    automation(
      "listed",
      `inputs: { list: { type: array, items: { type: string } } }
steps:
  - { id: send, type: http, for_each: { in: "{{ inputs.list }}", concurrency: 3 }, with: { url: "${url}/{{ item }}" } }
outputs: { all: "{{ steps.send.outputs.items }}" }
`,
    ),
  );
  const instance = await ran(admin, "listed", { list: ["a", "b", "c", "d", "e"] });
  const { all } = instance.data["outputs"] as { all: { body: { path: string } }[] };
  expect(all.map(({ body }) => body.path)).toEqual(["/a", "/b", "/c", "/d", "/e"]);
});

test("leaving the state stops its steps", async () => {
  const { admin } = await aTenant(`weft: 1
key: left
name: Left
initial: working
states:
  working:
    run: { steps: [{ id: rest, type: wait, with: { for: 1h } }], then: finished }
    transitions: { finished: { to: done, auto: run }, abort: { to: done } }
  done: { final: completed }
`);
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "left", data: {} });
  const { id } = startWorkflow.instance;
  await weft.weft.worker.idle();
  const steps = async () => (await admin.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance.runs;
  expect(await steps()).toMatchObject([{ status: "RUNNING", steps: [{ status: "WAITING" }] }]);
  await admin.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "abort" }) { instance { id } } }', { id });
  await weft.weft.worker.idle();
  expect(await steps()).toMatchObject([{ status: "CANCELLED", steps: [{ status: "CANCELLED" }] }]);
});

test("runs keep their invariants", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
