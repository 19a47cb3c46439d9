import { openLive, type LiveClient } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeSupergraph } from "../federation/federation.js";
import { withTags } from "../testing/changed-sdl.js";
import { startTestGateway, type TestAnswer, type TestGateway, type TestPerson } from "../testing/start-gateway.js";
import { people, requests } from "../testing/subgraphs.js";

const tags = {
  "Query.me": "area/desk",
  "Query.requests": "area/desk",
  "Query.troubles": "area/desk",
  "Mutation.rename": "area/desk",
  "Subscription.requestChanged": "area/desk",
  "Query.whoAmI": "area/admin",
  "Request.slowly": "area/slow",
};

/** The supergraph of the test subgraphs, whose fields have tags. */
const supergraphWith = (tagged: Readonly<Record<string, string>>): string =>
  composeSupergraph([people(), requests()].map(({ name, sdl }) => ({ name, sdl: withTags(sdl, tagged) })));

let weft: TestGateway;
let person: TestPerson;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_API_VARIANTS: "desk=area/desk !area/slow,other=area/admin" },
    gateway: () => ({ supergraphSdl: supergraphWith(tags) }),
  });
  person = await weft.person();
});
afterAll(() => weft.stop());

async function inVariant(name: string, query: string): Promise<TestAnswer> {
  const response = await fetch(`${weft.url}/variants/${name}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${person.token}` },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as TestAnswer;
}
const codesOf = ({ errors = [] }: TestAnswer): unknown[] => errors.map(({ extensions }) => extensions?.["code"]);

describe("a variant from the configuration", () => {
  test("contains the root fields with its tags, with what they lead to, without the fields with excluded tags", async () => {
    const { data } = await inVariant("desk", getIntrospectionQuery());
    const schema = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).toSorted()).toEqual(["me", "requests", "troubles"]);
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(["rename"]);
    expect(printSchema(schema)).toContain("type RequestConnection");
    expect(printSchema(schema)).not.toMatch(/slowly|whoAmI|JSON/);
  });

  test("answers what it contains, and nothing else", async () => {
    expect(await inVariant("desk", "{ me { name } requests(first: 1) { totalCount } }")).toEqual({
      data: { me: { name: "Ada" }, requests: { totalCount: 1 } },
    });
    for (const query of ["{ whoAmI }", "{ requests(first: 1) { edges { node { slowly(ms: 1) } } } }"])
      expect(codesOf(await inVariant("desk", query))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(await inVariant("other", "{ whoAmI }")).toHaveProperty("data.whoAmI");
    expect(codesOf(await inVariant("other", "{ me { name } }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  });

  test("has its subscriptions at the same path", async () => {
    const client = await openLive(`${weft.url}/variants/desk`, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: "subscription { requestChanged { request { owner { name } } } }" } });
    client.send({ type: "subscribe", id: "settled", payload: { query: "{ me { id } }" } });
    await client.message(({ id, type }) => id === "settled" && type === "complete");
    await weft.emit(person.tenantId);
    expect(await client.payloads("1", 1)).toEqual([{ data: { requestChanged: { request: { owner: { name: "Ada" } } } } }]);
    client.close();
  });

  const subscription = "subscription { requestChanged { request { id owner { name } } } }";

  /** Follows requests in the variant, until the subscription has started. */
  async function aFollower(): Promise<LiveClient> {
    const client = await openLive(`${weft.url}/variants/desk`, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    client.send({ type: "subscribe", id: "settled", payload: { query: "{ me { id } }" } });
    await client.message(({ id, type }) => id === "settled" && type === "complete");
    return client;
  }

  test("tells subscriptions to reconnect when it loses one of their fields, although the API still has it", async () => {
    const client = await aFollower();
    await weft.gateway.reload({ supergraphSdl: supergraphWith({ ...tags, "Request.owner": "area/slow" }) });
    expect(await client.closed()).toBe(1012);
    const again = await openLive(`${weft.url}/variants/desk`, { token: person.token });
    again.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    expect(await again.message(({ type }) => type === "error")).toMatchObject({
      payload: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    again.close();
  });

  test("keeps subscriptions when it loses another field", async () => {
    await weft.gateway.reload({ supergraphSdl: supergraphWith(tags) });
    const client = await aFollower();
    const { "Query.troubles": _troubles, ...others } = tags;
    await weft.gateway.reload({ supergraphSdl: supergraphWith(others) });
    await weft.emit(person.tenantId);
    expect(await client.payloads("1", 1)).toMatchObject([{ data: { requestChanged: { request: { owner: { name: "Ada" } } } } }]);
    client.close();
  });

  test("changes with the supergraph", async () => {
    const { "Query.troubles": _troubles, ...others } = tags;
    await weft.gateway.reload({ supergraphSdl: supergraphWith(others) });
    expect(codesOf(await inVariant("desk", "{ troubles { number } }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(await inVariant("desk", "{ me { name } }")).toEqual({ data: { me: { name: "Ada" } } });
  });

  test("a supergraph in which it is not valid does not replace the one before", async () => {
    const without = Object.fromEntries(Object.entries(tags).filter(([field]) => field !== "Query.whoAmI"));
    await expect(weft.gateway.reload({ supergraphSdl: supergraphWith({ ...without, "Request.slowly": "area/admin" }) })).rejects.toThrow(
      /the variant other is not a valid schema/,
    );
    expect(await inVariant("other", "{ whoAmI }")).toHaveProperty("data.whoAmI");
  });

  test("an unknown name is not found", async () => {
    expect((await fetch(`${weft.url}/variants/nothing/graphql`, { method: "POST" })).status).toBe(404);
  });
});

test.each([
  ["a tag that no field has", "desk=area/dest", /no field has the tag area\/dest of the variant desk\. Tags are: .*area\/desk/],
  ["a variant without a query", "slow=area/slow", /the variant slow is not a valid schema\. Query root type must be provided\./],
])("%s stops the start, and the message names it", async (_what, configured, message) => {
  const database = await cloneDatabase();
  await expect(
    startTestGateway(database, {
      settings: { WEFT_API_VARIANTS: configured },
      gateway: () => ({ supergraphSdl: supergraphWith(tags) }),
    }),
  ).rejects.toThrow(message);
});
