import { setTimeout as delay } from "node:timers/promises";
import { encodeId } from "@weft/shared/ids";
import { openLive } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { composeSupergraph } from "../federation/federation.js";
import { withoutField } from "../testing/changed-sdl.js";
import { startTestGateway, type TestAnswer, type TestGateway, type TestPerson } from "../testing/start-gateway.js";
import { people, requests } from "../testing/subgraphs.js";

/** The supergraph of the test subgraphs without a field. */
const without = (field: string): string =>
  composeSupergraph([people(), requests()].map(({ name, sdl }) => ({ name, sdl: withoutField(sdl, field) })));

const whole = composeSupergraph([people(), requests()]);

let weft: TestGateway;
let person: TestPerson;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_QUERY_DEPTH: 20 } });
  person = await weft.person();
});
afterAll(() => weft.stop());
afterEach(() => weft.gateway.reload({ supergraphSdl: whole }));

const run = (query: string): Promise<TestAnswer> => weft.run(query, { token: person.token });
const codesOf = ({ errors = [] }: TestAnswer): unknown[] => errors.map(({ extensions }) => extensions?.["code"]);

describe("a reloaded supergraph", () => {
  test("is served at once: a removed field is unknown, and a field that is new is answered", async () => {
    expect(await run("{ echo(data: 1) }")).toEqual({ data: { echo: 1 } });
    await weft.gateway.reload({ supergraphSdl: without("Query.echo") });
    expect(codesOf(await run("{ echo(data: 1) }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(weft.gateway.schema.getQueryType()?.getFields()).not.toHaveProperty("echo");
    await weft.gateway.reload({ supergraphSdl: whole });
    expect(await run("{ echo(data: 1) }")).toEqual({ data: { echo: 1 } });
  });

  test("decides what clients without a login can ask for", async () => {
    const hidden = whole.replace(/(greeting\([^\n]*?)\s@tag\(name: "no-login"\)/, "$1");
    expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
    if (hidden === whole) throw new Error("The supergraph has no tag for greeting.");
    await weft.gateway.reload({ supergraphSdl: hidden });
    expect(codesOf(await weft.run("{ greeting }"))).toEqual(["UNAUTHENTICATED"]);
  });

  test("an operation that runs ends on the supergraph on which it began", { tags: "slow" }, async () => {
    const running = run("{ requests { edges { node { slowly(ms: 1500) } } } }");
    // The request reaches its resolver only after another request was answered.
    await run("{ greeting }");
    await weft.gateway.reload({ supergraphSdl: without("Request.slowly") });
    expect(codesOf(await run("{ requests { edges { node { slowly(ms: 1) } } } }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(await running).toMatchObject({ data: { requests: { edges: [{ node: { slowly: "at last" } }] } } });
  });

  test.each([
    ["is not valid", "type Query { a: Int }"],
    ["is cut off", whole.slice(0, whole.length / 2)],
    ["has a subgraph without a source", composeSupergraph([people(), requests(), { name: "more", sdl: "type Query { more: Int }" }])],
  ])("that %s is refused, and the one before stays", async (_what, supergraphSdl) => {
    await expect(weft.gateway.reload({ supergraphSdl })).rejects.toThrow();
    expect(await run("{ greeting me { name } }")).toEqual({ data: { greeting: "hello world", me: { name: "Ada" } } });
  });

  test("a broken schema of the vendor portal is refused, too", async () => {
    await expect(weft.gateway.reload({ supergraphSdl: whole, vendorPortalSdl: "type Query {" })).rejects.toThrow();
  });
});

describe("subscriptions", () => {
  const subscription = "subscription { requestChanged { cursor request { id owner { name } } } }";

  test("go on if the new supergraph still has their fields", async () => {
    const client = await openLive(weft.url, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    client.send({ type: "subscribe", id: "settled", payload: { query: "{ greeting }" } });
    await client.message(({ id, type }) => id === "settled" && type === "complete");
    const first = await weft.emit(person.tenantId);
    await client.payloads("1", 1);
    await weft.gateway.reload({ supergraphSdl: without("Query.echo") });
    const second = await weft.emit(person.tenantId);
    const payloads = await client.payloads("1", 2);
    expect(
      payloads.map((payload) => (payload as { data: { requestChanged: { request: { id: string } } } }).data.requestChanged.request.id),
    ).toEqual([first, second].map(({ subjectId }) => encodeId("request", subjectId)));
    client.close();
  });

  test("are told to reconnect if it has not", async () => {
    const client = await openLive(weft.url, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    client.send({ type: "subscribe", id: "settled", payload: { query: "{ greeting }" } });
    await client.message(({ id, type }) => id === "settled" && type === "complete");
    await weft.gateway.reload({ supergraphSdl: without("RequestChanged.request") });
    expect(await client.closed()).toBe(1012);
    const again = await openLive(weft.url, { token: person.token });
    again.send({ type: "subscribe", id: "1", payload: { query: subscription } });
    expect(await again.message(({ type }) => type === "error")).toMatchObject({
      payload: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    again.close();
  });
});

test("under 200 requests a second, reloads drop no request and no event", { tags: "slow", timeout: 60_000 }, async () => {
  const perSecond = 200;
  const seconds = 6;
  const operations = [
    "{ me { id name } }",
    "{ requests(first: 5) { totalCount edges { node { id owner { name } } } } }",
    "query Greet($name: String!) { greeting(name: $name) }",
    'mutation { rename(name: "Ada") }',
    "{ troubles { number } __typename }",
  ];
  const other = without("Query.echo");
  // A plan allows a tenant fewer operations.
  const tokens = await Promise.all(Array.from({ length: 4 }, async () => (await weft.person()).token));
  for (const query of operations) await weft.run(query, { token: person.token, variables: { name: "Bo" } });
  const client = await openLive(weft.url, { token: person.token });
  client.send({ type: "subscribe", id: "1", payload: { query: "subscription { requestChanged { request { id } } }" } });
  client.send({ type: "subscribe", id: "settled", payload: { query: "{ greeting }" } });
  await client.message(({ id, type }) => id === "settled" && type === "complete");

  const failed: unknown[] = [];
  const latencies: number[] = [];
  const sent: Promise<void>[] = [];
  const send = async (query: string, token: string): Promise<void> => {
    const began = performance.now();
    try {
      const answer = await weft.run(query, { token, variables: { name: "Bo" } });
      if (answer.errors || !answer.data) failed.push(answer);
    } catch (error) {
      failed.push(error);
    }
    latencies.push(performance.now() - began);
  };
  let isOver = false;
  let reloads = 0;
  const reloading = (async () => {
    while (!isOver) {
      await weft.gateway.reload({ supergraphSdl: reloads % 2 === 0 ? other : whole });
      reloads++;
      await delay(200);
    }
  })();
  const events: string[] = [];
  const began = performance.now();
  // On a busy machine, loading takes longer.
  for (let number = 0; number < perSecond * seconds || (reloads < 3 && number < perSecond * 5 * seconds); number++) {
    // By the clock: a late timer is followed by several requests at once.
    await delay(Math.max(0, began + (number * 1_000) / perSecond - performance.now()));
    sent.push(send(operations[number % operations.length] ?? "", tokens[number % tokens.length] ?? ""));
    if (number % 20 === 0) events.push((await weft.emit(person.tenantId)).subjectId);
  }
  isOver = true;
  await Promise.all(sent);
  await reloading;
  const received = await client.payloads("1", events.length);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(latencies[Math.floor(share * (latencies.length - 1))] ?? 0);
  console.log(`${latencies.length} requests, ${reloads} reloads; latency ms: median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}`);
  expect(failed).toEqual([]);
  expect(latencies).toHaveLength(sent.length);
  expect(reloads).toBeGreaterThanOrEqual(3);
  expect(
    received.map((payload) => (payload as { data: { requestChanged: { request: { id: string } } } }).data.requestChanged.request.id),
  ).toEqual(events.map((id) => encodeId("request", id)));
  client.close();
});
