import type { ListSize } from "@weft/api/cost";
import { openLive } from "@weft/testkit/live/live-client";
import { openStream } from "@weft/testkit/live/stream-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { buildSchema, parse } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestAnswer, TestGateway } from "../testing/start-gateway.js";
import { declareCosts } from "./cost.js";
import { MeasuredOperation } from "./rates/measured-operation.js";

const schema = buildSchema(`
  type Query { requests(first: Int, last: Int): RequestConnection, request: Request, search: [Request!]!, nodes(ids: [ID!]!): [Request],
    days(first: Int): [Request!]!, preview(first: Int): Preview, oldest(first: Int): Request, count: Int }
  type Preview { examined: Int, owner: User, changes: [Request!]! }
  type Mutation { submit: SubmitPayload, retry(input: RetryInput!): RetryPayload, report(input: ReportInput!): ReportPayload, close: Boolean }
  input RetryInput { ids: [ID!]! }
  input ReportInput { ids: [ID!]!, next: NextInput }
  input NextInput { max: Int, task: String }
  type ReportPayload { requests: [Request!]!, next: [Request!]! }
  type RetryPayload { requests: [Request!]!, first: Request }
  type SubmitPayload { request: Request }
  type RequestConnection { edges: [RequestEdge!]!, nodes: [Request!]!, pageInfo: PageInfo!, totalCount: Int }
  type RequestEdge { node: Request!, cursor: String }
  type PageInfo { hasNextPage: Boolean }
  type Request { id: ID, owner: User, tags: [String!]!, comments(first: Int): RequestConnection, watchers: [User!]! }
  type User { name: String }
`);
declareCosts(schema, {
  weights: new Map([
    ["Query.search", 50],
    ["RequestConnection.totalCount", 5],
  ]),
  sizes: new Map<string, ListSize[]>([
    ["Query.days", [{ by: ["first"], initial: 14, maximum: 400 }]],
    ["Query.preview", [{ by: ["first"], initial: 30, maximum: 500, fields: ["changes"] }]],
    ["Query.nodes", [{ by: ["ids"], initial: 1, maximum: 100 }]],
    ["Mutation.retry", [{ by: ["input.ids"], initial: 1, maximum: 100, fields: ["requests"] }]],
    [
      "Mutation.report",
      [
        { by: ["input.ids"], initial: 1, maximum: 100, fields: ["requests"] },
        { by: ["input.next.max"], initial: 1, maximum: 50, needs: "input.next", fields: ["next"] },
      ],
    ],
  ]),
});
const costOf = (text: string, variables: Record<string, unknown> = {}): number =>
  new MeasuredOperation(schema, parse(text), { variables }).cost;

test.each([
  ["an object costs one, and its values nothing", "{ request { id tags } }", 1],
  ["objects below an object count, too", "{ request { id owner { name } } }", 2],
  ["a page costs its items, not itself", "{ requests(first: 30) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 30],
  ["a page without a size has twenty items", "{ requests { nodes { id } } }", 20],
  ["pages multiply", "{ requests(first: 10) { nodes { comments(first: 5) { nodes { owner { name } } } } } }", 10 * (1 + 5 * 2)],
  ["what a field of a page declares counts once, not for each item", "{ requests(first: 30) { totalCount nodes { id } } }", 35],
  ["only the count of a page costs no items", "{ requests(first: 30) { totalCount } }", 5],
  ["a list without pages counts as ten", "{ request { watchers { name } } }", 11],
  ["a field can declare its cost, apart from what is selected below", "{ search { id owner { name } } }", 50 + 10],
  ["a mutation costs ten, and what it returns", "mutation { submit { request { id owner { name } } } }", 12],
  ["each use of a field counts", "{ a: request { id } b: request { id } ...f } fragment f on Query { c: request { owner { name } } }", 4],
  [
    "fragments on pages count as their fields",
    "{ requests(first: 3) { ...p } } fragment p on RequestConnection { nodes { id } totalCount }",
    8,
  ],
])("%s", (_what, text, cost) => {
  expect(costOf(text)).toBe(cost);
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${at}`);

test.each([
  ["in the text", `{ nodes(ids: ${JSON.stringify(ids(3))}) { owner { name } } }`, {}, 3 * 2],
  ["in a variable", "query ($ids: [ID!]!) { nodes(ids: $ids) { owner { name } } }", { ids: ids(50) }, 50 * 2],
  ["in the default of a variable", 'query ($ids: [ID!]! = ["r1", "r2"]) { nodes(ids: $ids) { id } }', {}, 2],
  ["of variables", "query ($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { id } }", { a: "r1", b: "r2" }, 2],
  ["of none", "query ($ids: [ID!]!) { nodes(ids: $ids) { owner { name } } }", { ids: [] }, 0],
  ["of one that is not in brackets", '{ nodes(ids: "r1") { owner { name } } }', {}, 2],
  ["that is longer than the field allows", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: ids(900) }, 100],
  ["in an input", `mutation { retry(input: { ids: ${JSON.stringify(ids(7))} }) { requests { id } } }`, {}, 10 + 7],
  ["in a variable of an input", "mutation ($ids: [ID!]!) { retry(input: { ids: $ids }) { requests { id } } }", { ids: ids(8) }, 10 + 8],
  ["in an input of a variable", "mutation ($in: RetryInput!) { retry(input: $in) { requests { id } } }", { in: { ids: ids(9) } }, 10 + 9],
])("a field that returns an object for each item of a list costs by the length of the list: %s", (_where, text, variables, cost) => {
  expect(costOf(text, variables)).toBe(cost);
});

test.each([
  ["a list counts as many items as it can have", "{ days(first: 400) { id } }", 400],
  ["not more than its maximum", "{ days(first: 401) { id } }", 400],
  ["and its own default", "{ days { id } }", 14],
  ["what is selected on one object counts once", "{ oldest(first: 50) { id owner { name } } }", 2],
  [
    "of an object, the lists with items count as often",
    "{ preview(first: 50) { examined owner { name } changes { owner { name } } } }",
    2 + 50 * 2,
  ],
  ["and its other fields once", "{ preview(first: 50) { examined owner { name } } }", 2],
])("a number of items multiplies where there are that many: %s", (_what, text, cost) => {
  expect(costOf(text)).toBe(cost);
});

test("only the sized lists of a payload count by the length of the list", () => {
  const text =
    "mutation ($in: RetryInput!) { retry(input: $in) { first { owner { name } } ...r } } fragment r on RetryPayload { requests { id } }";
  expect(costOf(text, { in: { ids: ids(30) } })).toBe(10 + 2 + 30);
});

const both = "requests { id } next { owner { name } }";

test.each([
  ["each by its argument", `mutation { report(input: { ids: ["r1", "r2"], next: { max: 40 } }) { ${both} } }`, {}, 10 + 2 + 40 * 2],
  ["no more than its maximum", `mutation { report(input: { ids: [], next: { max: 90 } }) { ${both} } }`, {}, 10 + 50 * 2],
  ["none if the argument that it needs is omitted", `mutation { report(input: { ids: ["r1"] }) { ${both} } }`, {}, 10 + 1],
  ["none if it is null", `mutation { report(input: { ids: ["r1"], next: null }) { ${both} } }`, {}, 10 + 1],
  ["its default if only the number is omitted", `mutation { report(input: { ids: [], next: { task: "t" } }) { ${both} } }`, {}, 10 + 2],
  [
    "by members of a variable",
    `mutation ($in: ReportInput!) { report(input: $in) { ${both} } }`,
    { in: { ids: ids(3), next: { max: 7 } } },
    10 + 3 + 7 * 2,
  ],
])("a field that returns several lists of known sizes costs by the size of each: %s", (_how, text, variables, cost) => {
  expect(costOf(text, variables)).toBe(cost);
});

test("a document that is sent repeatedly with and without the argument that a list needs has the cost of each", () => {
  const document = parse(`mutation ($next: NextInput) { report(input: { ids: [], next: $next }) { ${both} } }`);
  const costs = [{ next: null }, { next: { task: "t" } }, {}, { next: { max: 4 } }, { next: { max: 40 } }, { next: {} }].map(
    (variables) => new MeasuredOperation(schema, document, { variables }).cost,
  );
  expect(costs).toEqual([10, 12, 10, 18, 90, 12]);
});

test("a document that is sent repeatedly with lists of other lengths has the cost of each", () => {
  const document = parse("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }");
  const costs = [3, 40, 3].map((count) => new MeasuredOperation(schema, document, { variables: { ids: ids(count) } }).cost);
  expect(costs).toEqual([3, 40, 3]);
});

test("the size of a page comes from variables, and from their defaults", () => {
  const text = "query ($first: Int = 7) { requests(first: $first) { nodes { id } } }";
  expect([costOf(text), costOf(text, { first: 50 }), costOf(text, { first: 1_000_000 })]).toEqual([7, 50, 100]);
});

test("a variable can have the name of something that all objects inherit", () => {
  const document = parse("query ($toString: Int = 50) { requests(first: $toString) { nodes { id } } }");
  const costs = [JSON.parse('{ "toString": null }') as Record<string, unknown>, {}].map(
    (variables) => new MeasuredOperation(schema, document, { variables }).cost,
  );
  expect(costs).toEqual([20, 50]);
});

test("a number that is no size costs as the largest page until it is refused: costs are whole numbers", () => {
  expect(costOf("query ($first: Int) { requests(first: $first) { nodes { id } } }", { first: 1.3 })).toBe(100);
  expect(costOf("{ requests(first: 1.3) { nodes { id } } }")).toBe(100);
});

test("reading the schema has a cost", () => {
  expect([costOf("{ __schema { types { name } } }"), costOf('{ __type(name: "User") { name } __typename }')]).toEqual([50, 5]);
});

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_RATE_USER: "100/minute, 50 cost/minute" } });
});
afterAll(() => weft.stop());

const query = "{ requests(first: 15) { edges { node { owner { name } } } } }";

test("responses contain the cost and what is left, if the client asks with a header or an extension", async () => {
  const { token } = await weft.person({ permissions: { "request.read": "TENANT" } });
  const send = async (body: object, headers: Record<string, string> = {}): Promise<TestAnswer> =>
    (await (await weft.post(body, { authorization: `Bearer ${token}`, ...headers })).json()) as TestAnswer;
  const cost = (remaining: number) => ({ requested: 30, limit: 50, remaining, resetAt: expect.any(String) as string });
  expect((await send({ query: "{ me { name } }" })).extensions).toBeUndefined();
  expect((await send({ query, extensions: { cost: true } })).extensions).toEqual({ cost: cost(19) });
  const refused = await weft.post({ query }, { authorization: `Bearer ${token}`, "graphql-cost": "report" });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("ratelimit-policy")).toContain('"user-cost-minute";q=50;w=60;qu="cost"');
  expect(refused.headers.get("ratelimit")).toContain('"user-cost-minute";r=19;');
  const refusal = (await refused.json()) as TestAnswer;
  expect(refusal.errors?.[0]?.message).toMatch(/^You exceeded the limit of a cost of 50 per minute\./);
  expect(refusal.extensions).toEqual({ cost: cost(19) });
  // Less fits into what is left.
  expect((await send({ query: "{ me { name } }" }, { "graphql-cost": "report" })).extensions).toMatchObject({
    cost: { requested: 1, remaining: 18 },
  });
  expect((await weft.post({ query: "{ greeting }", extensions: { cost: true } })).ok).toBe(true);
});

test("sockets report the cost, too", async () => {
  const { token } = await weft.person({ permissions: { "request.read": "TENANT" } });
  const socket = await openLive(weft.url, { token });
  socket.send({ type: "subscribe", id: "a", payload: { query, extensions: { cost: true } } });
  expect((await socket.message(({ id }) => id === "a")).payload).toMatchObject({
    extensions: { cost: { requested: 30, limit: 50, remaining: 20 } },
  });
  socket.send({ type: "subscribe", id: "b", payload: { query, extensions: { cost: true } } });
  expect(await socket.message(({ id }) => id === "b")).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "RATE_LIMITED", cost: { requested: 30, limit: 50, remaining: 20 } } }],
  });
  socket.close();
});

test("reserved streams report the cost to clients that ask with the header, in results and in refusals", async () => {
  const { token } = await weft.person({ permissions: { "request.read": "TENANT" } });
  const headers = { authorization: `Bearer ${token}`, "graphql-cost": "report" };
  const reserved = await (await fetch(`${weft.url}/graphql`, { method: "PUT", headers })).text();
  const stream = await openStream(`${weft.url}/graphql`, { token, headers: { "x-graphql-event-stream-token": reserved } });
  const start = (operationId: string): Promise<Response> =>
    weft.post({ query, extensions: { operationId } }, { ...headers, "x-graphql-event-stream-token": reserved });
  expect((await start("a")).status).toBe(202);
  expect(await stream.results(1)).toMatchObject([{ id: "a", payload: { extensions: { cost: { requested: 30, remaining: 20 } } } }]);
  const refused = await start("b");
  expect([refused.status, await refused.json()]).toMatchObject([
    429,
    { errors: [{ extensions: { code: "RATE_LIMITED", cost: { requested: 30, limit: 50, remaining: 20 } } }] },
  ]);
  stream.close();
});

test("an operation that costs more than a limit allows is told what it costs", async () => {
  const { token } = await weft.person({ permissions: { "request.read": "TENANT" } });
  const large = "{ requests(first: 60) { edges { node { id } } } }";
  const response = await weft.post({ query: large }, { authorization: `Bearer ${token}`, "graphql-cost": "report" });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { errors: [{ extensions: { code: "QUERY_LIMIT_EXCEEDED" } }], extensions: { cost: { requested: 60, limit: 50, remaining: 50 } } },
  ]);
});
