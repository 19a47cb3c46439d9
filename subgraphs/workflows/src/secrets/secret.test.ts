import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { rememberSecret, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let server: Server;
let port: number;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
  url = `http://127.0.0.1:${port}`;
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
});
// The end of the test server searches all tables and logs for the secrets that the tests have remembered.
afterAll(async () => {
  await weft.stop();
  server.close();
});

const VALUE = "pl4nted-s3cret/value+1";
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
