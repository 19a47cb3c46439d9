import { decodeId, encodeId, newId } from "@weft/shared/ids";
import {
  addPasskey,
  ApiClient,
  internalCallsOf,
  pendingLogin,
  SoftwareAuthenticator,
  passkeyOrigin,
  startTestWeft,
  TestUser,
  until,
} from "@weft/testkit";
import type { TestTenant, TestWeft } from "@weft/testkit";
import { explainStatements } from "@weft/testkit/cost/touched-pages";
import { newErasure } from "@weft/testkit/tenants/new-privacy-request";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const createKey = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }`;
const createAccount = `mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }`;
const createRole = `mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`;
const audit = `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action apiKeyId before after } } } }`;
const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

type Json = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}
interface Resource extends Json {
  readonly id: string;
  readonly meta: { readonly version: string; readonly location: string };
}

let weft: TestWeft;
let acme: TestTenant;
let other: TestTenant;
let idp: Client;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1 });
  [acme, other] = await Promise.all([weft.tenant(), weft.tenant()]);
  idp = await provider(acme);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

let made = 0;
const fresh = (prefix: string): string => `${prefix}${++made}`;

function created({ status, body }: Answer): Resource {
  if (status !== 201) throw new Error(`The answer was ${status}: ${JSON.stringify(body)}`);
  return body as Resource;
}

/** A client of the endpoint, with a bearer token. */
class Client {
  constructor(
    readonly token: string,
    readonly keyId = "",
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${weft.url}/scim/v2/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { "content-type": "application/scim+json" }),
        ...this.headers,
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Json), headers: response.headers };
  }

  get = (path: string): Promise<Answer> => this.send("GET", path);
  find = (filter: string, more = ""): Promise<Answer> => this.get(`Users?filter=${encodeURIComponent(filter)}${more}`);
  patch = (path: string, ...Operations: Json[]): Promise<Answer> => this.send("PATCH", path, { schemas: [patchSchema], Operations });

  async make(more: Json = {}): Promise<Resource> {
    return created(await this.send("POST", "Users", newUser(more)));
  }

  async group(displayName: string, members: readonly string[] = []): Promise<Resource> {
    const body = { schemas: [groupSchema], displayName, members: members.map((value) => ({ value })) };
    return created(await this.send("POST", "Groups", body));
  }
}

/** As Entra ID sends it. */
function newUser(more: Json = {}): Json {
  const name = fresh("ada");
  return {
    schemas: [userSchema, enterprise],
    externalId: `ext-${name}`,
    userName: `${name}@acme.example`,
    active: true,
    displayName: `Ada ${made}`,
    emails: [{ primary: true, type: "work", value: `${name}@acme.example` }],
    meta: { resourceType: "User" },
    name: { formatted: `Ada ${made}`, familyName: "L", givenName: "Ada" },
    roles: [],
    [enterprise]: { department: "Research" },
    ...more,
  };
}

const inTenant = (permissions: readonly string[]) => permissions.map((permission) => ({ permission, scope: "TENANT" }));

/** Creates a service account with roles, and a key of it. */
async function provider(
  tenant: TestTenant,
  {
    permissions = ["user.provision", "team.update"],
    roles = ["workflow_manager"],
    ...more
  }: { permissions?: readonly string[]; roles?: readonly string[]; allowedAddresses?: string[]; operationsPerMinute?: number } = {},
): Promise<Client> {
  const role = fresh("provisioning");
  await tenant.admin.run(createRole, {
    input: { key: role, name: role, permissions: inTenant(["user.provision", "team.update"]) },
  });
  const { createServiceAccount } = await tenant.admin.run<{ createServiceAccount: { user: { id: string } } }>(createAccount, {
    input: { name: "Identity provider", username: fresh("idp"), roleKeys: [role, ...roles] },
  });
  const { createApiKey } = await tenant.admin.run<{ createApiKey: { key: string; apiKey: { id: string } } }>(createKey, {
    input: { name: "SCIM", userId: createServiceAccount.user.id, permissions: inTenant(permissions), ...more },
  });
  return new Client(createApiKey.key, createApiKey.apiKey.id);
}

const expectError = ({ status, body, headers }: Answer, expected: { status: number; scimType?: string }): void => {
  expect([status, body["scimType"], body["status"], body["schemas"]]).toEqual([
    expected.status,
    expected.scimType,
    String(expected.status),
    ["urn:ietf:params:scim:api:messages:2.0:Error"],
  ]);
  expect(body["detail"]).toEqual(expect.any(String) as string);
  expect(headers.get("content-type")).toBe("application/scim+json; charset=utf-8");
};

/** Creates users without the API. Returns their IDs. */
async function manyUsers(tenant: TestTenant, count: number): Promise<string[]> {
  const rows = await owner<{ id: string }[]>`insert into identity.users (tenant_id, id, email, username, name)
    select ${tenant.id}::uuid, gen_random_uuid(), 'n' || n || '@acme.example', 'n' || n, 'Somebody' from generate_series(1, ${count}::int) n returning id`;
  return rows.map(({ id }) => encodeId("user", id));
}

async function fillTeam(tenant: TestTenant, teamId: string, userIds: readonly string[]): Promise<void> {
  const ids = userIds.map((id) => decodeId("user", id));
  await owner`insert into identity.team_members (tenant_id, team_id, user_id)
    select ${tenant.id}::uuid, ${decodeId("team", teamId)}::uuid, unnest(${ids}::uuid[])`;
  // As the server itself does it soon after many writes.
  await owner`analyze identity.users, identity.team_members`;
}

const statusOf = async (id: string): Promise<string> =>
  (await acme.admin.run<{ user: { status: string } }>("query ($id: ID!) { user(id: $id) { status } }", { id })).user.status;
const membersOf = async (id: string): Promise<string[]> => {
  const { team } = await acme.admin.run<{ team: { members: { user: { id: string } }[] } }>(
    "query ($id: ID!) { team(id: $id) { members { user { id } } } }",
    { id },
  );
  return team.members.map(({ user }) => user.id).sort();
};

describe("what the endpoint supports", () => {
  test("is described by it", async () => {
    const [config, types, schemas] = await Promise.all(["ServiceProviderConfig", "ResourceTypes", "Schemas"].map(idp.get));
    expect(config?.body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: false },
      etag: { supported: true },
    });
    expect(config?.headers.get("content-type")).toBe("application/scim+json; charset=utf-8");
    expect(types?.body).toMatchObject({ totalResults: 2, Resources: [{ endpoint: "/Users" }, { endpoint: "/Groups" }] });
    expect(schemas?.body).toMatchObject({ totalResults: 2, Resources: [{ id: userSchema }, { id: groupSchema }] });
    expect((await idp.get(`Schemas/${userSchema}`)).body).toMatchObject({ name: "User", attributes: expect.any(Array) as unknown[] });
  });

  test("does not include bulk requests, and other paths are unknown", async () => {
    expectError(await idp.send("POST", "Bulk", { schemas: [], Operations: [] }), { status: 501 });
    expectError(await idp.get("Me"), { status: 501 });
    for (const path of ["Nothing", "Users/x/y", "constructor", "ServiceProviderConfig/x", "Schemas/urn:x", "ResourceTypes/x"])
      expectError(await idp.get(path), { status: 404 });
    expectError(await idp.send("DELETE", "Users"), { status: 405 });
    expectError(await idp.send("POST", "Schemas", { schemas: [] }), { status: 405 });
    expectError(await idp.get(`ResourceTypes?filter=${encodeURIComponent('name eq "User"')}`), { status: 403 });
    expectError(await idp.send("POST", `Users/${encodeId("user", newId())}`, newUser()), { status: 405 });
  });
});

describe("users", () => {
  test("are created without a password and without an email, found, and read", async () => {
    const user = await idp.make({ title: "Engineer", locale: "de_CH", timezone: "Europe/Zurich", phoneNumbers: [{ value: "+41 44 123" }] });
    const userName = String(user["userName"]);
    expect(user).toMatchObject({
      schemas: [userSchema],
      active: true,
      emails: [{ value: userName, primary: true }],
      name: { givenName: "Ada", familyName: "L" },
      title: "Engineer",
      locale: "de-CH",
      timezone: "Europe/Zurich",
      phoneNumbers: [{ value: "+41 44 123" }],
      meta: { resourceType: "User", version: 'W/"1"', location: expect.stringMatching(new RegExp(`/scim/v2/Users/${user.id}$`)) as string },
    });
    const read = await idp.get(`Users/${user.id}`);
    expect([read.status, read.body, read.headers.get("etag")]).toEqual([200, user, 'W/"1"']);
    const found = await idp.find(`userName eq "${userName.toUpperCase()}"`);
    expect(found.body).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [user] });
    expect(await statusOf(user.id)).toBe("INVITED");
    expect(await acme.mails(userName)).toEqual([]);
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: Json }[] } }>(audit, { id: user.id });
    expect(auditEntries.edges.map(({ node }) => [node["action"], node["apiKeyId"]])).toEqual([["user.create", idp.keyId]]);
  });

  test.each([
    ["its external ID", (user: Resource) => `externalId eq "${String(user["externalId"])}"`],
    ["its ID", (user: Resource) => `id eq "${user.id}"`],
    ["its email address", (user: Resource) => `emails.value eq "${String(user["userName"])}"`],
    ["its email address of a type", (user: Resource) => `emails[type eq "work" and value eq "${String(user["userName"])}"]`],
    ["several conditions", (user: Resource) => `active eq true and userName eq "${String(user["userName"])}" and not (active eq False)`],
    ["the beginning of its name", (user: Resource) => `userName sw "${String(user["userName"]).slice(0, -1)}" and name.familyName pr`],
    ["a name with a schema", (user: Resource) => `${userSchema}:userName eq "${String(user["userName"])}"`],
    ["an alternative", (user: Resource) => `userName eq "nobody" or (externalId eq "x" or id eq "${user.id}")`],
    ["the time of its creation", (user: Resource) => `meta.created ge "2020-01-01T00:00:00Z" and id eq "${user.id}"`],
  ])("a user is found by %s", async (_what, filter) => {
    const user = await idp.make();
    const { status, body } = await idp.find(filter(user));
    expect([status, (body["Resources"] as Resource[]).map(({ id }) => id)]).toEqual([200, [user.id]]);
  });

  test("the external ID is case-exact, and each belongs to one user", async () => {
    const externalId = fresh("Case-");
    const user = await idp.make({ externalId });
    expect((await idp.find(`externalId eq "${externalId.toLowerCase()}"`)).body["totalResults"]).toBe(0);
    expectError(await idp.send("POST", "Users", newUser({ externalId })), { status: 409, scimType: "uniqueness" });
    const another = await idp.make();
    expectError(await idp.patch(`Users/${another.id}`, { op: "replace", path: "externalId", value: externalId }), {
      status: 409,
      scimType: "uniqueness",
    });
    expect((await idp.get(`Users/${user.id}`)).body["externalId"]).toBe(externalId);
  });

  test("a user name can be an address with an apostrophe", async () => {
    const userName = `${fresh("o'neill")}@acme.example`;
    await idp.make({ userName, emails: undefined });
    expect((await idp.find(`userName eq "${userName}"`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ emails: [{ value: userName }] }],
    });
  });

  test("a list has pages, in a stable order, and at most 200 users", async () => {
    const tenant = await weft.tenant();
    const client = await provider(tenant);
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push((await client.make()).id);
    const page = async (parameters: string) => (await client.get(`Users?${parameters}`)).body;
    const first = await page("startIndex=1&count=3");
    const second = await page("startIndex=4&count=3");
    const listed = [first, second].flatMap(({ Resources }) => (Resources as Resource[]).map(({ id }) => id));
    expect([first["totalResults"], first["itemsPerPage"], second["startIndex"]]).toEqual([5, 3, 4]);
    expect(listed.filter((id) => id !== tenant.admin.id)).toEqual(ids);
    expect(await page("count=0")).toMatchObject({ totalResults: 5, itemsPerPage: 0, Resources: [] });
    expect(await page("startIndex=-5&count=-1")).toMatchObject({ startIndex: 1, itemsPerPage: 0 });
    expect(await page("startIndex=99999999999999999999&count=99999999999999999999")).toMatchObject({ totalResults: 5, Resources: [] });
    expectError(await client.get("Users?count=many"), { status: 400, scimType: "invalidValue" });
    expectError(await client.get("Users?count=1&count=2"), { status: 400, scimType: "invalidSyntax" });
  });

  test("a list takes the same number of statements, however many users there are", { tags: "slow" }, async () => {
    for (let n = 0; n < 3; n++) await idp.make();
    const one = await weft.statementCount(() => idp.get("Users?count=1"));
    expect(await weft.statementCount(() => idp.get("Users?count=100"))).toBe(one);
    await idp.group(fresh("Counted "), [(await idp.make()).id]);
    await idp.group(fresh("Counted "), [(await idp.make()).id]);
    const group = await weft.statementCount(() => idp.get("Groups?count=1"));
    expect(await weft.statementCount(() => idp.get("Groups?count=100"))).toBe(group);
  });

  test("only what was asked for is returned", async () => {
    const { id } = await idp.make();
    expect((await idp.get(`Users/${id}?attributes=userName,name.givenName`)).body).toEqual({
      schemas: [userSchema],
      id,
      userName: expect.any(String) as string,
      name: { givenName: "Ada" },
    });
    const { body } = await idp.get(`Users/${id}?excludedAttributes=emails,name.formatted,id`);
    expect(body).toMatchObject({ id, name: { givenName: "Ada", familyName: "L" } });
    expect(body).not.toHaveProperty("emails");
    expect(body["name"]).not.toHaveProperty("formatted");
  });

  test("a PUT replaces what the client can set, and leaves the status alone if it is not sent", async () => {
    const user = await idp.make({ title: "Engineer" });
    await idp.patch(`Users/${user.id}`, { op: "replace", path: "active", value: false });
    const { status, body } = await idp.send("PUT", `Users/${user.id}`, {
      schemas: [userSchema],
      id: "usr_ignored",
      userName: user["userName"],
      name: { givenName: "Augusta", familyName: "King" },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: user.id, displayName: "Augusta King", active: false });
    expect(body).not.toHaveProperty("title");
    expect(body).not.toHaveProperty("externalId");
  });

  test("a change needs the version that the client has read, if it sends one", async () => {
    const user = await idp.make();
    const rename = { schemas: [patchSchema], Operations: [{ op: "replace", path: "displayName", value: "Once" }] };
    const changed = await idp.send("PATCH", `Users/${user.id}`, rename, { "if-match": 'W/"1"' });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, 'W/"2"']);
    expectError(await idp.send("PATCH", `Users/${user.id}`, rename, { "if-match": 'W/"1"' }), { status: 412 });
    expectError(await idp.send("DELETE", `Users/${user.id}`, undefined, { "if-match": 'W/"1"' }), { status: 412 });
    expect((await idp.send("DELETE", `Users/${user.id}`, undefined, { "if-match": "*" })).status).toBe(204);
  });

  test("a request that changes nothing writes nothing", async () => {
    const user = await idp.make();
    const { body } = await idp.patch(`Users/${user.id}`, { op: "replace", path: "displayName", value: user["displayName"] });
    expect(body).toEqual(user);
  });

  test("deactivation ends the user's sessions within a second, and activation brings the user back", async () => {
    const rita = await acme.user("requester");
    expect((await rita.send("{ me { id } }")).errors).toBeUndefined();
    const off = await idp.patch(`Users/${rita.id}`, { op: "Replace", path: "active", value: "False" });
    expect([off.status, off.body["active"]]).toEqual([200, false]);
    await until(async () => (await rita.send("{ me { id } }")).errors?.[0]?.extensions?.code === "UNAUTHENTICATED", {
      what: "the session ends",
      deadlineMs: 1_000,
    });
    expect(await statusOf(rita.id)).toBe("DISABLED");
    const on = await idp.patch(`Users/${rita.id}`, { op: "replace", value: { active: true } });
    expect(on.body["active"]).toBe(true);
    expect(await statusOf(rita.id)).toBe("ACTIVE");
    expect((await rita.again()).id).toBe(rita.id);
  });

  test("a deleted user is disabled and no longer found, and comes back as the same person", async () => {
    const user = await idp.make();
    expect((await idp.send("DELETE", `Users/${user.id}`)).status).toBe(204);
    expectError(await idp.get(`Users/${user.id}`), { status: 404 });
    expectError(await idp.send("DELETE", `Users/${user.id}`), { status: 404 });
    expectError(await idp.patch(`Users/${user.id}`, { op: "replace", path: "active", value: true }), { status: 404 });
    expect((await idp.find(`userName eq "${String(user["userName"])}"`)).body["totalResults"]).toBe(0);
    expect(await statusOf(user.id)).toBe("DISABLED");
    const again = { externalId: user["externalId"], userName: user["userName"], emails: user["emails"] };
    expectError(await idp.send("POST", "Users", newUser({ ...again, externalId: "another person" })), {
      status: 409,
      scimType: "uniqueness",
    });
    const restored = await idp.make({ ...again, displayName: "Ada returns" });
    expect([restored.id, restored["active"], restored["displayName"]]).toEqual([user.id, true, "Ada returns"]);
    expect(await statusOf(user.id)).toBe("INVITED");
  });

  test("an erased user is no longer found, by any way, and returns as a new user", async () => {
    const first = await acme.user("admin");
    const second = await acme.user("admin");
    const user = await idp.make();
    const id = await newErasure(first, user.id);
    await second.run("mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id } } }", {
      input: { id },
    });
    await weft.weft.worker.idle();
    const names = { userName: user["userName"], emails: user["emails"], externalId: user["externalId"] };
    expectError(await idp.get(`Users/${user.id}`), { status: 404 });
    expectError(await idp.send("PUT", `Users/${user.id}`, newUser({ ...names, active: false })), { status: 404 });
    expectError(await idp.patch(`Users/${user.id}`, { op: "replace", path: "active", value: false }), { status: 404 });
    expectError(await idp.send("DELETE", `Users/${user.id}`), { status: 404 });
    expect((await idp.find(`externalId eq "${String(user["externalId"])}"`)).body["totalResults"]).toBe(0);
    expect(await acme.admin.run("query ($id: ID!) { user(id: $id) { name } }", { id: user.id })).toEqual({ user: { name: "[erased]" } });
    const returned = await idp.make(names);
    expect(returned.id).not.toBe(user.id);
  });

  test("a user whose erasure waits is not changed: the provider is told that there is a conflict", async () => {
    const first = await acme.user("admin");
    const user = await idp.make();
    const id = await newErasure(first, user.id);
    // Approved, but not begun: as if a legal hold made it wait.
    await owner`update identity.privacy_requests set status = 'APPROVED', decided_by = ${newId()}, decided_at = now(), due_at = now() + interval '1 day'
      where id = ${decodeId("privacyRequest", id)}`;
    await owner`update identity.users set status = 'DISABLED' where id = ${decodeId("user", user.id)}`;
    expectError(await idp.patch(`Users/${user.id}`, { op: "replace", path: "displayName", value: "Ada Again" }), { status: 409 });
    expectError(await idp.patch(`Users/${user.id}`, { op: "replace", path: "active", value: true }), { status: 409 });
  });

  test.each<[string, Json, Json]>([
    ["neither has an external ID", { externalId: undefined }, { externalId: undefined }],
    ["only the new one has an external ID", { externalId: undefined }, {}],
    ["only the deleted one has an external ID", {}, { externalId: undefined }],
    [
      "the external ID is the same, but no name",
      { externalId: "recycled" },
      { externalId: "recycled", userName: "other@acme.example", emails: [] },
    ],
  ])("a deleted user does not come back by the name if %s", async (_what, former, later) => {
    const user = await idp.make(former);
    await idp.send("DELETE", `Users/${user.id}`);
    const again = newUser({ userName: user["userName"], emails: user["emails"], ...later });
    expectError(await idp.send("POST", "Users", again), { status: 409, scimType: "uniqueness" });
    expect(await statusOf(user.id)).toBe("DISABLED");
  });

  test("a deleted user comes back without password, second factors and API keys, because a namesake may be another person", async () => {
    const rita = await acme.user("requester");
    const authenticator = new SoftwareAuthenticator(passkeyOrigin);
    await addPasskey(rita, authenticator);
    const { createApiKey } = await rita.run<{ createApiKey: { key: string } }>(createKey, {
      input: { name: "Own", permissions: [{ permission: "request.read", scope: "OWN" }] },
    });
    const externalId = fresh("rita-");
    const { body } = await idp.patch(`Users/${rita.id}`, { op: "add", path: "externalId", value: externalId });
    expect((await idp.send("DELETE", `Users/${rita.id}`)).status).toBe(204);
    const { meta: _meta, ...resource } = body;
    expect(created(await idp.send("POST", "Users", { ...resource, active: true })).id).toBe(rita.id);
    expect(await statusOf(rita.id)).toBe("INVITED");
    await expect(pendingLogin(rita)).resolves.toBe("undefined");
    await expect(rita.again()).rejects.toThrow();
    const anyone = new ApiClient(weft.url);
    const { startPasskeyLogin } = await anyone.run<{ startPasskeyLogin: { options: unknown } }>(
      "mutation { startPasskeyLogin(input: {}) { options } }",
    );
    const { errors } = await anyone.send("mutation ($input: LoginWithPasskeyInput!) { loginWithPasskey(input: $input) { accessToken } }", {
      input: { passkey: authenticator.get(startPasskeyLogin.options) },
    });
    expect(errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect((await new ApiClient(weft.url, createApiKey.key).send("{ me { id } }")).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: Json }[] } }>(audit, { id: rita.id });
    const actions = auditEntries.edges.map(({ node }) => node["action"]);
    expect(actions).toEqual(expect.arrayContaining(["user.resetSecondFactors", "user.forgetLogin", "user.reactivate"]));
    // An administrator who reactivates the user again does not bring the former login back either.
    await idp.patch(`Users/${rita.id}`, { op: "replace", path: "active", value: false });
    expect((await idp.patch(`Users/${rita.id}`, { op: "replace", path: "active", value: true })).body["active"]).toBe(true);
    expect(await statusOf(rita.id)).toBe("INVITED");
  });

  test("a deleted user whom an administrator reactivates is found again", async () => {
    const user = await idp.make();
    await idp.send("DELETE", `Users/${user.id}`);
    await acme.admin.run("mutation ($input: VersionedIdInput!) { reactivateUser(input: $input) { user { id } } }", {
      input: { id: user.id },
    });
    expect((await idp.get(`Users/${user.id}`)).body).toMatchObject({ id: user.id, active: true });
  });

  test("of two requests with the same user name at once, one creates the user", async () => {
    for (let round = 0; round < 3; round++) {
      const user = newUser({ externalId: undefined });
      const answers = await Promise.all([1, 2].map(() => idp.send("POST", "Users", user)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      expect(answers.find(({ status }) => status === 409)?.body["scimType"]).toBe("uniqueness");
    }
  });

  test("of two changes of one version at once, one is refused", async () => {
    const user = await idp.make();
    const change = (value: string) =>
      idp.send(
        "PATCH",
        `Users/${user.id}`,
        { schemas: [patchSchema], Operations: [{ op: "replace", path: "displayName", value }] },
        { "if-match": user.meta.version },
      );
    const answers = await Promise.all([change("One"), change("Two")]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test.each([
    ["no user name", { userName: undefined }, "invalidValue"],
    ["an empty user name", { userName: " " }, "invalidValue"],
    ["a user name that is not a text", { userName: 7 }, "invalidValue"],
    ["no valid email address", { emails: [{ value: "nowhere" }] }, "invalidValue"],
    ["a name of 300 characters", { displayName: "x".repeat(300) }, "invalidValue"],
    ["control characters", { name: { givenName: "A\u0007" } }, "invalidValue"],
    ["a change of direction in the name", { displayName: "Ada\u202Eeve" }, "invalidValue"],
    ["a space without width in a part of the name", { name: { familyName: "L\u200Bx" } }, "invalidValue"],
    ["a space without width in the external ID", { externalId: "x\u200By" }, "invalidValue"],
    ["a change of direction in the title", { title: "Chief\u202E" }, "invalidValue"],
    ["an external ID of 300 characters", { externalId: "x".repeat(300) }, "invalidValue"],
    ["an unknown time zone", { timezone: "Mars/Olympus" }, "invalidValue"],
    ["a status that is neither true nor false", { active: "maybe" }, "invalidValue"],
    ["another schema", { schemas: [groupSchema] }, "invalidSyntax"],
    ["a name reserved for service accounts", { userName: "x@service-account.invalid" }, "invalidValue"],
  ])("a user with %s is refused", async (_what, more, scimType) => {
    expectError(await idp.send("POST", "Users", newUser(more)), { status: 400, scimType });
  });

  test("a password is never taken", async () => {
    const user = await idp.make({ password: "a quiet river 42" });
    expect(user).not.toHaveProperty("password");
    expect((await idp.patch(`Users/${user.id}`, { op: "replace", path: "password", value: "a quiet river 42" })).status).toBe(200);
    await expect(TestUser.login(weft.url, String(user["userName"]), "a quiet river 42")).rejects.toThrow();
    expect(await statusOf(user.id)).toBe("INVITED");
  });
});

describe("email addresses and phone numbers", () => {
  const query = "query ($id: ID!) { user(id: $id) { email profile { phone } } }";
  const inWeft = async (id: string) => {
    const { user } = await acme.admin.run<{ user: { email: string; profile: { phone: string | null } } }>(query, { id });
    return { email: user.email, phone: user.profile.phone };
  };
  const withContacts = () => {
    const address = `${fresh("ada")}@acme.example`;
    const emails = [
      { value: `home-${address}`, type: "home" },
      { value: address, type: "work", primary: true },
      { value: `other-${address}`, type: "other", primary: false },
    ];
    const phoneNumbers = [
      { value: "+41 1", type: "mobile" },
      { value: "+41 2", type: "work" },
      { value: "ext. 3", type: "fax" },
    ];
    return { address, emails, phoneNumbers };
  };

  test("are shown as they were sent, and Weft uses the primary one, else the one of the type work", async () => {
    const { address, emails, phoneNumbers } = withContacts();
    const user = await idp.make({ emails, phoneNumbers });
    expect(user).toMatchObject({ emails, phoneNumbers });
    expect((await idp.get(`Users/${user.id}`)).body).toEqual(user);
    expect(await inWeft(user.id)).toEqual({ email: address, phone: "+41 2" });
    // As providers do that read a user and send it back.
    expect((await idp.send("PUT", `Users/${user.id}`, user)).body).toEqual(user);
    const { body } = await idp.send("PUT", `Users/${user.id}`, { ...user, emails: emails.slice(1, 2), phoneNumbers: [] });
    expect(body["emails"]).toEqual(emails.slice(1, 2));
    expect(body).not.toHaveProperty("phoneNumbers");
    expect(await inWeft(user.id)).toEqual({ email: address, phone: null });
  });

  test("are changed by their types, as Entra ID does it, without a change of the others", async () => {
    const { address, emails, phoneNumbers } = withContacts();
    const user = await idp.make({ emails, phoneNumbers });
    const { body } = await idp.patch(
      `Users/${user.id}`,
      { op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+41 9" },
      { op: "Add", path: 'phoneNumbers[type eq "home"].value', value: "+41 4" },
      { op: "Remove", path: 'phoneNumbers[type eq "fax"]' },
      { op: "Replace", path: 'emails[type eq "home"].value', value: `new-${address}` },
      { op: "Remove", path: 'emails[type eq "other"].value' },
    );
    expect(body["phoneNumbers"]).toEqual([
      { value: "+41 9", type: "mobile" },
      { value: "+41 2", type: "work" },
      { value: "+41 4", type: "home" },
    ]);
    expect(body["emails"]).toEqual([{ value: `new-${address}`, type: "home" }, emails[1]]);
    expect(await inWeft(user.id)).toEqual({ email: address, phone: "+41 2" });
    const changed = await idp.patch(
      `Users/${user.id}`,
      { op: "Replace", path: 'phoneNumbers[type eq "work"].value', value: "+41 8" },
      { op: "Replace", path: 'emails[type eq "work"].value', value: `work-${address}` },
    );
    expect(await inWeft(user.id)).toEqual({ email: `work-${address}`, phone: "+41 8" });
    expect((await idp.get(`Users/${user.id}`)).body).toEqual(changed.body);
  });

  test("that become primary are those of the login, with a notice to the former address", async () => {
    const client = await provider(acme, { roles: ["workflow_manager", "requester"] });
    const rita = await acme.user("requester");
    const address = `${fresh("home")}@acme.example`;
    const path = `Users/${rita.id}`;
    await client.patch(path, { op: "add", path: "emails", value: [{ value: address, type: "home" }] });
    expect(await inWeft(rita.id)).toMatchObject({ email: rita.login });
    const { body } = await client.patch(path, { op: "replace", path: 'emails[type eq "home"].primary', value: true });
    expect(body["emails"]).toEqual([
      { value: rita.login, type: "work", primary: false },
      { value: address, type: "home", primary: true },
    ]);
    expect(await inWeft(rita.id)).toMatchObject({ email: address });
    await until(async () => (await acme.mails(rita.login)).length === 1, { what: "the former address is told", deadlineMs: 1_000 });
  });

  test("that are primary twice are so once", async () => {
    const { emails } = withContacts();
    const user = await idp.make({ emails: emails.map((one) => ({ ...one, primary: true })) });
    expect(user["emails"]).toEqual(emails.map((one, index) => ({ ...one, primary: index === 0 })));
    expect(await inWeft(user.id)).toMatchObject({ email: emails[0]?.value });
  });

  test("that the user changes in Weft are changed in the list", async () => {
    const rita = await acme.user("requester");
    await idp.patch(`Users/${rita.id}`, {
      op: "add",
      path: "phoneNumbers",
      value: [
        { value: "+41 1", type: "mobile", primary: true },
        { value: "+41 2", type: "work" },
      ],
    });
    const update = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }";
    await rita.run(update, { input: { phone: "+41 7" } });
    const phones = async () => (await idp.get(`Users/${rita.id}`)).body["phoneNumbers"];
    expect(await phones()).toEqual([
      { value: "+41 7", type: "mobile", primary: true },
      { value: "+41 2", type: "work" },
    ]);
    await rita.run(update, { input: { phone: "" } });
    expect(await phones()).toEqual([{ value: "+41 2", type: "work" }]);
  });

  /** Returns the ID of a user with phone numbers who has deleted their own one. */
  const withoutOwnPhone = async (phoneNumbers: Json[]): Promise<string> => {
    const rita = await acme.user("requester");
    await idp.patch(`Users/${rita.id}`, { op: "add", path: "phoneNumbers", value: phoneNumbers });
    expect(await inWeft(rita.id)).toMatchObject({ phone: phoneNumbers[0]?.["value"] });
    await rita.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", { input: { phone: "" } });
    return rita.id;
  };

  test("that remain after the user has deleted the own one prevent no deactivation", async () => {
    const id = await withoutOwnPhone([
      { value: "+41 1", type: "work" },
      { value: "ext. 3", type: "fax" },
    ]);
    expect((await idp.patch(`Users/${id}`, { op: "replace", path: "active", value: false })).status).toBe(200);
    expect(await statusOf(id)).toBe("DISABLED");
  });

  test("that the provider keeps do not take the place of one that the user or the provider has deleted", async () => {
    const mobile = { value: "+41 9", type: "mobile" };
    const id = await withoutOwnPhone([{ value: "+41 1", type: "work" }, mobile]);
    const shown = async (...operations: Json[]) => (await idp.patch(`Users/${id}`, ...operations)).body["phoneNumbers"];
    expect(await shown({ op: "replace", path: "title", value: "Chief" })).toEqual([mobile]);
    const { body } = await idp.get(`Users/${id}`);
    expect((await idp.send("PUT", `Users/${id}`, { ...body, title: "Head" })).body["phoneNumbers"]).toEqual([mobile]);
    const changed = { value: "+41 8", type: "mobile" };
    expect(await shown({ op: "replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+41 8" })).toEqual([changed]);
    expect(await inWeft(id)).toMatchObject({ phone: null });
    // Only a new number of the same type does, and is removed again.
    expect(await shown({ op: "add", path: 'phoneNumbers[type eq "work"].value', value: "+41 2" })).toEqual([
      changed,
      { value: "+41 2", type: "work" },
    ]);
    expect(await inWeft(id)).toMatchObject({ phone: "+41 2" });
    expect(await shown({ op: "remove", path: 'phoneNumbers[type eq "work"]' })).toEqual([changed]);
    expect(await inWeft(id)).toMatchObject({ phone: null });
  });

  test("that Weft cannot use are kept, and the first that it can use is the phone number", async () => {
    const phoneNumbers = [
      { value: "ext. 3", type: "work", primary: true },
      { value: "+41 9", type: "mobile" },
    ];
    const user = await idp.make({ phoneNumbers });
    expect(user["phoneNumbers"]).toEqual(phoneNumbers);
    expect(await inWeft(user.id)).toMatchObject({ phone: "+41 9" });
    const { body } = await idp.patch(`Users/${user.id}`, { op: "remove", path: 'phoneNumbers[type eq "mobile"]' });
    expect(body["phoneNumbers"]).toEqual(phoneNumbers.slice(0, 1));
    expect(await inWeft(user.id)).toMatchObject({ phone: null });
  });

  test("that have no value yet change neither the primary one nor the login", async () => {
    const { address, emails } = withContacts();
    const [home, work] = [
      { value: `home-${address}`, type: "home", primary: true },
      { value: address, type: "work" },
    ];
    const user = await idp.make({ emails: [home, work] });
    const primary = { op: "add", path: 'emails[type eq "other"].primary', value: true };
    expect((await idp.patch(`Users/${user.id}`, primary)).body["emails"]).toEqual([home, work]);
    expect(await inWeft(user.id)).toMatchObject({ email: home.value });
    const value = { op: "add", path: 'emails[type eq "other"].value', value: emails[2]?.value };
    expect((await idp.patch(`Users/${user.id}`, primary, value)).body["emails"]).toEqual([
      { ...home, primary: false },
      work,
      { value: emails[2]?.value, type: "other", primary: true },
    ]);
  });

  test("that are the same become primary by their types", async () => {
    const { address } = withContacts();
    const user = await idp.make({
      emails: [
        { value: address, type: "work" },
        { value: address, type: "home" },
      ],
    });
    const { body } = await idp.patch(`Users/${user.id}`, { op: "replace", path: 'emails[type eq "home"].primary', value: true });
    expect(body["emails"]).toEqual([
      { value: address, type: "work" },
      { value: address, type: "home", primary: true },
    ]);
  });

  test("find a user without reading all others", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const client = await provider(tenant);
    const { emails, address } = withContacts();
    await manyUsers(tenant, 5_000);
    await owner`insert into identity.user_search_terms (tenant_id, user_id, term, name)
      select u.tenant_id, u.id, t.term, u.name from identity.users u, app.search_terms('', u.email, u.username) as t (term)
       where u.tenant_id = ${tenant.id}::uuid on conflict do nothing`;
    const user = await client.make({ userName: address, emails });
    await owner`analyze identity.users, identity.user_search_terms`;
    const [app, auth] = [weft.database.appUrl, weft.database.authUrl].map((url) => postgres(url, { max: 1 })) as [
      postgres.Sql,
      postgres.Sql,
    ];
    const watched = { databases: weft.weft.services.databases, app, auth, tenantId: tenant.id };
    for (const filter of [
      `emails.value eq "${address}"`,
      `emails[type eq "home" and value eq "home-${address}"]`,
      `userName eq "${address}"`,
    ]) {
      let found: Answer | undefined;
      const explained = await explainStatements(watched, async () => (found = await client.find(filter)));
      expect(found?.body["Resources"]).toEqual([expect.objectContaining({ id: user.id })]);
      const searches = explained.filter(({ name }) => name.endsWith("ProvisionableUsers"));
      expect(searches.map(({ name }) => name)).toEqual(["countProvisionableUsers", "selectProvisionableUsers"]);
      for (const { plan, pages } of searches) expect(pages, plan).toBeLessThan(40);
    }
    await Promise.all([app.end(), auth.end()]);
  });

  test.each<[string, (address: string) => string, number]>([
    ["any address", (address) => `emails.value eq "HOME-${address}"`, 1],
    ["an address without a part", (address) => `emails eq "other-${address}"`, 1],
    ["the address of the login", (address) => `emails.value eq "${address}"`, 1],
    ["an address of a type", (address) => `emails[type eq "home" and value eq "home-${address}"]`, 1],
    ["an address of the type of another", (address) => `emails[type eq "work" and value eq "home-${address}"]`, 0],
    ["the primary address", (address) => `emails[primary eq true and value sw "${address}"]`, 1],
    ["an address that is not primary", (address) => `emails[primary eq true and value sw "other-${address}"]`, 0],
    ["a phone number of a type", (address) => `phoneNumbers[type eq "fax" and value eq "ext. 3"] and userName eq "${address}"`, 1],
    ["the phone number in Weft", (address) => `phoneNumbers.value eq "+41 2" and userName eq "${address}"`, 1],
    ["the opposite", (address) => `userName eq "${address}" and not (emails.type eq "home")`, 0],
  ])("find a user by %s", async (_what, filter, count) => {
    const { address, emails, phoneNumbers } = withContacts();
    await idp.make({ userName: address, emails, phoneNumbers });
    const { status, body } = await idp.find(filter(address));
    expect([status, body["totalResults"]]).toEqual([200, count]);
  });

  test("are personal data: the audit log shows them, and stores them encrypted", async () => {
    const { address, emails, phoneNumbers } = withContacts();
    const user = await idp.make({ emails, phoneNumbers });
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { after: Json } }[] } }>(audit, { id: user.id });
    expect(JSON.stringify(auditEntries.edges[0]?.node.after)).toContain(`home-${address}`);
    const rows = await owner`select to_jsonb(e)::text as entry from audit.entries e where entity_id = ${decodeId("user", user.id)}::uuid`;
    expect(rows).toHaveLength(1);
    for (const { value } of [...emails, ...phoneNumbers]) expect(rows[0]?.["entry"]).not.toContain(value);
  });

  test.each<[string, Json]>([
    ["an invalid address", { emails: [{ value: "a@acme.example" }, { value: "nowhere", type: "home" }] }],
    ["an invisible character in a number", { phoneNumbers: [{ value: "+41 1" }, { value: "+41\u200B2", type: "home" }] }],
    ["an invisible character in a type", { phoneNumbers: [{ value: "+41 1", type: "mobi\u202Ele" }] }],
    ["a type of 51 characters", { phoneNumbers: [{ value: "+41 1", type: "x".repeat(51) }] }],
    ["21 values", { phoneNumbers: Array.from({ length: 21 }, (_, n) => ({ value: `+41 ${n}` })) }],
  ])("are refused with %s", async (_what, more) => {
    expectError(await idp.send("POST", "Users", newUser(more)), { status: 400, scimType: "invalidValue" });
  });
});

describe("PATCH", () => {
  test.each<[string, Json[], Json]>([
    [
      "changes an email address by its type",
      [{ op: "Replace", path: 'emails[type eq "work"].value', value: "NEW" }],
      { emails: [{ value: "NEW" }] },
    ],
    [
      "adds a phone number by its type",
      [{ op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+41 1" }],
      { phoneNumbers: [{ value: "+41 1" }] },
    ],
    [
      "takes paths as names",
      [{ op: "Add", value: { "name.givenName": "Zoe", title: "Chief" } }],
      { name: { givenName: "Zoe", familyName: "L" }, title: "Chief" },
    ],
    ["ignores case", [{ op: "REPLACE", path: "DisplayName", value: "Loud" }], { displayName: "Loud" }],
    [
      "replaces parts of a name",
      [{ op: "replace", path: "name", value: { familyName: "King" } }],
      { name: { givenName: "Ada", familyName: "King" } },
    ],
    [
      "ignores extensions and attributes that Weft does not have",
      [
        { op: "add", path: `${enterprise}:manager`, value: "1" },
        { op: "add", path: 'addresses[type eq "work"].country', value: "CH" },
        { op: "add", value: { nickName: "x", [`${enterprise}:department`]: "y" } },
      ],
      {},
    ],
    [
      "applies operations in their order",
      [
        { op: "add", path: "title", value: "One" },
        { op: "remove", path: "title" },
        { op: "add", path: "title", value: "Two" },
      ],
      { title: "Two" },
    ],
    [
      "replaces the address that is primary",
      [{ op: "add", path: "emails", value: [{ value: "NEW", type: "home", primary: true }] }],
      {
        emails: [
          { type: "work", primary: false },
          { value: "NEW", type: "home", primary: true },
        ],
      },
    ],
  ])("%s", async (_what, operations, expected) => {
    const address = `${fresh("new")}@acme.example`;
    const text = (value: unknown): Json => JSON.parse(JSON.stringify(value).replaceAll('"NEW"', `"${address}"`)) as Json;
    const user = await idp.make();
    const { status, body } = await idp.patch(`Users/${user.id}`, ...operations.map(text));
    expect([status, body]).toEqual([200, expect.objectContaining({ id: user.id })]);
    expect(body).toMatchObject(text(expected));
  });

  test("a name that consists of its parts follows them", async () => {
    const user = await idp.make({ displayName: undefined, name: { givenName: "Ada", familyName: "Byron" } });
    expect(user["displayName"]).toBe("Ada Byron");
    const { body } = await idp.patch(`Users/${user.id}`, { op: "replace", path: "name.familyName", value: "Lovelace" });
    expect(body["displayName"]).toBe("Ada Lovelace");
  });

  test.each<[string, Json, string]>([
    ["an unknown operation", { op: "move", path: "title", value: "x" }, "invalidSyntax"],
    ["an unknown attribute", { op: "add", path: "shoeSize", value: "x" }, "invalidPath"],
    ["a path that cannot be read", { op: "add", path: 'emails[type eq "work"', value: "x" }, "invalidPath"],
    ["a path into a prototype", { op: "add", path: "__proto__.admin", value: true }, "invalidPath"],
    ["a path into a constructor", { op: "add", path: "constructor.prototype", value: true }, "invalidPath"],
    ["the ID", { op: "replace", path: "id", value: "x" }, "mutability"],
    ["the removal of everything", { op: "remove" }, "noTarget"],
    ["no matching value", { op: "replace", path: 'emails[value pr and type ne "work"].value', value: "x@y.example" }, "noTarget"],
    ["a value of another type", { op: "replace", path: "displayName", value: { a: 1 } }, "invalidValue"],
    ["no user name", { op: "remove", path: "userName" }, "invalidValue"],
  ])("refuses %s, and changes nothing", async (_what, operation, scimType) => {
    const user = await idp.make();
    expectError(await idp.patch(`Users/${user.id}`, { op: "replace", path: "title", value: "Changed" }, operation), {
      status: 400,
      scimType,
    });
    expect((await idp.get(`Users/${user.id}`)).body).toEqual(user);
  });

  test("refuses a body without operations, or with too many", async () => {
    const { id } = await idp.make();
    expectError(await idp.patch(`Users/${id}`), { status: 400, scimType: "invalidSyntax" });
    expectError(await idp.send("PATCH", `Users/${id}`, { Operations: [{ op: "remove", path: "title" }] }), {
      status: 400,
      scimType: "invalidSyntax",
    });
    const many = Array.from({ length: 251 }, () => ({ op: "remove", path: "title" }));
    expectError(await idp.patch(`Users/${id}`, ...many), { status: 400, scimType: "tooMany" });
  });
});

describe("groups", () => {
  test("are teams, whose members are the users of the group", async () => {
    const [ada, bob] = [await idp.make(), await idp.make()];
    const displayName = fresh("Night Shift ");
    const group = await idp.group(displayName, [ada.id]);
    expect(group).toMatchObject({
      schemas: [groupSchema],
      displayName,
      members: [{ value: ada.id, type: "User", $ref: ada.meta.location }],
      meta: { resourceType: "Group" },
    });
    expect((await idp.get(`Groups/${group.id}`)).body).toEqual(group);
    const found = await idp.get(
      `Groups?excludedAttributes=members&filter=${encodeURIComponent(`displayName eq "${displayName.toUpperCase()}"`)}`,
    );
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: group.id }] });
    expect((found.body["Resources"] as Json[])[0]).not.toHaveProperty("members");
    const added = await idp.patch(`Groups/${group.id}`, { op: "Add", path: "members", value: [{ value: bob.id }, { value: ada.id }] });
    expect([added.status, added.body]).toEqual([204, {}]);
    expect(await membersOf(group.id)).toEqual([ada.id, bob.id].sort());
    const has = encodeURIComponent(`id eq "${group.id}" and members eq "${bob.id}"`);
    expect((await idp.get(`Groups?filter=${has}`)).body["totalResults"]).toBe(1);
    await idp.patch(`Groups/${group.id}`, { op: "Remove", path: "members", value: [{ value: bob.id }] });
    await idp.patch(`Groups/${group.id}`, { op: "remove", path: `members[value eq "${ada.id}"]` });
    expect(await membersOf(group.id)).toEqual([]);
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: Json }[] } }>(audit, { id: group.id });
    expect(auditEntries.edges.map(({ node }) => node["action"]).reverse()).toEqual([
      "team.create",
      "team.addMember",
      "team.addMember",
      "team.removeMember",
      "team.removeMember",
    ]);
  });

  test("are renamed and replaced, and keep members whom SCIM does not see", async () => {
    const [ada, bob] = [await idp.make(), await idp.make()];
    const group = await idp.group(fresh("Crew "), [ada.id]);
    const robot = await acme.admin.run<{ createServiceAccount: { user: { id: string } } }>(createAccount, {
      input: { name: "Robot", username: fresh("robot"), teamIds: [group.id] },
    });
    const robotId = robot.createServiceAccount.user.id;
    const displayName = fresh("Day crew ");
    const { status, body } = await idp.send("PUT", `Groups/${group.id}`, {
      schemas: [groupSchema],
      displayName,
      externalId: "g-1",
      members: [{ value: bob.id }],
    });
    expect([status, body["displayName"], (body["members"] as Json[]).map(({ value }) => value)]).toEqual([200, displayName, [bob.id]]);
    expect(await membersOf(group.id)).toEqual([bob.id, robotId].sort());
    // As Okta renames a group.
    const renamed = await idp.patch(`Groups/${group.id}`, { op: "replace", value: { id: group.id, displayName: `${displayName}!` } });
    expect(renamed.status).toBe(204);
    expect((await idp.get(`Groups/${group.id}`)).body).toMatchObject({ displayName: `${displayName}!`, externalId: "g-1" });
    expectError(await idp.send("DELETE", `Groups/${group.id}`), { status: 409 });
  });

  test("are deleted with their memberships", async () => {
    const [ada, gone] = [await idp.make(), await idp.make()];
    const displayName = fresh("Temporary ");
    const group = await idp.group(displayName, [ada.id, gone.id]);
    // Deleted users stay in the team, so that they return to it.
    await idp.send("DELETE", `Users/${gone.id}`);
    expect((await idp.get(`Groups/${group.id}`)).body["members"]).toEqual([expect.objectContaining({ value: ada.id })]);
    expect((await idp.send("DELETE", `Groups/${group.id}`)).status).toBe(204);
    expectError(await idp.get(`Groups/${group.id}`), { status: 404 });
    expectError(await idp.send("DELETE", `Groups/${group.id}`), { status: 404 });
    expect((await idp.group(displayName)).id).not.toBe(group.id);
  });

  test("have distinct names and external IDs, also if two are created at once", async () => {
    const displayName = fresh("Twins ");
    const body = { schemas: [groupSchema], displayName };
    const answers = await Promise.all([1, 2].map(() => idp.send("POST", "Groups", body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body["scimType"]).toBe("uniqueness");
    const externalId = fresh("group-");
    expect((await idp.send("POST", "Groups", { ...body, displayName: fresh("One "), externalId })).status).toBe(201);
    expectError(await idp.send("POST", "Groups", { ...body, displayName: fresh("Two "), externalId }), {
      status: 409,
      scimType: "uniqueness",
    });
    // Names with the same key are different names.
    expect((await idp.group(`${displayName}!`)).id).toEqual(expect.any(String) as string);
  });

  test("get another key if a team gets theirs in the meantime", async () => {
    const key = fresh("contested-");
    const made = await owner.begin(async (tx) => {
      await tx`insert into identity.teams (tenant_id, id, key, name) values (${acme.id}::uuid, gen_random_uuid(), ${key}, 'Another name')`;
      const request = idp.send("POST", "Groups", { schemas: [groupSchema], displayName: key });
      const waiting = async () => {
        // A transaction sees what it has seen before.
        await tx`select pg_stat_clear_snapshot()`;
        return tx`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '/* insertTeam */%'`;
      };
      await until(async () => (await waiting()).length > 0, { what: "the request waits for the key" });
      return { request };
    });
    const { id } = created(await made.request);
    const { team } = await acme.admin.run<{ team: Json }>("query ($id: ID!) { team(id: $id) { key name } }", { id });
    expect(team).toEqual({ key: `${key}-2`, name: key });
  });

  test("take the same number of statements for 2 and for 200 members who change", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const client = await provider(tenant);
    const ids = await manyUsers(tenant, 400);
    const group = await client.group("Growing");
    let round = 0;
    // Each request replaces all members by others.
    const replacing = (count: number) =>
      weft.statementCount(async () => {
        const members = ids.slice(count * (++round % 2)).slice(0, count);
        const value = members.map((id) => ({ value: id }));
        const answer = await client.patch(`Groups/${group.id}`, { op: "replace", path: "members", value });
        expect(answer.status).toBe(204);
      });
    const few = await replacing(2);
    expect(await replacing(200)).toBe(few);
    const { body } = await client.get(`Groups/${group.id}`);
    expect(body["members"]).toHaveLength(200);
  });

  test("with more members than an answer can have are changed, listed with shorter pages, and deleted", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const client = await provider(tenant);
    const [one = "", ...ids] = await manyUsers(tenant, 20_001);
    const huge = await client.group("Huge");
    const [big, small] = [await client.group("Big"), await client.group("Small", [one])];
    await fillTeam(tenant, huge.id, [one, ...ids]);
    await fillTeam(tenant, big.id, ids.slice(0, 1_500));

    // Changes of members by name, and of the name, do not need the others.
    expectError(await client.get(`Groups/${huge.id}`), { status: 400, scimType: "tooMany" });
    const statements = await weft.statements(() =>
      client.patch(
        `Groups/${huge.id}`,
        { op: "replace", path: "displayName", value: "Huge!" },
        { op: "remove", path: `members[value eq "${one}"]` },
      ),
    );
    for (const name of ["findProvisionableMembers", "findMemberIds"])
      for (const text of statements.filter((one) => one.includes(name))) expect(text).toContain('"user_id" = any');
    expect(statements.filter((text) => text.includes("findMemberIds"))).toHaveLength(2);
    const [entry] = await owner<{ size: number }[]>`select max(length(to_jsonb(e)::text)) as size from audit.entries e
      where entity_id = ${decodeId("team", huge.id)}::uuid`;
    expect(entry?.size).toBeLessThan(10_000);
    expect((await client.get(`Groups?filter=${encodeURIComponent(`members eq "${one}"`)}`)).body["totalResults"]).toBe(1);
    expect((await client.patch(`Groups/${huge.id}`, { op: "remove", path: "members", value: [{ value: ids[0] }] })).status).toBe(204);

    // 19,999 members of one team, and 1,501 of the others.
    const page = await client.get("Groups");
    expect([page.status, page.body["totalResults"], page.body["itemsPerPage"]]).toEqual([200, 3, 1]);
    expect(page.body["Resources"]).toEqual([expect.objectContaining({ id: huge.id, displayName: "Huge!" })]);
    const next = await client.get("Groups?startIndex=2");
    expect((next.body["Resources"] as Resource[]).map(({ id }) => id)).toEqual([big.id, small.id]);
    expect((await client.get("Groups?excludedAttributes=members")).body["itemsPerPage"]).toBe(3);

    // What a request removes is limited. This is the largest team that it can delete.
    expectError(await client.send("DELETE", `Groups/${huge.id}`), { status: 400, scimType: "tooMany" });
    expectError(await client.patch(`Groups/${huge.id}`, { op: "remove", path: "members" }), { status: 400, scimType: "tooMany" });
    await fillTeam(tenant, big.id, ids.slice(1_500, 5_000));
    expect((await client.send("DELETE", `Groups/${big.id}`)).status).toBe(204);
    expectError(await client.get(`Groups/${big.id}`), { status: 404 });
    expect((await client.get(`Groups/${small.id}`)).body["members"]).toHaveLength(1);
  });

  test("have no members who do not exist, and change none if one of them is unknown", async () => {
    const ada = await idp.make();
    const group = await idp.group(fresh("Strict "));
    for (const value of [encodeId("user", newId()), "nobody", group.id, acme.admin.id.slice(0, -1)])
      expectError(await idp.patch(`Groups/${group.id}`, { op: "add", path: "members", value: [{ value: ada.id }, { value }] }), {
        status: 400,
        scimType: "invalidValue",
      });
    expect(await membersOf(group.id)).toEqual([]);
    for (const displayName of [" ", "Crew\u200B", "x".repeat(300)])
      expectError(await idp.send("POST", "Groups", { schemas: [groupSchema], displayName }), { status: 400, scimType: "invalidValue" });
  });
});

describe("a provider", () => {
  // Requests as in "Develop and plan provisioning for a SCIM endpoint" of Entra ID.
  test("such as Entra ID provisions, changes and removes users and groups", async () => {
    const name = fresh("entra");
    const userName = `${name}@acme.example`;
    const find = (filter: string) => idp.get(`Users?filter=${encodeURIComponent(filter)}`);
    // The test of the connection asks for a random user.
    expect((await find(`userName eq "${crypto.randomUUID()}"`)).body).toMatchObject({ totalResults: 0, Resources: [] });
    expect((await find(`userName eq "${userName}"`)).body["totalResults"]).toBe(0);
    const created = await idp.send("POST", "Users", {
      schemas: [userSchema, enterprise],
      externalId: name,
      userName,
      active: true,
      emails: [{ primary: true, type: "work", value: userName }],
      meta: { resourceType: "User" },
      name: { formatted: "givenName familyName", familyName: "familyName", givenName: "givenName" },
      roles: [],
    });
    expect([created.status, created.headers.get("location")]).toEqual([201, (created.body as Resource).meta.location]);
    const { id } = created.body as Resource;
    expect((await idp.get(`Users/${id}`)).status).toBe(200);
    const address = `${fresh("updated")}@acme.example`;
    const changed = await idp.patch(
      `Users/${id}`,
      { op: "Replace", path: 'emails[type eq "work"].value', value: address },
      { op: "Replace", path: "name.familyName", value: "updatedFamilyName" },
      { op: "Add", path: `${enterprise}:department`, value: "Research" },
    );
    expect(changed.body).toMatchObject({ emails: [{ value: address }], name: { familyName: "updatedFamilyName" } });
    const group = await idp.send("POST", "Groups", {
      schemas: [groupSchema, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
      externalId: crypto.randomUUID(),
      displayName: fresh("Entra group "),
      meta: { resourceType: "Group" },
    });
    const groupId = (group.body as Resource).id;
    expect(group.status).toBe(201);
    expect((await idp.get(`Groups/${groupId}?excludedAttributes=members`)).status).toBe(200);
    const rename = { op: "Replace", path: "displayName", value: fresh("Entra renamed ") };
    expect((await idp.patch(`Groups/${groupId}`, rename)).status).toBe(204);
    expect((await idp.patch(`Groups/${groupId}`, { op: "Add", path: "members", value: [{ $ref: null, value: id }] })).status).toBe(204);
    expect(await membersOf(groupId)).toEqual([id]);
    expect((await idp.patch(`Groups/${groupId}`, { op: "Remove", path: "members", value: [{ $ref: null, value: id }] })).status).toBe(204);
    expect(await membersOf(groupId)).toEqual([]);
    // A user who leaves is disabled first, and deleted thirty days later.
    const disabled = await idp.patch(`Users/${id}`, { op: "Replace", path: "active", value: "False" });
    expect(disabled.body["active"]).toBe(false);
    expect((await idp.send("DELETE", `Users/${id}`)).status).toBe(204);
    expect((await idp.send("DELETE", `Groups/${groupId}`)).status).toBe(204);
  });

  // The attributes that Entra ID maps by default, in the requests of its "SCIM validator".
  test("such as Entra ID gets back what it sends, and finds what it changes", async () => {
    const name = fresh("entra");
    const userName = `${name}@acme.example`;
    const sent = {
      schemas: [userSchema, enterprise],
      externalId: name,
      userName,
      active: true,
      displayName: "Grady Archie",
      title: "Engineer",
      preferredLanguage: "de-CH",
      name: { givenName: "Grady", familyName: "Archie", formatted: "Grady Archie" },
      emails: [{ type: "work", value: userName, primary: true }],
      phoneNumbers: [
        { type: "work", value: "+1 425 555 0100" },
        { type: "mobile", value: "+1 425 555 0101" },
        { type: "fax", value: "+1 425 555 0102" },
      ],
      addresses: [{ type: "work", streetAddress: "1 Main Street", country: "CH" }],
      [enterprise]: { employeeNumber: "7", department: "Research", manager: { value: "1" } },
    };
    const made = await idp.send("POST", "Users", sent);
    const { id } = created(made);
    const { preferredLanguage: _language, addresses: _addresses, [enterprise]: _extension, ...kept } = sent;
    expect(made.body).toMatchObject({ ...kept, schemas: [userSchema] });
    expectError(await idp.send("POST", "Users", sent), { status: 409, scimType: "uniqueness" });
    const found = await idp.find(`userName eq "${userName.toUpperCase()}"`);
    expect((found.body["Resources"] as Resource[]).map((user) => user.id)).toEqual([id]);
    const changed = await idp.patch(
      `Users/${id}`,
      { op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 425 555 0201" },
      { op: "Add", path: 'emails[type eq "other"].value', value: `other-${userName}` },
      { op: "Add", path: 'addresses[type eq "work"].locality', value: "Bern" },
      { op: "Replace", path: `${enterprise}:manager`, value: "2" },
      { op: "Replace", value: { 'phoneNumbers[type eq "fax"].value': "+1 425 555 0202", displayName: "Grady", active: "True" } },
    );
    expect([changed.status, changed.body]).toEqual([
      200,
      expect.objectContaining({
        displayName: "Grady",
        active: true,
        emails: [...kept.emails, { type: "other", value: `other-${userName}` }],
        phoneNumbers: [kept.phoneNumbers[0], { type: "mobile", value: "+1 425 555 0201" }, { type: "fax", value: "+1 425 555 0202" }],
      }),
    ]);
    expect((await idp.find(`emails[type eq "other"].value eq "x"`)).status).toBe(400);
    expect((await idp.find(`emails[type eq "other" and value eq "other-${userName}"]`)).body["totalResults"]).toBe(1);
    expect((await idp.send("DELETE", `Users/${id}`)).status).toBe(204);
    expectError(await idp.get(`Users/${id}`), { status: 404 });
    expect((await idp.find(`externalId eq "${name}"`)).body).toMatchObject({ totalResults: 0, Resources: [] });
  });

  // The steps of "Okta SCIM 2.0 SPEC test", with which Okta checks a new connector.
  test("such as Okta finds what its test of a connector asks for", async () => {
    const userName = `${fresh("runscope")}@acme.example`;
    const body = {
      schemas: [userSchema],
      userName,
      name: { givenName: "Runscope", familyName: "Test" },
      emails: [{ primary: true, value: userName, type: "work" }],
      displayName: "Runscope Test",
      active: true,
    };
    const { id } = created(await idp.send("POST", "Users", body));
    const [first, missing, unknown] = await Promise.all([
      idp.get("Users?count=1&startIndex=1"),
      idp.find('userName eq "abcdefgh@atko.example"'),
      idp.get("Users/010101001010101011001010101011"),
    ]);
    expect(first.body).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      itemsPerPage: 1,
      startIndex: 1,
      totalResults: expect.any(Number) as number,
      Resources: [{ id: expect.any(String) as string, userName: expect.any(String) as string, active: expect.any(Boolean) as boolean }],
    });
    expect(missing.body).toMatchObject({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 0, Resources: [] });
    expectError(unknown, { status: 404 });
    const read = await idp.get(`Users/${id}`);
    expect(read.headers.get("content-type")).toBe("application/scim+json; charset=utf-8");
    expect(read.body).toMatchObject({ ...body, id });
    expectError(await idp.send("POST", "Users", body), { status: 409, scimType: "uniqueness" });
    const groups = await idp.get("Groups?count=1&startIndex=1");
    expect(groups.body).toMatchObject({ itemsPerPage: 1, Resources: [{ schemas: [groupSchema] }] });
    const { schemas, ...changed } = { ...read.body, userName: `x-${userName}`, id: "usr_another" } as Json;
    expectError(await idp.send("PUT", `Users/${id}`, changed), { status: 400, scimType: "invalidSyntax" });
    expect((await idp.send("PUT", `Users/${id}`, { schemas, ...changed })).body).toMatchObject({ id, userName: `x-${userName}` });
  });

  // Requests as in "Understanding SCIM" of Okta.
  test("such as Okta provisions, changes and deactivates users and groups", async () => {
    const okta = new Client(idp.token, idp.keyId, { "content-type": "application/scim+json; charset=utf-8" });
    const userName = `${fresh("okta")}@acme.example`;
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    expect((await okta.get(`Users?filter=${filter}&startIndex=1&count=100`)).body).toMatchObject({ totalResults: 0, startIndex: 1 });
    const created = await okta.send("POST", "Users", {
      schemas: [userSchema],
      userName,
      name: { givenName: "Test", familyName: "User" },
      emails: [{ primary: true, value: userName, type: "work" }],
      displayName: "Test User",
      locale: "en-US",
      externalId: fresh("00ujl29u0le5T6Aj10h"),
      groups: [],
      password: "1mz050nq",
      active: true,
    });
    expect(created.status).toBe(201);
    const user = created.body as Resource;
    const { status, body } = await okta.send("PUT", `Users/${user.id}`, { ...user, name: { givenName: "Another", familyName: "User" } });
    expect([status, body["name"], body["displayName"]]).toEqual([
      200,
      { formatted: "Test User", givenName: "Another", familyName: "User" },
      "Test User",
    ]);
    expectError(await okta.send("POST", "Users", { schemas: [userSchema], userName }), { status: 409, scimType: "uniqueness" });
    const group = await okta.send("POST", "Groups", { schemas: [groupSchema], displayName: fresh("Okta group "), members: [] });
    const groupId = (group.body as Resource).id;
    expect(group.status).toBe(201);
    const pushed = await okta.patch(
      `Groups/${groupId}`,
      { op: "remove", path: `members[value eq "${encodeId("user", newId())}"]` },
      { op: "add", path: "members", value: [{ value: user.id, display: userName }] },
    );
    expect(pushed.status).toBe(204);
    expect((await okta.get("Groups?startIndex=1&count=100")).body["Resources"]).toContainEqual(
      expect.objectContaining({ id: groupId, members: [expect.objectContaining({ value: user.id })] }),
    );
    const off = await okta.patch(`Users/${user.id}`, { op: "replace", value: { active: false } });
    expect(off.body["active"]).toBe(false);
    // Okta never deletes users. The next push replaces the members.
    expect((await okta.patch(`Groups/${groupId}`, { op: "replace", path: "members", value: [] })).status).toBe(204);
    expect(await membersOf(groupId)).toEqual([]);
  });
});

describe("a caller", () => {
  const unauthenticated = { status: 401 };

  test("needs a valid API key of a service account", async () => {
    for (const token of ["", "weft_nonsense", "x", idp.token.slice(0, -1), acme.admin.token.slice(0, -2)]) {
      const answer = await new Client(token).get("Users");
      expectError(answer, unauthenticated);
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    }
    expectError(await new Client("", "", { authorization: "Basic YTpi" }).get("Users"), unauthenticated);
    expectError(await new Client(acme.admin.token).get("Users"), { status: 403 });
    const { createApiKey } = await acme.admin.run<{ createApiKey: { key: string } }>(createKey, {
      input: { name: "Own", permissions: inTenant(["user.provision"]) },
    });
    expectError(await new Client(createApiKey.key).get("Users"), { status: 403 });
    // The mutation behind the endpoint gives a person's key no rights that the key does not have.
    const { errors } = await new ApiClient(weft.url, createApiKey.key, internalCallsOf(weft.url)).send(
      "mutation ($input: SendScimRequestInput!) { sendScimRequest(input: $input) { response { httpStatus } } }",
      { input: { method: "DELETE", path: `Users/${(await acme.user("requester")).id}` } },
    );
    expect(errors?.[0]?.extensions?.code).toBe("FORBIDDEN");
  });

  test("needs the permission, for groups also that for teams", async () => {
    const without = await provider(acme, { permissions: ["team.update"] });
    expectError(await without.get("Users"), { status: 403 });
    expectError(await without.send("POST", "Users", newUser()), { status: 403 });
    const users = await provider(acme, { permissions: ["user.provision"] });
    expect((await users.get("Groups?count=1")).status).toBe(200);
    await users.make();
    const group = await idp.group(fresh("Guarded "));
    expectError(await users.send("POST", "Groups", { schemas: [groupSchema], displayName: fresh("No ") }), { status: 403 });
    expectError(await users.patch(`Groups/${group.id}`, { op: "replace", path: "displayName", value: "No" }), { status: 403 });
    expectError(await users.send("PUT", `Groups/${group.id}`, { schemas: [groupSchema], displayName: "No" }), { status: 403 });
    expectError(await users.send("DELETE", `Groups/${group.id}`), { status: 403 });
  });

  test("can do nothing else with the key", async () => {
    const robot = new ApiClient(weft.url, (await provider(acme, { permissions: ["user.provision"] })).token);
    const code = async (query: string) => (await robot.send(query)).errors?.[0]?.extensions?.code;
    expect(await code("{ users { edges { node { id } } } }")).toBe("FORBIDDEN");
    expect(await code(`mutation { deactivateUser(input: { id: "${acme.admin.id}" }) { user { id } } }`)).toBe("FORBIDDEN");
  });

  test("is refused from other addresses, and within a second after the key was revoked", async () => {
    const limited = await provider(acme, { allowedAddresses: ["192.0.2.0/24"] });
    const from = (address: string) => limited.send("GET", "Users?count=1", undefined, { "x-forwarded-for": address });
    expect((await from("192.0.2.7")).status).toBe(200);
    expectError(await from("198.51.100.7"), unauthenticated);
    const revoked = await provider(acme);
    expect((await revoked.get("Users?count=1")).status).toBe(200);
    await acme.admin.run("mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }", { id: revoked.keyId });
    await until(async () => (await revoked.get("Users?count=1")).status === 401, { what: "the key is refused", deadlineMs: 1_000 });
  });

  test("can use an access token that was issued for the key", async () => {
    const response = await fetch(`${weft.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${idp.keyId}:${idp.token}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect((await new Client(token).get("Users?count=1")).status).toBe(200);
  });

  test("gets the limits of the key", async () => {
    const limited = await provider(acme, { operationsPerMinute: 2 });
    const answers = [await limited.get("Users?count=0"), await limited.get("Users?count=0"), await limited.get("Users?count=0")];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(answers[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("cannot change users who have more rights than the account, or the account itself", async () => {
    const { admin } = acme;
    const before = (await idp.get(`Users/${admin.id}`)).body;
    expectError(await idp.patch(`Users/${admin.id}`, { op: "replace", path: "active", value: false }), { status: 403 });
    expectError(await idp.patch(`Users/${admin.id}`, { op: "replace", path: 'emails[type eq "work"].value', value: "x@evil.example" }), {
      status: 403,
    });
    expectError(await idp.send("PUT", `Users/${admin.id}`, newUser()), { status: 403 });
    expectError(await idp.send("DELETE", `Users/${admin.id}`), { status: 403 });
    expect((await idp.get(`Users/${admin.id}`)).body).toEqual(before);
    const account = await new ApiClient(weft.url, idp.token).run<{ me: { id: string } }>("{ me { id } }");
    for (const answer of [await idp.get(`Users/${account.me.id}`), await idp.send("DELETE", `Users/${account.me.id}`)])
      expectError(answer, { status: 404 });
  });

  test("whose rights change during a request is told to send it again", async () => {
    const client = await provider(acme);
    const account = await new ApiClient(weft.url, client.token).run<{ me: { id: string } }>("{ me { id } }");
    const group = await client.group(fresh("Retried "));
    const rename = () =>
      client.patch(`Groups/${group.id}`, { op: "replace", path: "displayName", value: `${String(group["displayName"])}!` });
    // Rights are read again after half a second, which a busy machine can take for the request.
    const changedMeanwhile = async () => {
      await owner`update identity.users set rights_version = rights_version + 1 where id = ${decodeId("user", account.me.id)}::uuid`;
      return rename();
    };
    let refused = await changedMeanwhile();
    await until(async () => refused.status === 503 || (refused = await changedMeanwhile()).status === 503, {
      what: "the request is refused",
    });
    expectError(refused, { status: 503 });
    expect(refused.headers.get("retry-after")).toBe("1");
    await until(async () => (await rename()).status === 204, { what: "the rights are read again", deadlineMs: 2_000 });
  });

  test("changes email addresses only of users whose roles the account has, and the user is told at the former one", async () => {
    const client = await provider(acme, { roles: ["workflow_manager", "requester"] });
    const [requester, auditor] = [await acme.user("requester"), await acme.user("viewer")];
    const readdress = (id: string) =>
      client.patch(`Users/${id}`, { op: "replace", path: 'emails[type eq "work"].value', value: `${fresh("new")}@acme.example` });
    expectError(await readdress(auditor.id), { status: 403 });
    expect((await readdress(requester.id)).status).toBe(200);
    expect((await acme.mails(requester.login)).map(({ subject }) => subject)).toEqual([expect.stringMatching(/email address/i) as string]);
    await until(async () => (await requester.send("{ me { id } }")).errors?.[0]?.extensions?.code === "UNAUTHENTICATED", {
      what: "the session ends",
      deadlineMs: 1_000,
    });
  });

  test("with the rights of an administrator can disable administrators, but never the account, which remains one", async () => {
    const tenant = await weft.tenant();
    const strong = await provider(tenant, { roles: ["admin"] });
    const weak = await provider(tenant);
    const second = await tenant.user("admin");
    expectError(await weak.send("DELETE", `Users/${second.id}`), { status: 403 });
    expect((await strong.send("DELETE", `Users/${second.id}`)).status).toBe(204);
    const account = await new ApiClient(weft.url, strong.token).run<{ me: { id: string } }>("{ me { id } }");
    expectError(await strong.send("DELETE", `Users/${account.me.id}`), { status: 404 });
    // Somebody must be able to undo it.
    await tenant.admin.run("mutation ($id: ID!) { reactivateUser(input: { id: $id }) { user { id } } }", { id: second.id });
  });

  test("never sees break-glass users, and keeps their memberships", async () => {
    const tenant = await weft.tenant();
    const strong = await provider(tenant, { roles: ["admin"] });
    const teamId = await tenant.team("emergency");
    const { admin } = tenant;
    await admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
      input: { teamId, userId: admin.id },
    });
    const { body } = await strong.get(`Users/${admin.id}`);
    await admin.run("mutation ($id: ID!) { setBreakGlass(input: { userId: $id, isBreakGlass: true }) { user { id } } }", { id: admin.id });
    expect((await strong.get("Users")).body["totalResults"]).toBe(0);
    expectError(await strong.send("PUT", `Users/${admin.id}`, body), { status: 404 });
    expectError(await strong.patch(`Users/${admin.id}`, { op: "replace", path: "active", value: false }), { status: 404 });
    expectError(await strong.send("DELETE", `Users/${admin.id}`), { status: 404 });
    expectError(await strong.send("POST", "Users", { ...body, externalId: "x" }), { status: 409, scimType: "uniqueness" });
    expect((await strong.patch(`Groups/${teamId}`, { op: "replace", path: "members", value: [] })).status).toBe(204);
    const { team } = await admin.run<{ team: { members: unknown[] } }>("query ($id: ID!) { team(id: $id) { members { isLead } } }", {
      id: teamId,
    });
    expect(team.members).toHaveLength(1);
  });

  test("never sees service accounts, users of vendors, and platform operators", async () => {
    const tenant = await weft.tenant();
    const client = await provider(tenant);
    const { user: ofVendor } = await tenant.vendor();
    const platform = await tenant.platform();
    const operator = await platform.actAs(tenant);
    const { body } = await client.get("Users");
    expect((body["Resources"] as Resource[]).map(({ id }) => id)).toEqual([tenant.admin.id]);
    const group = await client.group("Everybody");
    for (const id of [ofVendor.id, operator.id]) {
      for (const answer of [
        await client.get(`Users/${id}`),
        await client.send("DELETE", `Users/${id}`),
        await client.send("PUT", `Users/${id}`, newUser()),
        await client.patch(`Users/${id}`, { op: "replace", path: "active", value: false }),
      ])
        expectError(answer, { status: 404 });
      expectError(await client.patch(`Groups/${group.id}`, { op: "add", path: "members", value: [{ value: id }] }), {
        status: 400,
        scimType: "invalidValue",
      });
    }
    expect((await ofVendor.send("{ me { id } }")).errors).toBeUndefined();
  });

  test("cannot add a user to a team through which the user would get more rights than the account has", async () => {
    const weak = await provider(acme, { roles: [] });
    const lead = fresh("team_lead");
    await acme.admin.run(createRole, {
      input: { key: lead, name: lead, permissions: [{ permission: "contract.read", scope: "TEAM" }] },
    });
    const user = await acme.user(lead);
    const group = await weak.group(fresh("Contracts "));
    expectError(await weak.patch(`Groups/${group.id}`, { op: "add", path: "members", value: [{ value: user.id }] }), { status: 403 });
    expect(await membersOf(group.id)).toEqual([]);
    expect((await idp.patch(`Groups/${group.id}`, { op: "add", path: "members", value: [{ value: user.id }] })).status).toBe(204);
  });

  test("gets nothing of another tenant, whatever it sends", async () => {
    const foreign = await provider(other);
    const [theirUser, theirGroup] = [await foreign.make(), await foreign.group(fresh("Theirs "))];
    const unknownUser = encodeId("user", newId());
    const unknownGroup = encodeId("team", newId());
    const requests: ((user: string, group: string) => Promise<Answer>)[] = [
      (user) => idp.get(`Users/${user}`),
      (user) => idp.send("PUT", `Users/${user}`, newUser({ userName: "someone@acme.example", externalId: undefined })),
      (user) => idp.patch(`Users/${user}`, { op: "replace", path: "active", value: false }),
      (user) => idp.send("DELETE", `Users/${user}`),
      (_user, group) => idp.get(`Groups/${group}`),
      (_user, group) => idp.send("PUT", `Groups/${group}`, { schemas: [groupSchema], displayName: "Ours" }),
      (_user, group) => idp.patch(`Groups/${group}`, { op: "replace", path: "displayName", value: "Ours" }),
      (_user, group) => idp.send("DELETE", `Groups/${group}`),
      (user) => idp.send("POST", "Groups", { schemas: [groupSchema], displayName: fresh("Mixed "), members: [{ value: user }] }),
    ];
    const anonymized = ({ status, body }: Answer, ...ids: string[]) => [
      status,
      ids.reduce((text, id) => text.replaceAll(id, "ID"), JSON.stringify(body)),
    ];
    for (const request of requests) {
      const answer = await request(theirUser.id, theirGroup.id);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(anonymized(answer, theirUser.id, theirGroup.id)).toEqual(
        anonymized(await request(unknownUser, unknownGroup), unknownUser, unknownGroup),
      );
    }
    for (const filter of [
      `id eq "${theirUser.id}"`,
      `externalId eq "${String(theirUser["externalId"])}"`,
      `userName eq "${String(theirUser["userName"])}"`,
    ])
      expect((await idp.find(filter)).body["totalResults"]).toBe(0);
    expect((await idp.get(`Groups?filter=${encodeURIComponent(`members eq "${theirUser.id}"`)}`)).body["totalResults"]).toBe(0);
    // The same names can exist in every tenant.
    const ours = await idp.make({ userName: theirUser["userName"], externalId: theirUser["externalId"], emails: theirUser["emails"] });
    expect(ours.id).not.toBe(theirUser.id);
    expect((await foreign.get(`Users/${theirUser.id}`)).body).toEqual(theirUser);
    expect((await foreign.get(`Groups/${theirGroup.id}`)).body).toEqual(theirGroup);
  });

  test.each([
    `userName eq "x' or '1'='1"`,
    `userName eq "x\\" or userName pr or userName eq \\"x"`,
    `externalId eq "'; drop table identity.users; --"`,
    `userName co "%"`,
    `userName sw "_"`,
    `userName co "\\\\"`,
    `name.givenName eq "\${7*7}"`,
  ])("finds nobody with the filter %s", async (filter) => {
    const { status, body } = await idp.find(filter);
    expect([status, body["totalResults"]]).toEqual([200, 0]);
  });

  test.each([
    "userName",
    "userName eq",
    "userName eq x",
    'userName is "x"',
    'userName eq "x',
    `userName eq "${"\n".repeat(200)}`,
    'userName eq "\\u0000"',
    'userName eq "\\ud800"',
    "userName eq 7",
    'active co "t"',
    'id gt "a"',
    'meta.created ge "yesterday"',
    'password eq "x"',
    'constructor eq "x"',
    '__proto__ eq "x"',
    '1=1; drop table identity.users eq "x"',
    'emails[type[value eq "x"]]',
    'members eq "x"',
    `${"(".repeat(30)}userName pr${")".repeat(30)}`,
    `userName eq "${"x".repeat(2_000)}"`,
  ])("is told what is wrong with the filter %s", async (filter) => {
    expectError(await idp.find(filter), { status: 400, scimType: "invalidFilter" });
  });

  test("is told what is wrong with a body", async () => {
    expectError(await idp.send("POST", "Users", "{"), { status: 400, scimType: "invalidSyntax" });
    expectError(await idp.send("POST", "Users", "[]"), { status: 400, scimType: "invalidSyntax" });
    expectError(await idp.send("POST", "Users"), { status: 400, scimType: "invalidSyntax" });
    expectError(await idp.send("POST", "Users", newUser(), { "content-type": "text/plain" }), { status: 415 });
    expectError(await idp.send("POST", "Users", newUser(), { "content-encoding": "gzip" }), { status: 415 });
    expectError(await idp.send("POST", "Users", newUser({ displayName: "\u0000" })), { status: 400, scimType: "invalidValue" });
    expectError(await idp.send("POST", "Users", `{"schemas":["${userSchema}"],"__proto__":{"a":1}}`), {
      status: 400,
      scimType: "invalidValue",
    });
    const deep = `${'{"a":'.repeat(100)}1${"}".repeat(100)}`;
    expectError(await idp.send("POST", "Users", deep), { status: 400, scimType: "invalidValue" });
    expectError(await idp.send("POST", "Users", "x".repeat(2_000_000)), { status: 413 });
    const members = Array.from({ length: 1_001 }, () => ({ value: encodeId("user", newId()) }));
    expectError(await idp.send("POST", "Groups", { schemas: [groupSchema], displayName: fresh("Huge "), members }), {
      status: 400,
      scimType: "tooMany",
    });
  });
});
