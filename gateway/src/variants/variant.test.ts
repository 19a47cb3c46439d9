import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { shareSupergraphs } from "@weft/testkit/shared-supergraphs";
import { buildClientSchema, buildSchema, getIntrospectionQuery, parse, print, printSchema } from "graphql";
import type { IntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestAnswer, TestGateway, TestPerson } from "../testing/start-gateway.js";
import { composeSupergraph } from "../federation/federation.js";
import { people, requests } from "../testing/subgraphs.js";
import { hiddenObjects } from "./hidden-objects.js";

/** A part of the API of the test subgraphs: without `Query.echo`, `Query.onlyRoleEditors`, `Request.slowly` and others. */
const portalSdl = `
type Query {
  me: User!
  greeting(name: String): String!
  requests(first: Int, after: String, last: Int, before: String): RequestConnection!
}
type Mutation { login(password: String!): String }
type Subscription { requestChanged(id: ID, after: String): RequestChanged! }
type RequestChanged { cursor: String! change: String! request: Request! }
type RequestConnection { edges: [RequestEdge!]! totalCount: Int! }
type RequestEdge { cursor: String! node: Request! }
type Request { id: ID! owner: User }
type User { id: ID! name: String! }
`;

interface Asked {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly headers?: Record<string, string>;
}

/** Sends an operation to the portal, or to another path. */
async function ask({ url }: TestGateway, query: string, asked: Asked & { readonly path?: string } = {}): Promise<Response> {
  const { token, variables, operationName, headers, path = "/vendor-portal/graphql" } = asked;
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    body: JSON.stringify({ query, variables, operationName }),
  });
}

// Two loads of one supergraph can have one API schema, with a portal and without it.
shareSupergraphs();

describe("the vendor portal", () => {
  let weft: TestGateway;
  let person: TestPerson;

  beforeAll(async () => {
    weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ vendorPortalSdl: portalSdl }) });
    person = await weft.person({ permissions: { "role.update": "TENANT" } });
  });
  afterAll(() => weft.stop());

  const at = async (path: string, query: string, asked: Asked = {}): Promise<TestAnswer> =>
    (await (await ask(weft, query, { token: person.token, path, ...asked })).json()) as TestAnswer;
  const inPortal = (query: string, asked: Asked = {}): Promise<TestAnswer> => at("/vendor-portal/graphql", query, asked);
  const messagesOf = ({ errors = [] }: TestAnswer): string[] => errors.map(({ message }) => message);

  test.each([
    ["{ me { __typename id name } requests(first: 5) { totalCount edges { node { owner { ...P } } } } } fragment P on User { name }", {}],
    ["query A($name: String, $not: Boolean = true) { greeting(name: $name) __typename @skip(if: $not) }", { variables: { name: "Ada" } }],
    ["query A { greeting } query B { hello: greeting }", { operationName: "B" }],
    ['mutation { login(password: "secret") }', {}],
    ['{ greeting(name: "down") }', {}],
  ])("an operation within the portal is answered as by the complete API: %s", async (query, asked) => {
    const [portal, complete] = await Promise.all([at("/vendor-portal/graphql", query, asked), at("/graphql", query, asked)]);
    const comparable = ({ data, errors }: TestAnswer): unknown => [
      data,
      errors?.map(({ message, path, extensions }) => [message, path, extensions?.["code"]]),
    ];
    expect(comparable(portal)).toEqual(comparable(complete));
  });

  test("a field outside the portal is unknown, also after the complete API answered the same text", async () => {
    for (const query of [
      "{ onlyRoleEditors }",
      "{ requests(first: 1) { edges { node { slowly(ms: 1) } } } }",
      "{ a: troubles { number } }",
    ]) {
      expect(await weft.run(query, { token: person.token })).not.toHaveProperty("errors");
      const response = await ask(weft, query, { token: person.token });
      expect(response.status).toBe(400);
      const { data, errors = [] } = (await response.json()) as TestAnswer;
      expect(data).toBeUndefined();
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/^Cannot query field "\w+" on type "\w+"\./) as unknown,
          extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
        },
      ]);
      expect(errors[0]?.extensions).toHaveProperty("requestId");
    }
  });

  test("the complete API still answers a text that the portal refused", async () => {
    const query = "{ onlyRoleEditors __typename }";
    expect(messagesOf(await inPortal(query))).toHaveLength(1);
    expect(await weft.run(query, { token: person.token })).toEqual({ data: { onlyRoleEditors: "you may", __typename: "Query" } });
  });

  test("hints name fields of the portal only", async () => {
    expect(messagesOf(await inPortal("{ greetin }"))).toEqual(['Cannot query field "greetin" on type "Query". Did you mean "greeting"?']);
    expect(messagesOf(await inPortal("{ onlyRoleEditor ecko }"))).toEqual([
      'Cannot query field "onlyRoleEditor" on type "Query".',
      'Cannot query field "ecko" on type "Query".',
    ]);
    expect(messagesOf(await inPortal("{ me { ... on Trouble { number } } }"))).toEqual(['Unknown type "Trouble".']);
  });

  test("introspection shows the portal", async () => {
    const { data } = await inPortal(getIntrospectionQuery());
    const shown = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(printSchema(shown)).toBe(printSchema(buildSchema(portalSdl)));
    expect(await inPortal('{ gone: __type(name: "Trouble") { name } __type(name: "User") { fields { name } } }')).toEqual({
      data: { gone: null, __type: { fields: [{ name: "id" }, { name: "name" }] } },
    });
  });

  test("a query can ask for the schema and for data at the same time", async () => {
    const query = `query Q($type: String!, $first: Int, $with: Boolean = true) {
      ...Root
      kind: __type(name: $type) @include(if: $with) { ...Kind }
      requests(first: $first) { totalCount }
      nothing: __type(name: "Request") @skip(if: $with) { name }
    }
    fragment Root on Query { __typename ... on Query { __schema { queryType { name } } me { name } } }
    fragment Kind on __Type { kind }`;
    const { data, errors } = await inPortal(query, { variables: { type: "User", first: 1 } });
    expect(errors).toBeUndefined();
    expect(Object.entries(data ?? {})).toEqual([
      ["__typename", "Query"],
      ["__schema", { queryType: { name: "Query" } }],
      ["me", { name: "Ada" }],
      ["kind", { kind: "OBJECT" }],
      ["requests", { totalCount: 1 }],
    ]);
  });

  test("a missing variable of an introspection query is an error in the input", async () => {
    const response = await ask(weft, "query ($type: String!) { __type(name: $type) { name } }", { token: person.token });
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
  });

  test("limits apply as to the complete API", async () => {
    const [portal, complete] = await Promise.all(
      ["/vendor-portal/graphql", "/graphql"].map((path) => at(path, `{ ${"a: greeting ".repeat(2_000)} }`)),
    );
    expect(portal?.errors).toMatchObject([{ extensions: { code: "QUERY_LIMIT_EXCEEDED" } }]);
    expect(messagesOf(portal ?? {})).toEqual(messagesOf(complete ?? {}));
  });

  test("without a login, only the portal's open fields are answered", async () => {
    const answer = (await (await ask(weft, "{ me { name } }")).json()) as TestAnswer;
    expect(answer.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(messagesOf(answer)[0]).toMatch(/^"me" requires a login\. /);
    expect(await (await ask(weft, "{ greeting }")).json()).toEqual({ data: { greeting: "hello world" } });
  });

  test("pages of other origins are refused, and queries by GET are answered, as at the complete API", async () => {
    const foreign = { headers: { origin: "https://evil.example" } };
    expect((await ask(weft, "{ greeting }", foreign)).status).toBe(403);
    const url = `${weft.url}/vendor-portal/graphql?query={greeting}`;
    expect(await (await fetch(url)).json()).toEqual({ data: { greeting: "hello world" } });
    expect((await fetch(url, { headers: { "sec-fetch-dest": "image" } })).status).toBe(403);
    expect((await fetch(`${weft.url}/vendor-portal/graphql`, { method: "PATCH" })).status).toBe(405);
  });

  test("subscriptions are validated against the portal, and its queries run over the socket, too", async () => {
    const client = await openLive(`${weft.url}/vendor-portal`, { token: person.token });
    const subscribe = (id: string, query: string): void => client.send({ type: "subscribe", id, payload: { query } });
    subscribe("outside", "subscription { requestChanged { request { slowly(ms: 1) } } }");
    expect(await client.message(({ id }) => id === "outside")).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    subscribe("live", "subscription { requestChanged { change request { owner { name } } } }");
    subscribe("query", '{ greeting __type(name: "Trouble") { name } }');
    expect(await client.message(({ id, type }) => id === "query" && type === "next")).toMatchObject({
      payload: { data: { greeting: "hello world", __type: null } },
    });
    await weft.emit(person.tenantId);
    expect(await client.payloads("live", 1)).toEqual([
      { data: { requestChanged: { change: "request.created", request: { owner: { name: "Ada" } } } } },
    ]);
    client.close();
  });

  test("if a new supergraph has no portal, subscriptions are told to reconnect, and its path is not found", async () => {
    const supergraphSdl = composeSupergraph([people(), requests()]);
    const client = await openLive(`${weft.url}/vendor-portal`, { token: person.token });
    client.send({ type: "subscribe", id: "1", payload: { query: "subscription { requestChanged { change } }" } });
    client.send({ type: "subscribe", id: "settled", payload: { query: "{ greeting }" } });
    await client.message(({ id, type }) => id === "settled" && type === "complete");
    // It has begun: on a busy machine, the reload could end first.
    await weft.emit(person.tenantId);
    await client.payloads("1", 1, 30_000);
    try {
      await weft.gateway.reload({ supergraphSdl });
      expect(await client.closed()).toBe(1012);
      const response = await ask(weft, "{ greeting }", { token: person.token });
      expect([response.status, await response.json()]).toMatchObject([404, { errors: [{ extensions: { code: "BAD_REQUEST" } }] }]);
    } finally {
      await weft.gateway.reload({ supergraphSdl, vendorPortalSdl: portalSdl });
    }
    expect(await (await ask(weft, "{ greeting }")).json()).toEqual({ data: { greeting: "hello world" } });
  }, 60_000);

  test("the explorer of the portal offers only examples that fit", async () => {
    const html = await (await fetch(`${weft.url}/vendor-portal`)).text();
    expect(html).toContain("/vendor-portal/graphql");
    expect(html).toContain("{ greeting }");
  });
});

test("in production the portal shows neither its schema nor hints at it", async () => {
  const weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_MODE: "production" },
    gateway: () => ({ vendorPortalSdl: portalSdl }),
  });
  try {
    const { token } = await weft.person();
    for (const [query, status, code] of [
      ["{ __schema { types { name } } greeting }", 403, "FORBIDDEN"],
      ["{ greetin }", 400, "GRAPHQL_VALIDATION_FAILED"],
    ] as const) {
      const response = await ask(weft, query, { token });
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toMatchObject([status, { errors: [{ extensions: { code } }] }]);
      expect(text).not.toMatch(/Did you mean|"http"/);
    }
    const page = await (await fetch(`${weft.url}/vendor-portal`)).text();
    expect(page).toContain("POST /vendor-portal/graphql");
  } finally {
    await weft.stop();
  }
});

test("without a schema there is no portal", async () => {
  const weft = await startTestGateway(await cloneDatabase());
  try {
    expect((await ask(weft, "{ greeting }")).status).toBe(404);
    expect((await fetch(`${weft.url}/vendor-portal`)).status).toBe(404);
  } finally {
    await weft.stop();
  }
});

describe("objects of types outside the portal", () => {
  const api = buildSchema(
    "interface Node { id: ID! } type Job implements Node { id: ID! } type Ledger implements Node { id: ID! } type Query { node: Node nodes: [Node] job: Job }",
  );
  const portal = buildSchema(
    "interface Node { id: ID! } type Job implements Node { id: ID! } type Query { node: Node nodes: [Node] job: Job }",
  );
  const objects = hiddenObjects(portal, api);

  test("their types are asked for only where a field can return one", () => {
    const plain = parse("{ job { id } }");
    expect(objects.mark(plain)).toBe(plain);
    const marked = print(objects.mark(parse("{ node { ... on Job { id } } job { ...F } } fragment F on Node { id }")));
    expect(marked.match(/__portalTypename: __typename/g)).toHaveLength(2);
  });

  test("they are absent from the result, and so are the marks", () => {
    const job = { __portalTypename: "Job", id: "1" };
    const ledger = { __portalTypename: "Ledger", id: "2" };
    expect(objects.remove({ node: ledger, nodes: [job, ledger, null], list: [[job]], text: "x" })).toEqual({
      node: null,
      nodes: [{ id: "1" }, null, null],
      list: [[{ id: "1" }]],
      text: "x",
    });
  });
});
