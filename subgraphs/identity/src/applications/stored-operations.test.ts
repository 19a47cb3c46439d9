import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { openLive, startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let acme: TestTenant;
let olga: TestUser;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "The platform's operators have an application, too." });
  acme = await weft.tenant("Acme");
  olga = await acme.user("operations");
});
afterAll(() => weft.stop());

interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
}
interface Sent {
  readonly user?: TestUser | null;
  readonly headers?: Record<string, string>;
}

async function send(body: object, { user = olga, headers = {} }: Sent = {}): Promise<Answer> {
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(user && { authorization: `Bearer ${user.token}` }), ...headers },
    body: JSON.stringify(body),
  });
  return { ...((await response.json()) as Omit<Answer, "status">), status: response.status };
}
const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions["code"];
const of = (application: string) => ({ "weft-application": application });

const mine = "query Mine { me { name } }";
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const manifestOf = (...texts: string[]): string => JSON.stringify(Object.fromEntries(texts.map((text) => [hashOf(text), text])));

async function anApplication(
  { admin }: Pick<TestTenant, "admin">,
  manifest?: string,
  environment = "PROD",
): Promise<{ id: string; manifestId: string }> {
  const { createApplication } = await admin.run<{ createApplication: { application: { id: string } } }>(
    "mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }",
    { input: { key: `a${newId().slice(-12)}`, name: "Application" } },
  );
  const { id } = createApplication.application;
  return { id, manifestId: manifest === undefined ? "" : await push(admin, id, manifest, environment) };
}

async function push(admin: TestUser, applicationId: string, manifest: string, environment = "PROD"): Promise<string> {
  const { pushOperations } = await admin.run<{ pushOperations: { manifest: { id: string } } }>(
    "mutation ($input: PushOperationsInput!) { pushOperations(input: $input) { manifest { id } } }",
    { input: { applicationId, manifest, environment } },
  );
  return pushOperations.manifest.id;
}

describe("a stored document", () => {
  test("runs by its ID, with the rights of whoever sends it", async () => {
    const { id } = await anApplication(acme, manifestOf(mine));
    const { me } = await olga.run<{ me: { name: string } }>(mine);
    expect(await send({ documentId: hashOf(mine) }, { headers: of(id) })).toEqual({ status: 200, data: { me } });
    expect(codeOf(await send({ documentId: hashOf(mine) }, { headers: of(id), user: null }))).toBe("UNAUTHENTICATED");
  });

  test.each([
    ["as documentId with the prefix sha256:", () => ({ documentId: `sha256:${hashOf(mine)}` })],
    ["as the hash of Apollo's clients", () => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(mine) } } })],
    ["as documentId with an empty text", () => ({ documentId: hashOf(mine), query: "" })],
    ["with a text, which does not count", () => ({ documentId: hashOf(mine), query: "{ me { email } }" })],
  ])("is named %s", async (_how, body) => {
    const { id } = await anApplication(acme, manifestOf(mine));
    expect(await send(body(), { headers: of(id) })).toMatchObject({ status: 200, data: { me: { name: expect.any(String) as string } } });
  });

  test("takes variables, and is found by GET", async () => {
    const text = "query One($id: ID!) { user(id: $id) { id } }";
    const { id } = await anApplication(acme, manifestOf(text));
    const parameters = new URLSearchParams({ documentId: hashOf(text), variables: JSON.stringify({ id: olga.id }) });
    const response = await fetch(`${weft.url}/graphql?${parameters.toString()}`, {
      headers: { authorization: `Bearer ${olga.token}`, "apollo-require-preflight": "1", ...of(id) },
    });
    expect(await response.json()).toEqual({ data: { user: { id: olga.id } } });
  });

  test("cannot change anything by GET", async () => {
    const text = "mutation Out { logout { sessionId } }";
    const { id } = await anApplication(acme, manifestOf(text));
    const response = await fetch(`${weft.url}/graphql?documentId=${hashOf(text)}`, {
      headers: { authorization: `Bearer ${olga.token}`, "apollo-require-preflight": "1", ...of(id) },
    });
    expect(response.status).toBe(405);
  });

  test("runs over WebSocket, whose connection names the application", async () => {
    const live = "subscription Live { requestChanged { cursor } }";
    const { id } = await anApplication(acme, manifestOf(mine, live));
    const client = await openLive(weft.url, { token: olga.token, init: { application: id } });
    client.send({ type: "subscribe", id: "1", payload: { query: "", documentId: hashOf(mine) } });
    expect((await client.message((message) => message.id === "1")).payload).toMatchObject({ data: { me: {} } });
    client.send({ type: "subscribe", id: "2", payload: { query: "", documentId: hashOf(live) } });
    client.send({ type: "subscribe", id: "3", payload: { query: "", documentId: "unknown" } });
    expect(await client.message((message) => message.id === "3")).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "OPERATION_NOT_STORED" } }],
    });
    expect(client.messages.filter((message) => message.id === "2")).toEqual([]);
    client.close();
  });

  test("logs users in, who have no login yet", async () => {
    const text =
      "mutation In($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { user { id } } }";
    const { id } = await anApplication(acme, manifestOf(text));
    const { login, password } = olga;
    expect(await send({ documentId: hashOf(text), variables: { login, password } }, { headers: of(id), user: null })).toEqual({
      status: 200,
      data: { login: { user: { id: olga.id } } },
    });
  });

  test("belongs to one environment", async () => {
    const { id } = await anApplication(acme, manifestOf(mine), "STAGING");
    expect(await send({ documentId: hashOf(mine) }, { headers: of(`${id}/STAGING`) })).toMatchObject({ status: 200 });
    const refused = await send({ documentId: hashOf(mine) }, { headers: of(id) });
    expect([refused.status, codeOf(refused), refused.errors?.[0]?.message]).toEqual([
      400,
      "OPERATION_NOT_STORED",
      expect.stringContaining("has no active document with the ID") as string,
    ]);
  });

  test("is refused soon after its version was retired, and runs as long as another version has it", async () => {
    const other = "query Other { __typename }";
    const { id, manifestId } = await anApplication(acme, manifestOf(mine));
    const second = await push(acme.admin, id, manifestOf(mine, other));
    const retire = (opm: string): Promise<unknown> =>
      acme.admin.run("mutation ($id: ID!) { retireOperations(input: { id: $id }) { manifest { id } } }", { id: opm });
    const ask = (text: string): Promise<Answer> => send({ documentId: hashOf(text) }, { headers: of(id) });
    await until(async () => (await ask(other)).status === 200, { what: "the second version is used" });
    await retire(second);
    await until(async () => codeOf(await ask(other)) === "OPERATION_NOT_STORED", { what: "the second version is no longer used" });
    expect(await ask(mine)).toMatchObject({ status: 200 });
    await retire(manifestId);
    await until(async () => codeOf(await ask(mine)) === "OPERATION_NOT_STORED", { what: "the first version is no longer used" });
  });

  test.each([
    ["names no application", {}, "the request names none"],
    ["names an application that does not exist", of(`app_${"0".repeat(26)}`), "There is no application"],
    ["names something else", of("field-app"), "There is no application"],
    ["names another environment", of("app_00000000000000000000000000/TEST"), "There is no application"],
  ])("is refused if the request %s", async (_what, headers, message) => {
    const answer = await send({ documentId: hashOf(mine) }, { headers });
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: "OPERATION_NOT_STORED", isRetryable: false } }] });
    expect(answer.errors?.[0]?.message).toContain(message);
  });

  test("of the platform's operators is for users of all tenants", async () => {
    const { id } = await anApplication((await acme.platform()).tenant, manifestOf(mine));
    expect(await send({ documentId: hashOf(mine) }, { headers: of(id) })).toMatchObject({ status: 200 });
  });

  test("is unknown to users of another tenant", async () => {
    const { id } = await anApplication(acme, manifestOf(mine));
    const globex = await weft.tenant("Globex");
    const answer = await send({ documentId: hashOf(mine) }, { headers: of(id), user: globex.admin });
    expect([codeOf(answer), answer.errors?.[0]?.message]).toEqual([
      "OPERATION_NOT_STORED",
      expect.stringContaining("There is no application") as string,
    ]);
  });
});

/** A tenant that counts or refuses operations that are not stored, and a user without permission for others. */
async function strict(mode: "REPORT" | "REQUIRED"): Promise<{ tenant: TestTenant; user: TestUser }> {
  const tenant = await weft.tenant(mode);
  const user = await tenant.user("operations");
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { security: { storedOperations: mode } }, message: "A test" },
    },
  );
  return { tenant, user };
}

interface Counted {
  readonly unlistedOperations: {
    readonly edges: readonly {
      readonly node: { client: string | null; name: string | null; kind: string; runCount: number; refusedCount: number };
    }[];
  };
}
const countedOf = async (tenant: TestTenant, count: number): Promise<Counted["unlistedOperations"]["edges"][number]["node"][]> => {
  const read = async (): Promise<Counted["unlistedOperations"]["edges"][number]["node"][]> => {
    const { unlistedOperations } = await tenant.admin.run<Counted>(
      "{ unlistedOperations { edges { node { client name kind runCount refusedCount } } } }",
    );
    return unlistedOperations.edges.map(({ node }) => node);
  };
  await until(async () => (await read()).length >= count, { what: "the operations are counted" });
  return read();
};

describe("where stored operations are required", () => {
  test("others are refused before they are parsed, over HTTP and WebSocket", async () => {
    const { user } = await strict("REQUIRED");
    const answer = await send({ query: mine }, { user });
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: "OPERATION_NOT_STORED" } }] });
    expect(answer.errors?.[0]?.message).toContain("Only stored operations are accepted");
    expect(codeOf(await send({ query: "this is not GraphQL" }, { user }))).toBe("OPERATION_NOT_STORED");
    const client = await openLive(weft.url, { token: user.token });
    client.send({ type: "subscribe", id: "1", payload: { query: mine } });
    expect(await client.message((message) => message.id === "1")).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "OPERATION_NOT_STORED" } }],
    });
    client.close();
  });

  test("stored ones run by their ID, and as text if it is exactly theirs", async () => {
    const { tenant, user } = await strict("REQUIRED");
    const { id } = await anApplication(tenant, manifestOf(mine));
    expect(await send({ documentId: hashOf(mine) }, { user, headers: of(id) })).toMatchObject({ status: 200 });
    expect(await send({ query: mine }, { user, headers: of(id) })).toMatchObject({ status: 200 });
    expect(codeOf(await send({ query: `${mine} ` }, { user, headers: of(id) }))).toBe("OPERATION_NOT_STORED");
  });

  test("a hash that was sent before does not stand for a text that is not stored", async () => {
    const tenant = await weft.tenant("Before");
    const user = await tenant.user("operations");
    const hash = { extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(mine) } } };
    expect(await send({ query: mine, ...hash }, { user })).toMatchObject({ status: 200 });
    await tenant.admin.run(
      "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
      { input: { patch: { security: { storedOperations: "REQUIRED" } }, message: "A test" } },
    );
    expect(codeOf(await send(hash, { user }))).toBe("OPERATION_NOT_STORED");
  });

  test("users with the permission application.explore run others, for example in the explorer", async () => {
    const { tenant } = await strict("REQUIRED");
    expect(await send({ query: mine }, { user: await tenant.user("developer") })).toMatchObject({ status: 200 });
  });

  test("refusals are counted by client and name", async () => {
    const { tenant, user } = await strict("REQUIRED");
    for (const name of ["A", "B", "B"])
      await send({ query: `mutation ${name} { logout { sessionId } }` }, { user, headers: { "apollographql-client-name": "Field app" } });
    const counted = await countedOf(tenant, 2);
    expect(counted.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? ""))).toEqual([
      { client: "Field app", name: "A", kind: "MUTATION", runCount: 0, refusedCount: 1 },
      { client: "Field app", name: "B", kind: "MUTATION", runCount: 0, refusedCount: 2 },
    ]);
  });
});

describe("where operations that are not stored are reported", () => {
  test("they run, and are counted by client, name and kind, while stored ones and those of Weft's own packages are not", async () => {
    const { tenant, user } = await strict("REPORT");
    const { id } = await anApplication(tenant, manifestOf(mine));
    expect(await send({ query: "{ me { id } }" }, { user })).toMatchObject({ status: 200 });
    expect(await send({ query: "query Other { me { id } }" }, { user, headers: of(id) })).toMatchObject({ status: 200 });
    expect(await send({ query: mine }, { user, headers: of(id) })).toMatchObject({ status: 200 });
    expect(await send({ documentId: hashOf(mine) }, { user, headers: of(id) })).toMatchObject({ status: 200 });
    const counted = await countedOf(tenant, 2);
    expect(counted.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? ""))).toEqual([
      { client: null, name: null, kind: "QUERY", runCount: 1, refusedCount: 0 },
      { client: id, name: "Other", kind: "QUERY", runCount: 1, refusedCount: 0 },
    ]);
  });

  test("nobody else sees the list", async () => {
    expect(await olga.refusal("{ unlistedOperations { totalCount } }")).toBe("FORBIDDEN");
  });
});
