import { type CallContext, gatewayHeader, signCall } from "@weft/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LiveClient, openLive } from "../live-client.js";
import { startTwoTenants, type TwoTenants, callOf } from "./two-tenants.js";
import type { World } from "./world.js";

// Who asks is in the access token and nowhere else: no header, no parameter of the connection and no claim of a proxy says it, over HTTP or WebSocket.

let tenants: TwoTenants;
let acme: World;
let globex: World;
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

/** Everything that could say that the administrator of Acme asks, from somewhere else. */
const forged = (): Record<string, string> => ({
  // As good as it gets: signed with the very key, for this body.
  [gatewayHeader]: signCall(tenants.weft.keys.internalCall, { subgraph: "identity", body, ...acmeCall }),
  "x-weft-viewer": Buffer.from(JSON.stringify(acmeCall.viewer)).toString("base64url"),
  "x-viewer": JSON.stringify(acmeCall.viewer),
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
});

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
  test("each header by itself, and all together, change nothing of what one is answered", async () => {
    const mine = { authorization: `Bearer ${globex.requester.token}` };
    const [asMe, asNobody] = [await ask(mine), await ask({})];
    expect(JSON.stringify(asNobody)).toContain("UNAUTHENTICATED");
    for (const headers of [forged(), ...Object.entries(forged()).map(([name, value]) => ({ [name]: value }))]) {
      expect([headers, await ask({ ...headers, ...mine })]).toEqual([headers, asMe]);
      expect([headers, await ask(headers)]).toEqual([headers, asNobody]);
    }
  });

  test("what is written down is the address of the peer", async () => {
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

  test("headers of the upgrade say nothing about who connects", async () => {
    const nobody = await openLive(tenants.weft.url, { headers: { ...forged(), authorization: `Bearer ${acme.admin.token}` } });
    nobody.send({ type: "connection_init" });
    expect(await nobody.closed()).toBe(4401);
    const plain = await answerOf(await openLive(tenants.weft.url, { token: globex.requester.token }));
    expect(await answerOf(await openLive(tenants.weft.url, { token: globex.requester.token, headers: forged() }))).toEqual(plain);
    expect(JSON.stringify(plain)).toContain(globex.requester.id);
  });

  test("nor do parameters of the connection beside the token, or of an operation", async () => {
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
