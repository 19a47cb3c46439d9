import { sign } from "node:crypto";
import {
  aMaintenanceTenant,
  aSecondMs,
  type LiveClient,
  type MaintenanceTenant,
  openLive,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const transitions = "subscription { workflowTransitioned { cursor to instance { id } } }";
const deactivateUser = "mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { status } } }";
const updateUser = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
const setRolePermissions = "mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }";

/** Opens a socket of this user that has already received an event. */
async function listening(token: string): Promise<LiveClient> {
  const client = await openLive(weft.url, { token });
  client.send({ type: "subscribe", id: "transitions", payload: { query: transitions } });
  await acme.request("triage");
  await client.payloads("transitions", 1, 5_000);
  return client;
}

/** Asserts that the socket is closed within a second, and that nothing that happens from now on is sent over it. */
async function endsSilently(client: LiveClient): Promise<number> {
  // Events from before the change can still arrive. The request that is created now has a new ID.
  const [code, { instanceId }] = await Promise.all([client.closed(aSecondMs), acme.request("triage")]);
  expect(client.messages.filter((message) => JSON.stringify(message).includes(instanceId))).toEqual([]);
  return code;
}

const roleId = async (key: string): Promise<string> => {
  const { roles } = await acme.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id ?? "";
};

/** Returns an access token of this session that expires after this many seconds, or slightly later, because the time is a whole second. */
function endingIn(seconds: number, { token }: TestUser): string {
  const [header = "", claims = ""] = token.split(".");
  const changed = { ...(JSON.parse(Buffer.from(claims, "base64url").toString()) as object), exp: Math.ceil(Date.now() / 1_000 + seconds) };
  const input = `${header}.${Buffer.from(JSON.stringify(changed)).toString("base64url")}`;
  const key = { key: weft.keys.access.privateJwk as unknown as Record<string, string>, format: "jwk" as const };
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

describe("a socket is closed within a second and receives nothing more when", () => {
  test("the session is logged out: 4401; the user's other session stays open", async () => {
    const [here, there] = [await acme.operations.again(), await acme.operations.again()];
    const [ending, staying] = [await listening(here.token), await listening(there.token)];
    await here.run("mutation { logout { sessionId } }");
    expect(await endsSilently(ending)).toBe(4401);
    const seen = staying.messages.length;
    await acme.request("triage");
    await staying.payloads("transitions", seen, 5_000);
    staying.close();
  });

  test("the user is deactivated: 4401, in every session", async () => {
    const user = await acme.tenant.user("viewer");
    const clients = [await listening(user.token), await listening((await user.again()).token)];
    await acme.admin.run(deactivateUser, { id: user.id });
    for (const client of clients) expect(await endsSilently(client)).toBe(4401);
  });

  test("the user's roles change: 4403; the user reconnects under the new rights", async () => {
    const user = await acme.tenant.user("viewer");
    const client = await listening(user.token);
    await acme.admin.run(updateUser, { input: { id: user.id, roleIds: [await roleId("requester")] } });
    expect(await endsSilently(client)).toBe(4403);
    const back = await openLive(weft.url, { token: user.token });
    back.send({ type: "subscribe", id: "transitions", payload: { query: transitions } });
    const watcher = await listening(acme.admin.token);
    expect(back.messages.filter(({ type }) => type === "next")).toEqual([]);
    for (const one of [back, watcher]) one.close();
  });

  test("the permissions of a role change: 4403 for all users with the role", { tags: "slow" }, async () => {
    const { createRole } = await acme.admin.run<{ createRole: { role: { id: string; key: string } } }>(
      "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id key } } }",
      { input: { key: "watcher", name: "Watcher", permissions: [{ permission: "workflow.read", scope: "TENANT" }] } },
    );
    const clients = await Promise.all(
      [acme.tenant.user("watcher"), acme.tenant.user("watcher")].map(async (user) => listening((await user).token)),
    );
    await acme.admin.run(setRolePermissions, {
      input: { roleId: createRole.role.id, permissions: [{ permission: "workflow.read", scope: "OWN" }] },
    });
    for (const client of clients) expect(await endsSilently(client)).toBe(4403);
  });

  test("the inherited permissions of a role change: 4403 for all users with the role or a role that inherits from it", async () => {
    const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
    const base = { key: "night_watch", name: "Night watch", permissions: [], parentKeys: ["viewer"] };
    const { createRole: made } = await acme.admin.run<{ createRole: { role: { id: string } } }>(createRole, { input: base });
    await acme.admin.run(createRole, { input: { key: "head_watch", name: "Head watch", permissions: [], parentKeys: ["night_watch"] } });
    const clients = [
      await listening((await acme.tenant.user("night_watch")).token),
      await listening((await acme.tenant.user("head_watch")).token),
    ];
    const updateRole = "mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }";
    await acme.admin.run(updateRole, { input: { id: made.role.id, parentIds: [] } });
    for (const client of clients) expect(await endsSilently(client)).toBe(4403);
  });

  test("a permission is denied or granted to the user: 4403", async () => {
    const user = await acme.tenant.user("viewer");
    const client = await listening(user.token);
    const denial = { permission: "workflow.read", scope: "TENANT" };
    const set = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";
    await acme.admin.run(set, { input: { userId: user.id, grants: [], denials: [denial], reason: "A test" } });
    expect(await endsSilently(client)).toBe(4403);
    const back = await openLive(weft.url, { token: user.token });
    await acme.admin.run(set, { input: { userId: user.id, grants: [], denials: [], reason: "A test" } });
    expect(await back.closed(aSecondMs)).toBe(4403);
  });

  test("the token expires: 4403, and a refreshed token opens a new socket", { tags: "slow" }, async () => {
    const client = await openLive(weft.url, { token: endingIn(1.5, acme.operations) });
    client.send({ type: "subscribe", id: "transitions", payload: { query: transitions } });
    expect(await client.closed(aSecondMs + 1_000)).toBe(4403);
    const back = await listening(acme.operations.token);
    back.close();
  });
});

describe("violations of the protocol", () => {
  test.each<[string, number, unknown]>([
    ["an expired token", 4403, () => ({ authorization: `Bearer ${endingIn(-1, acme.admin)}` })],
    ["a meaningless token", 4401, { authorization: "Bearer x.y.z" }],
    ["a refresh token", 4401, () => ({ authorization: `Bearer ${acme.admin.refreshToken}` })],
    ["a token under another name", 4401, () => ({ token: acme.admin.token, headers: { authorization: `Bearer ${acme.admin.token}` } })],
    ["no parameters", 4401, undefined],
  ])("%s: not acknowledged, closed with %i", async (_what, code, payload) => {
    const client = await openLive(weft.url);
    client.send({ type: "connection_init", payload: typeof payload === "function" ? (payload as () => unknown)() : payload });
    expect(await client.closed()).toBe(code);
    expect(client.messages).toEqual([]);
  });

  test("ignores a token in the upgrade's headers or URL: only connection_init counts", async () => {
    const client = await openLive(weft.url, {
      headers: { authorization: `Bearer ${acme.admin.token}`, cookie: `authorization=Bearer ${acme.admin.token}` },
    });
    client.send({ type: "connection_init" });
    expect(await client.closed()).toBe(4401);
  });

  test.each<[string, unknown]>([
    ["a subscription without a query", { type: "subscribe", id: "1", payload: {} }],
    ["a subscription without a payload", { type: "subscribe", id: "1" }],
    ["a subscription without an id", { type: "subscribe", payload: { query: transitions } }],
    ["an empty id", { type: "subscribe", id: "", payload: { query: transitions } }],
    ["an id that is a number", { type: "subscribe", id: 7, payload: { query: transitions } }],
    ["a list", [{ type: "ping" }]],
    ["null", null],
    ["our own messages sent back", { type: "next", id: "1", payload: { data: {} } }],
  ])("%s: closed with 4400 or answered with an error, and the server keeps running", async (_what, message) => {
    const client = await openLive(weft.url, { token: acme.admin.token });
    client.send(message);
    client.send({ type: "subscribe", id: "after", payload: { query: "{ me { id } }" } });
    const outcome = await Promise.race([
      client.closed(),
      client
        .message(({ id }) => id === "after")
        .then(
          () => "told",
          () => 4400,
        ),
    ]);
    expect([4400, "told"]).toContain(outcome);
    expect(client.messages.filter(({ type, id }) => type === "next" && id !== "after")).toEqual([]);
    client.close();
    expect(await acme.admin.run("{ __typename }")).toEqual({ __typename: "Query" });
  });

  test("treats mutations and logins over the socket as over HTTP: their own ID, one attempt", async () => {
    const client = await openLive(weft.url, { token: acme.admin.token });
    client.send({
      type: "subscribe",
      id: "m",
      payload: { query: 'mutation { createTeam(input: { key: "by-socket", name: "x" }) { team { key } } }' },
    });
    expect(await client.payloads("m", 1)).toEqual([{ data: { createTeam: { team: { key: "by-socket" } } } }]);
    client.close();
  });
});
