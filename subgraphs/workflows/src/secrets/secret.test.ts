import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { rememberSecret, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let server: HttpServer;
let port: number;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = await serveHttp((request, response) => answer(request, response));
  ({ port } = server);
  url = `http://127.0.0.1:${port}`;
  weft = await sharedWeft();
});
// The end of the test server searches all tables and logs for the secrets that the tests have remembered.
afterAll(async () => {
  await server.close();
});

const VALUE = "pl4nted-s3cret/value+1";
/** Value of a secret input. */
const INPUT = "an0ther-pl4nted/value";
const create = "mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id name description domains version } } }";
const update = "mutation ($input: UpdateSecretInput!) { updateSecret(input: $input) { secret { id domains version } } }";
const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state data runs { status outputs steps { step status outputs error { code message } } } } }`;

interface Instance {
  readonly state: string;
  readonly data: Record<string, unknown>;
  readonly runs: readonly {
    readonly status: string;
    readonly outputs: unknown;
    readonly steps: readonly {
      readonly step: string;
      readonly status: string;
      readonly outputs: unknown;
      readonly error: { readonly code: string; readonly message: string } | null;
    }[];
  }[];
}

/** Creates a secret, and remembers its value for the search at the end. */
async function aSecret(who: TestUser, name = "token", more: object = {}, value = VALUE): Promise<string> {
  rememberSecret(weft.weft.url, value);
  const { createSecret } = await who.run<{ createSecret: { secret: { id: string } } }>(create, { input: { name, value, ...more } });
  return createSecret.secret.id;
}

async function ran(who: TestUser, key: string, data: object = {}): Promise<Instance> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { key, data });
  await weft.weft.worker.idle();
  return (await who.run<{ workflowInstance: Instance }>(read, { id: startWorkflow.instance.id })).workflowInstance;
}

const automation = (key: string, rest: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}`;

const sends = (key: string): string =>
  automation(
    key,
    `steps:\n  - { id: send, type: http, with: { url: "${url}/x", headers: { authorization: "Bearer {{ secrets.token }}" } } }\n`,
  );

async function tenantWith(definition: string): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  return tenant;
}

describe("the API", () => {
  test("shows everything of a secret but its value", async () => {
    const { admin } = await weft.tenant();
    await aSecret(admin, "deploy-token", { description: "For deployments", domains: ["*.example.com"] });
    const { secrets } = await admin.run<{ secrets: object[] }>("{ secrets { name description domains version lastUsedAt } }");
    expect(secrets).toEqual([
      { name: "deploy-token", description: "For deployments", domains: ["*.example.com"], version: 1, lastUsedAt: null },
    ]);
  });

  test("refuses values that are too short to be found in outputs, names that steps cannot read, and hosts that are none", async () => {
    const { admin } = await weft.tenant();
    const refused = await admin.send(create, { input: { name: "a b", value: "1234567", domains: ["https://x.example"] } });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.value" }, { path: "input.domains[0]" }, { path: "input.name" }],
    });
    expect(JSON.stringify(refused)).not.toContain("1234567");
  });

  test("refuses a name that is taken", async () => {
    const { admin } = await weft.tenant();
    await aSecret(admin, "token");
    expect((await admin.send(create, { input: { name: "token", value: VALUE } })).errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });

  test("widens the hosts of a secret only together with its value", async () => {
    const { admin } = await weft.tenant();
    const id = await aSecret(admin, "token", { domains: ["api.example.com", "*.example.org"] });
    const wider = await admin.send(update, { input: { id, domains: ["*.example.com"] } });
    expect(wider.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.value" }] });
    expect((await admin.send(update, { input: { id, domains: null } })).errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    await admin.run(update, { input: { id, domains: ["a.example.org"] } });
    expect(await admin.run(update, { input: { id, domains: null, value: VALUE } })).toMatchObject({
      updateSecret: { secret: { domains: null } },
    });
  });

  test("does not change a version that somebody else has changed meanwhile", async () => {
    const { admin } = await weft.tenant();
    const id = await aSecret(admin);
    await admin.run(update, { input: { id, description: "a", expectedVersion: 1 } });
    expect((await admin.send(update, { input: { id, description: "b", expectedVersion: 1 } })).errors?.[0]?.extensions?.["code"]).toBe(
      "CONFLICT",
    );
  });

  test("shows and changes nothing of another tenant's secrets, nor without the permission", async () => {
    const [{ admin }, other] = await Promise.all([weft.tenant(), weft.tenant()]);
    const id = await aSecret(admin);
    expect((await other.admin.send("query ($id: ID!) { secret(id: $id) { name } }", { id })).errors?.[0]?.extensions?.["code"]).toBe(
      "NOT_FOUND",
    );
    expect((await other.admin.send(update, { input: { id, description: "a" } })).errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    expect(await other.admin.run("{ secrets { name } }")).toEqual({ secrets: [] });
  });
});

describe("a step", () => {
  test("reads a secret, which is found nowhere afterwards, whatever the server answers", async () => {
    const seen: (string | undefined)[] = [];
    answer = ({ headers: { authorization } }, response) => {
      seen.push(authorization);
      const encoded = Buffer.from(`user:${VALUE}`).toString("base64");
      response.writeHead(200, { "content-type": "application/json", etag: `"${VALUE}"` });
      response.end(JSON.stringify({ authorization, encoded, url: encodeURIComponent(VALUE), [VALUE]: 1 }));
    };
    const { admin } = await tenantWith(sends("echo"));
    await aSecret(admin);
    const instance = await ran(admin, "echo");
    expect(seen).toEqual([`Bearer ${VALUE}`]);
    expect(instance.runs[0]?.steps[0]?.outputs).toMatchObject({
      headers: { etag: '"[secret token]"' },
      body: { authorization: "Bearer [secret token]", url: "[secret token]", "[secret token]": 1 },
    });
    expect(await admin.run("{ secrets { lastUsedAt } }")).toMatchObject({ secrets: [{ lastUsedAt: expect.any(String) as string }] });
  });

  test("is not in the result of another step either, which reads it back", async () => {
    let kept: string | undefined;
    answer = ({ headers: { authorization } }, response) => {
      kept ??= authorization;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ kept }));
    };
    const tenant = await tenantWith(
      `${sends("reads-back")}  - { id: other, type: http, with: { url: "${url}/kept" } }\n  - { id: last, type: set, with: { values: { kept: "{{ steps.other.outputs.body.kept }}" } } }\n`,
    );
    await aSecret(tenant.admin);
    const instance = await ran(tenant.admin, "reads-back");
    expect(kept).toBe(`Bearer ${VALUE}`);
    expect(instance.runs[0]?.steps.slice(1)).toMatchObject([
      { outputs: { body: { kept: "Bearer [secret token]" } } },
      { outputs: { kept: "Bearer [secret token]" } },
    ]);
  });

  test(
    "that waits has no secret of the run in its result, whoever brings it: an answer, a comment, or an event",
    { tags: "slow" },
    async () => {
      const told = "t0ld-by-an-event";
      rememberSecret(weft.weft.url, INPUT);
      const tenant = await tenantWith(
        automation(
          "waits",
          `inputs: { token: { type: string, secret: true } }
steps:
  - { id: asked, type: task, with: { title: Paste it, roles: [admin], outcomes: [fine], input: { properties: { pasted: { type: string } } } } }
  - { id: refused, type: task, critical: false, with: { title: Say why, roles: [admin], outcomes: [broken], fail_on: [broken], comment_for: [broken] } }
  - { id: heard, type: wait, with: { event: custom.told } }
  - { id: send, type: http, with: { url: "${url}/x", headers: { authorization: "{{ secrets.token }} {{ secrets.told }} {{ inputs.token }}" } } }
`,
        ),
      );
      const { admin } = tenant;
      await aSecret(admin);
      // The event itself contains it.
      await admin.run(create, { input: { name: "told", value: told } });
      await admin.run(
        'mutation { declareEventType(input: { name: "custom.told", description: "D", payloadSchema: { properties: { text: { type: "string" } } } }) { eventType { id } } }',
      );
      answer = (_request, response) => void response.end("fine");
      const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
        key: "waits",
        data: { token: INPUT },
      });
      const { id } = startWorkflow.instance;
      const completed = async (given: object): Promise<void> => {
        await weft.weft.worker.idle();
        const { workflowInstance } = await admin.run<{ workflowInstance: { tasks: { id: string; status: string }[] } }>(
          "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status } } }",
          { id },
        );
        const task = workflowInstance.tasks.find(({ status }) => status === "OPEN")?.id;
        await admin.run("mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }", {
          input: { id: task, ...given },
        });
        await weft.weft.worker.idle();
      };
      await completed({ transition: "fine", input: { pasted: `It is ${VALUE}.` }, comment: `And ${INPUT}` });
      await completed({ transition: "broken", comment: `Because of ${VALUE}` });
      await admin.run('mutation ($payload: JSON!) { publishEvent(input: { type: "custom.told", payload: $payload }) { eventId } }', {
        payload: { text: `It was ${told}` },
      });
      await weft.weft.worker.idle();
      const { workflowInstance } = await admin.run<{ workflowInstance: Instance }>(read, { id });
      expect(workflowInstance).toMatchObject({
        state: "succeeded",
        runs: [
          {
            steps: [
              { outputs: { outcome: "fine", input: { pasted: "It is [secret token]." }, comment: "And [secret inputs.token]" } },
              { status: "FAILED", error: { message: "The task was completed with broken: Because of [secret token]" } },
              { outputs: { payload: { text: "It was [secret told]" } } },
              { status: "SUCCEEDED" },
            ],
          },
        ],
      });
    },
  );

  test("fails with an error that does not contain the secret", async () => {
    answer = (_request, response) => void response.writeHead(403).end(`${"x".repeat(380)}${VALUE}`);
    const { admin } = await tenantWith(sends("refused"));
    await aSecret(admin);
    const { error } = (await ran(admin, "refused")).runs[0]?.steps[0] ?? {};
    expect(error?.code).toBe("HTTP_STATUS");
    expect(error?.message).toMatch(/x\[secret token\]$/);
  });

  test("fails for good if the secret does not exist, and names it", async () => {
    const { admin } = await tenantWith(sends("missing"));
    expect((await ran(admin, "missing")).runs[0]?.steps).toMatchObject([
      { status: "FAILED", error: { code: "SECRET_UNKNOWN", message: expect.stringContaining('"token"') as string } },
    ]);
  });

  test("reads the new value after a change", async () => {
    const seen: (string | undefined)[] = [];
    answer = ({ headers: { authorization } }, response) => {
      seen.push(authorization);
      response.end("{}");
    };
    const { admin } = await tenantWith(sends("rotated"));
    const id = await aSecret(admin);
    await ran(admin, "rotated");
    rememberSecret(weft.weft.url, "another-planted-value");
    await admin.run(update, { input: { id, value: "another-planted-value" } });
    await ran(admin, "rotated");
    expect(seen).toEqual([`Bearer ${VALUE}`, "Bearer another-planted-value"]);
  });
});

/** Sets the security profile of the tenant. */
const setProfile = (who: TestUser, settings: object): Promise<unknown> =>
  who.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch: { automation: settings }, message: "A test" },
  });

const violations = async (who: TestUser): Promise<readonly Record<string, unknown>[]> => {
  const { events } = await who.run<{ events: { edges: { node: { type: string; payload: Record<string, unknown> } }[] } }>(
    '{ events(filter: { type: { eq: "definition.profile_violated" } }, first: 10) { edges { node { type payload } } } }',
  );
  return events.edges.map(({ node }) => node.payload);
};

const refusalOf = async (who: TestUser, key: string, data: object = {}): Promise<unknown> =>
  (await who.send(start, { key, data })).errors?.[0]?.extensions;

describe("a secret that may be sent to some hosts only", () => {
  test("is not sent to another one, whatever the definition says", async () => {
    let requests = 0;
    answer = (_request, response) => {
      requests++;
      response.end("{}");
    };
    const { admin } = await tenantWith(sends("elsewhere"));
    await aSecret(admin, "token", { domains: ["api.example.com"] });
    const { runs } = await ran(admin, "elsewhere");
    expect(runs[0]?.steps).toMatchObject([{ status: "FAILED", error: { code: "PROFILE_VIOLATION" } }]);
    expect(requests).toBe(0);
    expect(await violations(admin)).toMatchObject([{ rule: "domains", step: "send" }]);
  });

  test("is sent to those", async () => {
    answer = (_request, response) => void response.end("{}");
    const { admin } = await tenantWith(sends("there"));
    await aSecret(admin, "token", { domains: ["127.0.0.1"] });
    expect(await ran(admin, "there")).toMatchObject({ state: "succeeded" });
  });
});

describe("publishing a definition whose steps read secrets", () => {
  test("requires the permission to use secrets", async () => {
    const tenant = await weft.tenant();
    const author = await tenant.user("workflow_manager");
    const { createDefinition } = await author.run<{ createDefinition: { definition: { id: string } } }>(
      "mutation ($source: String!) { createDefinition(input: { source: $source, format: YAML }) { definition { id } } }",
      { source: sends("stolen") },
    );
    const publish = "mutation ($id: ID!) { publishDefinition(input: { id: $id, acceptWarnings: true }) { definition { id } } }";
    const refused = await author.send(publish, { id: createDefinition.definition.id });
    expect(refused.errors?.[0]).toMatchObject({
      message: expect.stringContaining("secret.use") as string,
      extensions: { code: "FORBIDDEN" },
    });
    await tenant.admin.run(publish, { id: createDefinition.definition.id });
  });

  test("warns of secrets that do not exist, and of steps that the security profile refuses, with their lines", async () => {
    const { admin } = await weft.tenant();
    const source = `${sends("warned")}  - { id: build, type: script, with: { command: [make] } }\n`;
    const { validateDefinition } = await admin.run<{ validateDefinition: object }>(
      "query ($source: String!) { validateDefinition(source: $source, format: YAML) { isValid warnings { code path line } } }",
      { source },
    );
    expect(validateDefinition).toEqual({
      isValid: true,
      warnings: [
        { code: "PROFILE_VIOLATION", path: "steps[1]", line: 7 },
        { code: "UNKNOWN_SECRET", path: "steps[0]", line: 6 },
      ],
    });
  });
});

describe("a security profile", () => {
  const waits = (key: string, more = ""): string => automation(key, `${more}steps: [{ id: rest, type: wait, with: { for: 1s } }]\n`);

  test("that refuses a step refuses the start, which is recorded", async () => {
    const { admin } = await tenantWith(waits("planned"));
    await setProfile(admin, { securityProfile: "plan_only" });
    expect(await refusalOf(admin, "planned")).toMatchObject({
      code: "PROFILE_VIOLATION",
      rule: "stepTypes",
      step: "rest",
      profile: "plan_only",
    });
    expect(await admin.run("{ workflowInstances(first: 1) { edges { node { id } } } }")).toEqual({ workflowInstances: { edges: [] } });
    expect(await violations(admin)).toEqual([{ rule: "stepTypes", step: "rest", profile: "plan_only" }]);
    const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { action: string; after: object } }[] } }>(
      '{ auditEntries(filter: { action: { eq: "definition.violateProfile" } }, first: 5) { edges { node { action after } } } }',
    );
    expect(auditEntries.edges).toMatchObject([{ node: { after: { rule: "stepTypes", step: "rest", profile: "plan_only" } } }]);
  });

  test("stays with a run as it was when the run began", { tags: "slow" }, async () => {
    answer = (_request, response) => void response.end("{}");
    const { admin } = await tenantWith(
      automation(
        "kept",
        `steps:\n  - { id: rest, type: wait, with: { for: 1s } }\n  - { id: send, type: http, with: { url: "${url}" } }\n`,
      ),
    );
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "kept" });
    const seen = async () =>
      admin.run<{ workflowInstance: { state: string; runs: object[] } }>(
        "query ($id: ID!) { workflowInstance(id: $id) { state runs { profile { key rules { stepTypes commands domains concurrency limits { memoryMb network } } } } } }",
        { id: startWorkflow.instance.id },
      );
    await weft.weft.worker.idle();
    await setProfile(admin, { securityProfile: "restricted" });
    await expect.poll(async () => (await seen()).workflowInstance.state, { timeout: 20_000 }).toBe("succeeded");
    expect((await seen()).workflowInstance.runs).toMatchObject([
      { profile: { key: "standard", rules: { commands: [], domains: null, concurrency: 20, limits: { network: false } } } },
    ]);
  });

  test("of a definition narrows that of the tenant, and never widens it", async () => {
    const { admin } = await tenantWith(waits("narrow", "profile: { step_types: [set] }\n"));
    expect(await refusalOf(admin, "narrow")).toMatchObject({ code: "PROFILE_VIOLATION", profile: "definition+standard" });
    const other = await tenantWith(
      automation("wide", "profile: elevated\nsteps: [{ id: build, type: script, with: { command: [make] } }]\n"),
    );
    expect(await refusalOf(other.admin, "wide")).toMatchObject({ code: "PROFILE_VIOLATION", rule: "stepTypes", step: "build" });
  });

  test("of the tenant narrows the built-in one, and one that does not exist allows nothing", async () => {
    const { admin } = await tenantWith(waits("own"));
    const createProfile =
      "mutation ($input: CreateSecurityProfileInput!) { createSecurityProfile(input: $input) { securityProfile { id key isBuiltIn rules { stepTypes } } } }";
    const input = { key: "only-set", name: "Only set", rules: { stepTypes: ["set"], limits: { memoryMb: 64 } } };
    const { createSecurityProfile } = await admin.run<{ createSecurityProfile: { securityProfile: { id: string } } }>(createProfile, {
      input,
    });
    await setProfile(admin, { ownSecurityProfile: "only-set" });
    expect(await refusalOf(admin, "own")).toMatchObject({ code: "PROFILE_VIOLATION", profile: "only-set+standard" });
    const { id } = createSecurityProfile.securityProfile;
    await admin.run("mutation ($id: ID!) { updateSecurityProfile(input: { id: $id, rules: {} }) { securityProfile { version } } }", { id });
    expect(await refusalOf(admin, "own")).toBeUndefined();
    await admin.run("mutation ($id: ID!) { deleteSecurityProfile(input: { id: $id }) { id } }", { id });
    expect(await refusalOf(admin, "own")).toMatchObject({ code: "PROFILE_VIOLATION", rule: "profile", step: null, profile: "only-set" });
    const { securityProfiles } = await admin.run<{ securityProfiles: { key: string }[] }>("{ securityProfiles { key isBuiltIn } }");
    expect(securityProfiles.map(({ key }) => key)).toEqual(["plan_only", "restricted", "standard", "elevated"]);
  });

  test("of a run also limits the automations that its steps start, and those that these start", async () => {
    let requests = 0;
    answer = (_request, response) => {
      requests++;
      response.end("{}");
    };
    const tenant = await tenantWith(automation("inner", `steps: [{ id: send, type: http, with: { url: "${url}" } }]\n`));
    const starting = (key: string, child: string, more = ""): string =>
      automation(key, `${more}steps: [{ id: begin, type: workflow, with: { key: ${child} } }]\n`);
    await tenant.definition(starting("middle", "inner"));
    await tenant.definition(starting("outer", "middle", "profile: restricted\n"));
    const { admin } = tenant;
    expect(await ran(admin, "middle")).toMatchObject({ state: "succeeded" });
    expect(requests).toBe(1);
    const { state, runs } = await ran(admin, "outer");
    expect([state, runs[0]?.steps[0]?.error?.message]).toEqual(["failed", expect.stringContaining("middle: Step begin: inner") as string]);
    expect(requests).toBe(1);
    expect(await violations(admin)).toEqual([{ rule: "stepTypes", step: "send", profile: "restricted+standard" }]);
  });

  test("has rules whose problems are named where the client wrote them", async () => {
    const { admin } = await weft.tenant();
    const rules = { stepTypes: ["HTTP"], domains: ["https://x"], limits: { memoryMb: 0 } };
    const refused = await admin.send(
      "mutation ($input: CreateSecurityProfileInput!) { createSecurityProfile(input: $input) { securityProfile { id } } }",
      { input: { key: "standard", name: "S", rules } },
    );
    const problems = (refused.errors?.[0]?.extensions?.["problems"] ?? []) as { path: string }[];
    expect(problems.map(({ path }) => path).sort()).toEqual([
      "input.key",
      "input.rules.domains[0]",
      "input.rules.limits.memoryMb",
      "input.rules.stepTypes[0]",
    ]);
  });

  test("refuses a run that a transition starts before any step begins, and the instance says why", async () => {
    const { admin } = await tenantWith(`weft: 1
key: later
name: Later
initial: draft
states:
  draft: { transitions: { go: { to: working } } }
  working:
    run: { steps: [{ id: rest, type: wait, with: { for: 1h } }, { id: build, type: script, with: { command: [make] } }], then: done, onFailure: broken }
    transitions: { done: { to: finished, auto: run }, broken: { to: failed, auto: run } }
  finished: { final: completed }
  failed: { final: rejected }
`);
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { key: "later" });
    const { id } = startWorkflow.instance;
    await admin.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "go" }) { instance { id } } }', { id });
    await weft.weft.worker.idle();
    const { workflowInstance } = await admin.run<{ workflowInstance: Instance }>(read, { id });
    expect(workflowInstance).toMatchObject({
      state: "failed",
      runs: [{ status: "FAILED", steps: [{ status: "CANCELLED" }, { status: "CANCELLED" }] }],
    });
    expect(await violations(admin)).toEqual([{ rule: "stepTypes", step: "build", profile: "standard" }]);
  });
});

describe("a secret input", () => {
  const takes = (key: string): string =>
    automation(
      key,
      `inputs: { token: { type: string, required: true, secret: true }, name: { type: string } }
steps:
  - { id: rest, type: wait, with: { for: 1s } }
  - { id: send, type: http, with: { url: "${url}", method: POST, body: { given: "{{ inputs.token }}", name: "{{ inputs.name }}" } } }
`,
    );

  test("is read by the steps, and is in nothing else", { tags: "slow" }, async () => {
    rememberSecret(weft.weft.url, INPUT);
    const bodies: string[] = [];
    answer = (request, response) => {
      let body = "";
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => {
        bodies.push(body);
        response.writeHead(200, { "content-type": "application/json" }).end(body);
      });
    };
    const { admin } = await tenantWith(takes("sealed"));
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
      key: "sealed",
      data: { token: INPUT, name: "Acme" },
    });
    const { id } = startWorkflow.instance;
    const seen = async () => (await admin.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance;
    await expect.poll(async () => (await seen()).state, { timeout: 20_000 }).toBe("succeeded");
    expect(bodies).toEqual([JSON.stringify({ given: INPUT, name: "Acme" })]);
    const instance = await seen();
    expect(instance.data).toMatchObject({ name: "Acme" });
    expect(instance.runs[0]?.steps[1]?.outputs).toMatchObject({ body: { given: "[secret inputs.token]", name: "Acme" } });
    expect(JSON.stringify(instance)).not.toContain(INPUT);
  });

  test("reaches the steps of each run, also when the definition was started before", async () => {
    rememberSecret(weft.weft.url, INPUT);
    const seen: (string | undefined)[] = [];
    answer = ({ headers: { authorization } }, response) => {
      seen.push(authorization);
      response.end("{}");
    };
    const { admin } = await tenantWith(
      automation(
        "again",
        `inputs: { token: { type: string, required: true, secret: true } }
steps: [{ id: send, type: http, with: { url: "${url}", headers: { authorization: "{{ inputs.token }}" } } }]
`,
      ),
    );
    for (let times = 0; times < 3; times++) expect(await ran(admin, "again", { token: INPUT })).toMatchObject({ state: "succeeded" });
    expect(seen).toEqual([INPUT, INPUT, INPUT]);
  });

  test("is required, and long enough, and is never quoted", async () => {
    const { admin } = await tenantWith(takes("required"));
    expect(await refusalOf(admin, "required")).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.token" }] });
    const short = await admin.send(start, { key: "required", data: { token: "abcdefg" } });
    expect(short.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.token" }] });
    const long = await admin.send(start, { key: "required", data: { token: "a".repeat(32_769) } });
    expect(long.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.token" }] });
    const wrong = await admin.send(start, { key: "required", data: { token: { value: "abcdefg" } } });
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(JSON.stringify([short, wrong])).not.toContain("abcdefg");
  });

  test("is refused where it would be stored, such as in a schedule", async () => {
    const { admin } = await tenantWith(takes("scheduled"));
    const input = { name: "S", definitionKey: "scheduled", cron: "0 9 * * *", timeZone: "UTC", data: { token: "12345678-abc" } };
    const refused = await admin.send("mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id } } }", {
      input,
    });
    expect(refused.errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
  });

  /** An automation that sends its secret input, and one that passes it on. */
  const child = (key: string): string =>
    automation(
      key,
      `inputs: { token: { type: string, required: true, secret: true }, shown: { type: string } }
steps: [{ id: send, type: http, with: { url: "${url}", headers: { authorization: "{{ inputs.token }}" } } }]
outputs: { answer: "{{ steps.send.outputs.body }}" }
`,
    );
  const parent = (key: string, inputs: string): string =>
    automation(
      key,
      `inputs: { token: { type: string, secret: true } }\nsteps:\n  - { id: ask, type: workflow, with: { key: child, inputs: ${inputs} } }\n`,
    );
  /** Answers with what it was sent, and returns the list. */
  const echo = (): (string | undefined)[] => {
    const seen: (string | undefined)[] = [];
    answer = ({ headers: { authorization } }, response) => {
      seen.push(authorization);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ given: authorization }));
    };
    return seen;
  };

  test("is passed on to a secret input of another automation, and is in nothing else", async () => {
    rememberSecret(weft.weft.url, INPUT);
    const seen = echo();
    const tenant = await tenantWith(child("child"));
    await tenant.definition(parent("parent", '{ token: "Bearer {{ inputs.token }}" }'));
    const instance = await ran(tenant.admin, "parent", { token: INPUT });
    expect(instance).toMatchObject({
      state: "succeeded",
      runs: [{ steps: [{ outputs: { outputs: { answer: { given: "[secret inputs.token]" } } } }] }],
    });
    expect(seen).toEqual([`Bearer ${INPUT}`]);
  });

  test("is never passed on to an input that is stored", async () => {
    rememberSecret(weft.weft.url, INPUT);
    const tenant = await tenantWith(child("child"));
    await tenant.definition(parent("shows", '{ token: "long enough", shown: "{{ inputs.token }}" }'));
    const instance = await ran(tenant.admin, "shows", { token: INPUT });
    expect(instance.runs[0]?.steps[0]?.error).toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining("inputs.shown: The value is secret") as string,
    });
    expect(JSON.stringify(instance)).not.toContain(INPUT);
  });

  test("is given again when a run is continued or run again, because it is not kept", { tags: "slow" }, async () => {
    rememberSecret(weft.weft.url, INPUT);
    const seen = echo();
    const { admin } = await tenantWith(child("child"));
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { runs: { id: string }[] } } }>(
      start.replace("{ id }", "{ runs { id } }"),
      { key: "child", data: { token: INPUT, shown: "a" } },
    );
    await weft.weft.worker.idle();
    const runId = startWorkflow.instance.runs[0]?.id ?? "";
    const retry = `mutation ($input: RetryFromStepInput!) { retryFromStep(input: $input) { run { id inputs } } }`;
    const again = `mutation ($input: RerunWorkflowInput!) { rerunWorkflow(input: $input) { run { id inputs } } }`;
    const missing = await admin.send(retry, { input: { runId, step: "send" } });
    expect(missing.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.inputs.token" }] });
    const none = await admin.send(again, { input: { runId, inputs: { token: null } } });
    expect(none.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.inputs.token" }] });
    const input = { runId, inputs: { token: `${INPUT} retried` }, idempotencyKey: "k" };
    const { retryFromStep } = await admin.run<{ retryFromStep: { run: object } }>(retry, { input: { ...input, step: "send" } });
    expect(retryFromStep.run).toMatchObject({ inputs: { shown: "a" } });
    await admin.run(again, { input: { ...input, inputs: { token: `${INPUT} again`, shown: "b" } } });
    await weft.weft.worker.idle();
    expect(seen).toEqual([INPUT, `${INPUT} retried`, `${INPUT} again`]);
    const replayed = await admin.run<{ retryFromStep: { run: object } }>(retry, { input: { ...input, step: "send" } });
    expect(replayed.retryFromStep.run).toEqual(retryFromStep.run);
  });

  test("is not given to a version that does not keep it secret when a run is run again", async () => {
    rememberSecret(weft.weft.url, INPUT);
    echo();
    const tenant = await tenantWith(child("child"));
    const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { runs: { id: string }[] } } }>(
      start.replace("{ id }", "{ runs { id } }"),
      { key: "child", data: { token: INPUT, shown: "a" } },
    );
    await weft.weft.worker.idle();
    await tenant.definition(
      automation(
        "child",
        "inputs: { token: { type: string }, shown: { type: string } }\nsteps: [{ id: rest, type: wait, with: { for: 1s } }]\n",
      ),
    );
    const again = "mutation ($input: RerunWorkflowInput!) { rerunWorkflow(input: $input) { run { id } } }";
    const input = { runId: startWorkflow.instance.runs[0]?.id, inputs: { token: INPUT } };
    const { errors } = await tenant.admin.send(again, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.inputs.token" }] });
  });

  test("cannot be found by trying, if a start has an idempotency key", async () => {
    echo();
    const tenant = await tenantWith(child("child"));
    const { admin } = tenant;
    const startOnce = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }";
    const input = { definitionKey: "child", data: { token: "12345678" }, idempotencyKey: "start-1" };
    const first = await admin.run(startOnce, { input });
    expect(await admin.run(startOnce, { input })).toEqual(first);
    const other = await admin.send(startOnce, { input: { ...input, data: { token: "12345679" } } });
    expect(other.errors?.[0]?.extensions?.["code"]).toBe("CONFLICT");
    await tenant.definition(
      automation("plain", "inputs: { n: { type: integer } }\nsteps: [{ id: rest, type: wait, with: { for: 1s } }]\n"),
    );
    await tenant.admin.run(startOnce, { input: { definitionKey: "plain", data: { n: 1 }, idempotencyKey: "start-2" } });
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    const rows = await owner<
      { key: string; hash: string }[]
    >`select key, input_hash as hash from app.idempotency_keys where key like 'start-_' order by key`;
    await owner.end();
    const guessOf = (definitionKey: string, data: object): string =>
      createHash("sha256").update(JSON.stringify({ data, definitionKey })).digest("base64url");
    // A number cannot be secret and is hashed as it is, which shows that the guess would be right.
    expect(rows).toEqual([
      { key: "start-1", hash: expect.not.stringContaining(guessOf("child", { token: "12345678" })) as string },
      { key: "start-2", hash: guessOf("plain", { n: 1 }) },
    ]);
  });
});
