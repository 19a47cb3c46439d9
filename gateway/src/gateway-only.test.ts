import { readFileSync } from "node:fs";
import { openLive } from "@weft/testkit/live/live-client";
import { composedSupergraph } from "@weft/testkit/composed-supergraph";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema, printType } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiSchemaOf, composeSupergraph } from "./federation/federation.js";
import { openMockedSupergraph } from "./testing/compare-executors.js";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestAnswer, TestGateway, TestPerson } from "./testing/start-gateway.js";
import { people, requests } from "./testing/subgraphs.js";

// `Query.requestChanged` answers the events of a subscription, and `Mutation.receiveSignal` stands for what a route calls.

const portalSdl = "type Query { greeting(name: String): String! }";
/** Every name that clients must not see. `RequestChanged` is also what the subscription returns. */
const hiddenNames = /receiveSignal|ReceiveSignal|SignalMethod/;

let weft: TestGateway;
let person: TestPerson;

beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ vendorPortalSdl: portalSdl }) });
  person = await weft.person();
});
afterAll(() => weft.stop());

type Asked = Readonly<Record<string, unknown>>;

/** Sends a body to a path, with the token of a user. */
async function send(body: Asked, path = "/graphql"): Promise<TestAnswer> {
  const response = await fetch(weft.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${person.token}` },
    body: JSON.stringify(body),
  });
  return (await response.json()) as TestAnswer;
}

async function sendByGet(query: string): Promise<TestAnswer> {
  const response = await fetch(`${weft.url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { authorization: `Bearer ${person.token}`, "apollo-require-preflight": "1" },
  });
  return (await response.json()) as TestAnswer;
}

/** Sends an operation over WebSocket. Returns its first answer. */
async function sendLive(payload: Asked): Promise<TestAnswer> {
  const client = await openLive(weft.url, { token: person.token });
  client.send({ type: "subscribe", id: "1", payload });
  const answer = await client.message(({ id, type }) => id === "1" && (type === "next" || type === "error"));
  client.close();
  return answer.type === "next" ? (answer.payload as TestAnswer) : { errors: answer.payload as NonNullable<TestAnswer["errors"]> };
}

/** Calls what only the gateway calls, as the gateway does. */
async function sendInternally(query: string, variables: Asked = {}): Promise<TestAnswer> {
  const response = await weft.gateway.internalFetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${person.token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as TestAnswer;
}

const messagesOf = ({ errors = [] }: TestAnswer): string[] => errors.map(({ message }) => message);
const mirror = "query Mirror { requestChanged { cursor } }";
const signal = "mutation Signal { receiveSignal(input: { method: PUT }) { received } }";
const unknown = (field: string, type: string): string => `Cannot query field "${field}" on type "${type}".`;

describe("clients cannot call what only the gateway calls", () => {
  test("neither over HTTP nor over WebSocket", async () => {
    for (const ask of [(query: string) => send({ query }), sendByGet, (query: string) => sendLive({ query })])
      expect(messagesOf(await ask(mirror))).toEqual([expect.stringContaining(unknown("requestChanged", "Query"))]);
    for (const ask of [(query: string) => send({ query }), (query: string) => sendLive({ query })])
      expect(messagesOf(await ask(signal))).toEqual([expect.stringContaining(unknown("receiveSignal", "Mutation"))]);
  });

  test("not by claiming to be internal", async () => {
    const claims: Asked[] = [
      { isInternal: true },
      { extensions: { isInternal: true } },
      { variables: { isInternal: true } },
      { operationName: "Signal", isInternal: true, internal: true },
    ];
    for (const claim of claims) {
      const message = [expect.stringContaining(unknown("receiveSignal", "Mutation"))];
      expect(messagesOf(await send({ query: signal, ...claim }))).toEqual(message);
      expect(messagesOf(await sendLive({ query: signal, ...claim }))).toEqual(message);
    }
  });

  test("not after the gateway called it with the same text", async () => {
    for (let times = 0; times < 3; times++) {
      expect(await sendInternally(signal)).toEqual({ data: { receiveSignal: { received: "PUT" } } });
      expect(messagesOf(await send({ query: signal }))).toEqual([expect.stringContaining(unknown("receiveSignal", "Mutation"))]);
    }
  });

  test("not in the vendor portal", async () => {
    expect(messagesOf(await send({ query: mirror }, "/vendor-portal/graphql"))).toEqual([unknown("requestChanged", "Query")]);
    expect(messagesOf(await send({ query: '{ __type(name: "SignalMethod") { name } }' }, "/vendor-portal/graphql"))).toEqual([]);
  });

  test("without a login, it is as unknown as a field that does not exist", async () => {
    const refused = async (field: string): Promise<string> =>
      JSON.stringify(await weft.run(`mutation { ${field} }`))
        .replaceAll(field, "field")
        .replaceAll(/"requestId":"[^"]*"/g, "");
    expect(await refused("receiveSignal")).toBe(await refused("neverThere"));
  });
});

test("suggestions name nothing hidden", async () => {
  for (const query of [
    "mutation { receiveSigna { received } }",
    "query ($method: SignalMetho) { greeting }",
    "{ me { ... on ReceiveSignalPayloa { received } } }",
    "{ requestChange { cursor } }",
  ])
    for (const answer of [await send({ query }), await sendLive({ query })]) {
      const suggested = messagesOf(answer).map((message) => message.split("Did you mean")[1] ?? "");
      expect(suggested.length).toBeGreaterThan(0);
      expect(suggested.join(" ")).not.toMatch(hiddenNames);
      expect(suggested.join(" ")).not.toContain("requestChanged");
    }
});

describe("introspection shows nothing hidden", () => {
  const names = '__type(name: "SignalMethod") { name } input: __type(name: "ReceiveSignalInput") { name }';
  const fields = '__type(name: "Query") { fields { name } } mutations: __type(name: "Mutation") { fields { name } }';

  test.each([
    ["the whole schema", getIntrospectionQuery()],
    ["types by name", `{ ${names} }`],
    ["with aliases", '{ a: __type(name: "SignalMethod") { name } __schema { types { name } mutationType { fields { name } } } }'],
    ["in a fragment", `query { ...F } fragment F on Query { ${fields} }`],
    ["in fragments within fragments", `query { ...F } fragment F on Query { ... on Query { ...G } } fragment G on Query { ${fields} }`],
    [
      "with the same key in two fragments",
      "query { ...F ...G } fragment F on Query { __schema { types { name } } } fragment G on Query { __schema { mutationType { fields { name } } } }",
    ],
    [
      "with directives",
      `query ($yes: Boolean = true) { ... @include(if: $yes) { ${fields} } a: __type(name: "SignalMethod") @skip(if: $yes) { name } }`,
    ],
    ["together with data", `{ greeting me { name } ${names} types: __schema { types { name fields { name } } } }`],
    ["together with data, in a fragment", `query { ...F me { name } } fragment F on Query { greeting ${fields} }`],
  ])("%s", async (_how, query) => {
    // The second and third time, the operation could be compiled.
    for (const ask of [send, sendLive, send]) {
      const answer = await ask({ query });
      expect(answer.errors).toBeUndefined();
      expect(JSON.stringify(answer.data)).not.toMatch(hiddenNames);
    }
  });

  test("the type Query does not have the field of a subscription", async () => {
    for (const query of [
      '{ __type(name: "Query") { fields { name } } }',
      "{ me { name } ...F } fragment F on Query { __schema { queryType { fields { name } } } }",
    ]) {
      const text = JSON.stringify((await send({ query })).data);
      expect(text).toContain('"greeting"');
      expect(text).not.toContain('"requestChanged"');
    }
  });

  test("for the type that is named by a variable, and of the operation that is chosen", async () => {
    const query = `query A { greeting } query B($name: String!) { it: __type(name: $name) { name } greeting }`;
    const ask = (name: string) => send({ query, operationName: "B", variables: { name } });
    expect(await ask("SignalMethod")).toEqual({ data: { it: null, greeting: "hello world" } });
    expect(await ask("User")).toEqual({ data: { it: { name: "User" }, greeting: "hello world" } });
    expect(await send({ query, operationName: "B" })).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });

  test("it is the schema of the API, and keeps the order of the query's fields", async () => {
    const { data } = await send({ query: getIntrospectionQuery({ specifiedByUrl: true }) });
    const shown = buildClientSchema(data as unknown as IntrospectionQuery);
    const api = apiSchemaOf(composeSupergraph([people(), requests()]));
    expect(printSchema(lexicographicSortSchema(shown))).toBe(printSchema(lexicographicSortSchema(api)));
    const mixed = await send({ query: "{ greeting __schema { queryType { name } } again: greeting __typename }" });
    expect(Object.entries(mixed.data ?? {})).toEqual([
      ["greeting", "hello world"],
      ["__schema", { queryType: { name: "Query" } }],
      ["again", "hello world"],
      ["__typename", "Query"],
    ]);
  });
});

test(
  "the gateway's schema for clients is the committed schema, and its own has only the hidden fields and their types in addition",
  { tags: "slow" },
  async () => {
    await using supergraph = await openMockedSupergraph(composedSupergraph());
    const typesOf = (schema: GraphQLSchema): Map<string, string> =>
      new Map(Object.values(lexicographicSortSchema(schema).getTypeMap()).map((type) => [type.name, printType(type)]));
    const committed = typesOf(buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8")));
    const [shown, whole] = [typesOf(supergraph.schema), typesOf(supergraph.internalSchema)];
    expect([...shown.keys()].toSorted()).toEqual([...committed.keys()].toSorted());
    expect([...shown].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name)).toEqual([]);
    expect([...shown].filter(([name, text]) => whole.get(name) !== text).map(([name]) => name)).toEqual(["Mutation", "Query"]);
    expect([...whole.keys()].filter((name) => !shown.has(name)).length).toBeGreaterThan(0);
  },
);
