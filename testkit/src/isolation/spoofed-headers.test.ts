import type { CallContext } from "@weft/shared/viewer";
import { gatewayHeader, signCall } from "@weft/api/subgraph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LiveClient, openLive } from "../live/live-client.js";
import { startTwoTenants, type TwoTenants, callOf } from "./two-tenants.js";
import type { Fixture } from "./fixture.js";

// Only the access token identifies the user. No header, connection parameter or proxy claim does, over HTTP or WebSocket.

let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;
let acmeCall: CallContext;
beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
  acmeCall = await callOf(tenants.weft, acme.admin);
});
afterAll(() => tenants.stop());

const elsewhere = "203.0.113.77";
const query = "{ me { id tenant { id } } requests(first: 5) { edges { node { id } } } }";
const body = JSON.stringify({ query });

/** Everything outside the access token that could claim that the administrator of Acme sends the request. */
const forged = (): Record<string, string> => {
  // With the permissions, the headers together would be longer than the server accepts.
  const { permissions: _permissions, ...user } = acmeCall.viewer ?? expect.fail("The administrator has no viewer.");
  return {
    // The best possible forgery: signed with the actual key, for this body.
    [gatewayHeader]: signCall(tenants.weft.keys.internalCall, { subgraph: "identity", body, ...acmeCall }),
    "x-weft-viewer": Buffer.from(JSON.stringify(acmeCall.viewer)).toString("base64url"),
    "x-viewer": JSON.stringify(user),
    "x-tenant-id": acme.tenant.id,
    "x-tenant": acme.tenant.slug,
    "x-user-id": acme.admin.id,
    "x-roles": "admin",
    "x-forwarded-for": elsewhere,
    "x-real-ip": elsewhere,
    forwarded: `for=${elsewhere};host=evil.example`,
    "x-forwarded-host": "evil.example",
    "x-forwarded-user": acme.admin.id,
    "x-original-url": "/graphql?admin=1",
    "x-http-method-override": "PUT",
    via: "1.1 gateway",
  };
};

async function ask(headers: Record<string, string>, text = body): Promise<unknown> {
  const response = await fetch(new URL("/graphql", tenants.weft.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };
  return { status: response.status, data, errors: errors?.map(({ message, extensions }) => [message, extensions.code]) };
}

describe("over HTTP", () => {
  test("each header, and all headers together, leave the answer unchanged", async () => {
    const mine = { authorization: `Bearer ${globex.requester.token}` };
    const [asMe, asNobody] = [await ask(mine), await ask({})];
    expect(JSON.stringify(asNobody)).toContain("UNAUTHENTICATED");
    for (const headers of [forged(), ...Object.entries(forged()).map(([name, value]) => ({ [name]: value }))]) {
      expect([headers, await ask({ ...headers, ...mine })]).toEqual([headers, asMe]);
      expect([headers, await ask(headers)]).toEqual([headers, asNobody]);
    }
  });

  test("the recorded address is that of the peer", async () => {
    const create = { query: 'mutation { createTeam(input: { key: "spoofed", name: "Spoofed" }) { team { id } } }' };
    await ask({ ...forged(), authorization: `Bearer ${globex.admin.token}` }, JSON.stringify(create));
    const { auditEntries } = await globex.admin.run<{ auditEntries: { edges: { node: { address: string } }[] } }>(
      '{ auditEntries(first: 1, filter: { action: { eq: "team.create" } }) { edges { node { address } } } }',
    );
    expect(auditEntries.edges.map(({ node }) => node.address)).toEqual(["127.0.0.1"]);
  });
});

describe("over WebSocket", () => {
  const answerOf = async (client: LiveClient): Promise<unknown> => {
    client.send({ type: "subscribe", id: "1", payload: { query } });
    const message = await client.message(({ id, type }) => id === "1" && type !== "complete");
    client.close();
    return message.payload;
  };

  test("headers of the upgrade request do not determine the user of the connection", async () => {
    const nobody = await openLive(tenants.weft.url, { headers: { ...forged(), authorization: `Bearer ${acme.admin.token}` } });
    nobody.send({ type: "connection_init" });
    expect(await nobody.closed()).toBe(4401);
    const plain = await answerOf(await openLive(tenants.weft.url, { token: globex.requester.token }));
    expect(await answerOf(await openLive(tenants.weft.url, { token: globex.requester.token, headers: forged() }))).toEqual(plain);
    expect(JSON.stringify(plain)).toContain(globex.requester.id);
  });

  test("parameters of the connection other than the token, and parameters of an operation, are also ignored", async () => {
    const { viewer } = acmeCall;
    const claims = {
      viewer,
      tenantId: acme.tenant.id,
      userId: acme.admin.id,
      call: forged()[gatewayHeader],
      headers: forged(),
      ...forged(),
    };
    const alone = await openLive(tenants.weft.url);
    alone.send({ type: "connection_init", payload: claims });
    expect(await alone.closed()).toBe(4401);
    const plain = await answerOf(await openLive(tenants.weft.url, { token: globex.requester.token }));
    const client = await openLive(tenants.weft.url);
    client.send({ type: "connection_init", payload: { authorization: `Bearer ${globex.requester.token}`, ...claims } });
    await client.message(({ type }) => type === "connection_ack");
    client.send({ type: "subscribe", id: "1", payload: { query, extensions: claims, ...claims } });
    expect((await client.message(({ id, type }) => id === "1" && type === "next")).payload).toEqual(plain);
    client.close();
  });
});
