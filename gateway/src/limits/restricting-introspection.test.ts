import { openLive } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway, type TestPerson } from "../testing/start-gateway.js";

const portalSdl = "type Query { me: User! greeting(name: String): String! }\ntype User { id: ID! name: String! }\n";

let weft: TestGateway;
let [developer, other] = [] as unknown as [TestPerson, TestPerson];
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_MODE: "production" },
    gateway: () => ({ vendorPortalSdl: portalSdl }),
  });
  [developer, other] = [await weft.person({ permissions: { "schema.read": "TENANT" } }), await weft.person()];
});
afterAll(() => weft.stop());

async function ask(path: string, query: string, { token }: Partial<TestPerson> = {}): Promise<{ status: number; body: string }> {
  const response = await fetch(weft.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.text() };
}

const typesQuery = "{ __schema { queryType { fields { name } } } greeting }";

describe("in production, introspection needs the permission schema.read", () => {
  test.each(["/graphql", "/vendor-portal/graphql"])("at %s", async (path) => {
    const shown = await ask(path, typesQuery, developer);
    expect([shown.status, shown.body]).toEqual([200, expect.stringContaining('{"name":"greeting"}')]);
    expect(shown.body.includes("onlyRoleEditors")).toBe(path === "/graphql");
    const refused = await ask(path, typesQuery, other);
    expect([refused.status, refused.body]).toEqual([403, expect.stringMatching(/FORBIDDEN.*|schema\.read.*/)]);
    expect(refused.body).not.toContain("hello");
  });

  test("also after somebody with the permission sent the same text", async () => {
    const query = '{ __type(name: "User") { name } }';
    expect((await ask("/graphql", query, developer)).status).toBe(200);
    expect((await ask("/graphql", query, other)).status).toBe(403);
    expect((await ask("/graphql", query)).status).toBe(403);
    expect((await ask("/graphql", query, developer)).status).toBe(200);
  });

  test("also in a fragment, and with an alias", async () => {
    for (const query of [
      "{ ...A } fragment A on Query { a: __schema { queryType { name } } }",
      '{ ... on Query { __type(name: "User") { name } } }',
    ])
      expect((await ask("/graphql", query, other)).status).toBe(403);
  });

  test("over WebSocket", async () => {
    for (const [person, type] of [
      [developer, "data"],
      [other, "errors"],
    ] as const) {
      const client = await openLive(weft.url, { token: person.token });
      client.send({ type: "subscribe", id: "1", payload: { query: "{ __schema { queryType { name } } }" } });
      const { payload } = await client.message(({ id, type: kind }) => id === "1" && (kind === "next" || kind === "error"));
      expect(JSON.stringify(payload)).toContain(type === "data" ? '"queryType":{"name":"Query"}' : "FORBIDDEN");
      client.close();
    }
  });

  test("but __typename, and a field whose name only begins so, do not", async () => {
    expect((await ask("/graphql", "{ __typename greeting }", other)).status).toBe(200);
  });

  test("and hints at names stay off, also with it", async () => {
    const { body } = await ask("/graphql", "{ greetin }", developer);
    expect(body).toContain('Cannot query field \\"greetin\\"');
    expect(body).not.toContain("Did you mean");
  });
});
