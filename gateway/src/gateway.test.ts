import { type ServedSubgraph, serveSubgraph } from "@weft/api/subgraph";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLive } from "@weft/testkit/live/live-client";
import { composeSupergraph } from "./federation/federation.js";
import { createGateway } from "./gateway.js";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestGateway } from "./testing/start-gateway.js";
import { people, requests } from "./testing/subgraphs.js";

const query = "{ me { name } requests(first: 5) { totalCount edges { node { owner { name } } } } }";
const complete = { data: { me: { name: "Ada" }, requests: { totalCount: 1, edges: [{ node: { owner: { name: "Ada" } } }] } } };

describe("subgraphs in the gateway's process", () => {
  let weft: TestGateway;
  beforeAll(async () => {
    weft = await startTestGateway(await cloneDatabase());
  });
  afterAll(() => weft.stop());

  test("both subgraphs answer one query", async () => {
    const { token } = await weft.person();
    expect(await weft.run(query, { token })).toEqual(complete);
  });

  test("an answer with many errors lists the first hundred and counts the others", async () => {
    const answer = await weft.run("{ troubles { number reason } }");
    expect(answer.errors).toHaveLength(100);
    expect(answer.errors?.[99]).toMatchObject({ path: ["troubles", 99, "reason"], extensions: { code: "NOT_FOUND" } });
    expect(answer.extensions).toEqual({ errorsOmitted: 50 });
    expect(answer.data).toMatchObject({ troubles: expect.objectContaining({ length: 150 }) as unknown });
  });
});

describe("subgraphs in separate processes", () => {
  let weft: TestGateway;
  let served: ServedSubgraph[];
  let requestsAt: { port: number; host: string };

  beforeAll(async () => {
    weft = await startTestGateway(await cloneDatabase(), {
      gateway: async (services) => {
        served = [
          await serveSubgraph(people(), services, { port: 0, host: "127.0.0.1" }),
          await serveSubgraph(requests(), services, { port: 0, host: "127.0.0.1" }),
        ];
        const [peopleUrl = "", requestsUrl = ""] = served.map(({ url }) => url);
        requestsAt = { port: Number(new URL(requestsUrl).port), host: "127.0.0.1" };
        return {
          subgraphs: [
            { kind: "http", name: "people", url: peopleUrl },
            { kind: "http", name: "requests", url: requestsUrl },
          ],
        };
      },
    });
  });
  afterAll(async () => {
    await weft.stop();
    for (const subgraph of served) await subgraph.drain();
  });

  test("the same query gets the same answer through signed calls", async () => {
    const { token } = await weft.person();
    expect(await weft.run(query, { token })).toEqual(complete);
  });

  test("errors look the same, without the subgraph's address or internal names", async () => {
    const response = await weft.post({ query: '{ greeting(name: "crash") }' }, { "x-request-id": "over-http-1" });
    expect(await response.json()).toEqual({
      data: null,
      errors: [
        {
          message: expect.any(String) as string,
          path: ["greeting"],
          extensions: { code: "INTERNAL", isRetryable: false, requestId: "over-http-1" },
        },
      ],
    });
  });

  test("the subgraph refuses a call that the gateway did not sign", async () => {
    for (const { url } of served) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"query":"{ __typename _service { sdl } }"}',
      });
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining("UNAUTHENTICATED")]);
    }
  });

  test("live subscriptions work the same way", async () => {
    const { tenantId, token } = await weft.person();
    const client = await openLive(weft.url, { token });
    client.send({
      type: "subscribe",
      id: "1",
      payload: { query: "subscription { requestChanged { change request { owner { name } } } }" },
    });
    client.send({ type: "subscribe", id: "2", payload: { query: "{ greeting }" } });
    await client.message(({ id, type }) => id === "2" && type === "complete");
    await weft.emit(tenantId);
    expect(await client.payloads("1", 1)).toEqual([
      { data: { requestChanged: { change: "request.created", request: { owner: { name: "Ada" } } } } },
    ]);
    client.close();
  });

  test("if one is down the other one still answers and health reports it, and operations recover once it is back", async () => {
    const { token } = await weft.person();
    await served[1]?.drain();
    const split = "{ greeting requests(first: 5) { totalCount } }";
    const answer = await weft.run(split, { token });
    expect(answer.errors).toMatchObject([{ extensions: { code: "SERVICE_UNAVAILABLE", service: "requests" } }]);
    expect(JSON.stringify(answer)).not.toContain("127.0.0.1");
    expect(await weft.run("{ greeting }", { token })).toEqual({ data: { greeting: "hello world" } });
    const health = (await (await fetch(`${weft.url}/health/ready`)).json()) as { status: string; parts: Record<string, unknown> };
    expect(health).toMatchObject({
      status: "degraded",
      parts: { "subgraph requests": { isHealthy: false }, "subgraph people": { isHealthy: true } },
    });
    served[1] = await serveSubgraph(requests(), weft.services, requestsAt);
    await expect.poll(() => weft.run(query, { token }), { timeout: 20_000 }).toEqual(complete);
  });
});

describe("production", () => {
  test("reveals neither its schema nor hints at it, over both HTTP and WebSocket", async () => {
    const weft = await startTestGateway(await cloneDatabase(), { settings: { WEFT_MODE: "production" } });
    try {
      const { token } = await weft.person();
      const client = await openLive(weft.url, { token });
      const refused = [
        ['{ __schema { types { name } } __type(name: "User") { name } }', "FORBIDDEN"],
        ["{ ... on Query { s: __schema { types { name } } } }", "FORBIDDEN"],
        ['query { ...F } fragment F on Query { __type(name: "User") { name } }', "FORBIDDEN"],
        ["{ greetin }", "GRAPHQL_VALIDATION_FAILED"],
      ] as const;
      for (const [query, code] of refused) {
        const answer = await weft.run(query, { token });
        client.send({ type: "subscribe", id: query, payload: { query } });
        const { type, payload } = await client.message(({ id }) => id === query);
        expect(type).toBe("error");
        for (const errors of [answer.errors, payload]) {
          expect(errors).toMatchObject([{ extensions: { code } }]);
          expect(JSON.stringify(errors)).not.toMatch(/Did you mean|Apollo|introspection: true|"http"/);
        }
      }
      expect((await weft.post({ query: refused[0][0] })).status).toBe(403);
      expect(await weft.run("{ __typename greeting }")).toMatchObject({ data: { __typename: "Query", greeting: "hello world" } });
      for (const path of ["/", "/explorer"]) {
        const page = await fetch(weft.url + path);
        expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
        const html = await page.text();
        expect(html).toContain("POST /graphql");
        expect(html).not.toMatch(/<script|greeting|@acme/);
      }
      expect((await fetch(`${weft.url}/schema.graphql`)).status).toBe(404);
      expect((await fetch(`${weft.url}/explorer/static/ruru.js`)).status).toBe(404);
      expect((await fetch(`${weft.url}/graphql`, { method: "POST", headers: { origin: "https://studio.apollographql.com" } })).status).toBe(
        403,
      );
      expect((await fetch(weft.url)).headers.get("strict-transport-security")).toContain("max-age");
      client.close();
    } finally {
      await weft.stop();
    }
  });
});

test("draining completes running requests and accepts no new ones", { tags: "slow" }, async () => {
  const weft = await startTestGateway(await cloneDatabase());
  const { token } = await weft.person();
  const running = weft.run("{ requests { edges { node { slowly(ms: 500) } } } }", { token });
  // The request reaches its resolver only after another request was answered.
  await weft.run("{ greeting }");
  const stopped = weft.stop();
  expect(await running).toMatchObject({ data: { requests: { edges: [{ node: { slowly: "at last" } }] } } });
  await stopped;
  await expect(weft.run("{ greeting }")).rejects.toThrow("fetch failed");
});

test("a port that is used by another program is reported with its setting", { tags: "slow" }, async () => {
  const weft = await startTestGateway(await cloneDatabase());
  const port = Number(new URL(weft.url).port);
  const second = await createGateway({
    ...weft.services,
    config: { ...weft.services.config, port },
    subgraphs: [{ kind: "inProcess", name: "people", subgraph: people(), services: weft.services }],
    supergraphSdl: composeSupergraph([people()]),
  });
  await expect(second.listen()).rejects.toThrow(`Another program is listening on 127.0.0.1:${port}. Stop it, or set PORT to a free port.`);
  await second.drain();
  await weft.stop();
});
