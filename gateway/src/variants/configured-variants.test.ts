import type { FlagProvider } from "@weft/platform/flags";
import { openLive, type LiveClient } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
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

/** If set, subscriptions are held after their validation, until `resume` is called. */
let held: { readonly arrived: () => void; readonly resumed: Promise<void> } | undefined;
const refuse = (): never => {
  throw new Error("Weft's flags are booleans.");
};
const flagProvider: FlagProvider = {
  metadata: { name: "test" },
  runsOn: "server",
  resolveBooleanEvaluation: async (key) => {
    if (key === "live-subscriptions" && held) {
      held.arrived();
      await held.resumed;
    }
    return { value: true };
  },
  resolveStringEvaluation: refuse,
  resolveNumberEvaluation: refuse,
  resolveObjectEvaluation: refuse,
};

/** Holds the next subscriptions. `arrived` resolves when one has come. */
function holdSubscriptions(): { readonly arrived: Promise<void>; readonly resume: () => void } {
  const [arrived, resumed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  held = { arrived: arrived.resolve, resumed: resumed.promise };
  const resume = (): void => {
    held = undefined;
    resumed.resolve();
  };
  onTestFinished(resume);
  return { arrived: arrived.promise, resume };
}

let weft: TestGateway;
let person: TestPerson;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_API_VARIANTS: "desk=area/desk !area/slow,other=area/admin", LIMIT_QUERY_ALIASES: 300 },
    gateway: () => ({ supergraphSdl: supergraphWith(tags), flagProvider }),
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

  test("tells a subscription to reconnect that was validated before it lost one of its fields, and begins afterwards", async () => {
    await weft.gateway.reload({ supergraphSdl: supergraphWith(tags) });
    const { arrived, resume } = holdSubscriptions();
    const client = await openLive(`${weft.url}/variants/desk`, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    await arrived;
    await weft.gateway.reload({ supergraphSdl: supergraphWith({ ...tags, "Request.owner": "area/slow" }) });
    resume();
    expect(await client.closed()).toBe(1012);
  });

  test(
    "sends no event with a field that it has lost, although the checks of other subscriptions come first",
    { tags: "slow" },
    async () => {
      await weft.gateway.reload({ supergraphSdl: supergraphWith(tags) });
      const others = await openLive(`${weft.url}/variants/desk`, { token: person.token });
      // Texts that take several steps to check.
      const many = Array.from({ length: 300 }, (_, n) => `a${n}: change`).join(" ");
      for (let n = 0; n < 8; n++)
        others.send({ type: "subscribe", id: `${n}`, payload: { query: `subscription Long${n} { requestChanged { ${many} } }` } });
      others.send({ type: "subscribe", id: "settled", payload: { query: "{ me { id } }" } });
      await others.message(({ id, type }) => id === "settled" && type === "complete");
      const client = await aFollower();
      await weft.emit(person.tenantId);
      await client.payloads("1", 1);
      for (let n = 0; n < 8; n++) await others.payloads(`${n}`, 1);
      await weft.gateway.reload({ supergraphSdl: supergraphWith({ ...tags, "Request.owner": "area/slow" }) });
      await weft.emit(person.tenantId);
      for (let n = 0; n < 8; n++) await others.payloads(`${n}`, 2);
      expect(await client.closed()).toBe(1012);
      expect(client.messages.filter(({ id, type }) => id === "1" && type === "next")).toHaveLength(1);
      others.close();
    },
  );

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
