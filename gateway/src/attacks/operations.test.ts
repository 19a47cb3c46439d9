/** Attacks by the content of an operation. Each is tried over all transports, in a query and in a subscription, which are checked on different ways. */
import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { computedMs } from "@weft/testkit/cost/computed-ms";
import { fastestOf } from "@weft/testkit/cost/fastest-of";
import { errorsOf, everywhere, transports } from "@weft/testkit/live/over-all-transports";
import { answerOver } from "@weft/testkit/live/transports";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { LIMIT_QUERY_NODES: 150, LIMIT_SOCKETS_PER_USER: 1_000, WEFT_DRAIN_TIMEOUT_MS: 500 },
  });
});
afterAll(() => weft.stop());

const times = (count: number, part: (at: number) => string): string => Array.from({ length: count }, (_, at) => part(at)).join(" ");
const kinds = ["query", "subscription"] as const;
/** An operation of this kind that selects something of an object, with definitions after it. */
const operation = (kind: (typeof kinds)[number], selection: string, definitions = ""): string =>
  `${kind} { ${kind === "query" ? "me" : "requestChanged"} { ${selection} } } ${definitions}`;
const typeOf = { query: "User", subscription: "RequestChanged" } as const;
const bombOf = (type: string): string =>
  `${times(40, (at) => `fragment f${at} on ${type} { ...f${at + 1} ... { ...f${at + 1} } }`)} fragment f40 on ${type} { __typename }`;

describe.each(kinds)("A13: a %s", (kind) => {
  const type = typeOf[kind];
  test.each([
    ["is too deep", "depth", operation(kind, `${"x { ".repeat(30)} y ${"}".repeat(30)}`)],
    ["is nested too deep to be parsed", "nesting", operation(kind, `${"x { ".repeat(900)} y ${"}".repeat(900)}`)],
    [
      "has too many aliases",
      "aliases",
      operation(
        kind,
        times(40, (at) => `a${at}: __typename`),
      ),
    ],
    ["has too many root fields", "rootFields", `${kind} { ${times(25, (at) => `f${at}`)} }`],
    ["has too many tokens", "tokens", operation(kind, "x ".repeat(5_000))],
    ["has too many directives", "directives", operation(kind, `__typename ${"@include(if: true) ".repeat(60)}`)],
    [
      "has too many fragments",
      "fragments",
      operation(
        kind,
        "__typename",
        times(60, (at) => `fragment f${at} on ${type} { __typename }`),
      ),
    ],
    [
      "has too many selections",
      "selections",
      operation(
        kind,
        times(2_100, (at) => `x${at}`),
      ),
    ],
    ["expands to too many selections", "selections", operation(kind, "...f0", bombOf(type))],
    ["repeats a field too often", "repetitions", operation(kind, "x { y } ".repeat(900))],
    ["has too many operations", "operations", times(30, (at) => `${kind} Q${at} { x }`)],
    ["has another operation that is too deep", "depth", `${kind} A { x } query B { ${"x { ".repeat(30)} y ${"}".repeat(30)} }`],
  ])("that %s is refused with the limit before it is validated", async (_what, limit, query) => {
    const { token } = await weft.person();
    const limits = { code: "QUERY_LIMIT_EXCEEDED", limit, actual: expect.any(Number) as unknown, max: expect.any(Number) as unknown };
    const body = { query, ...(query.includes(" A {") && { operationName: "A" }) };
    expect(await errorsOf({ url: weft.url, token, body })).toMatchObject(everywhere({ extensions: limits }));
  });

  test("is refused in 50 ms of processor time", async () => {
    const { token } = await weft.person();
    const request = { url: weft.url, token, body: { query: operation(kind, "...f0", bombOf(type)) } };
    const used = await fastestOf(async () => {
      const each: number[] = [];
      for (const transport of transports) {
        const before = computedMs();
        await answerOver(transport, request);
        each.push(computedMs() - before);
      }
      return each;
    }, 50);
    expect(used.filter((ms) => ms >= 50)).toEqual([]);
  });
});

test("A13: pages that multiply are refused by their product", async () => {
  const { token } = await weft.person();
  const body = {
    query: "query ($n: Int) { requests(first: $n) { totalCount } more: requests(first: 100) { totalCount } }",
    variables: { n: 60 },
  };
  expect(await errorsOf({ url: weft.url, token, body })).toMatchObject(
    everywhere({ extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "nodes", actual: 160, max: 150 } }),
  );
});

test("A14: two logins in one operation are refused, and neither is tried", async () => {
  const { token } = await weft.person();
  for (const query of [
    'mutation { login(password: "a") again: login(password: "b") }',
    'mutation { login(password: "a") ...more } fragment more on Mutation { ... { again: login(password: "b") } }',
  ])
    expect(await errorsOf({ url: weft.url, token, body: { query } })).toMatchObject(
      everywhere({ extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "authentications", actual: 2, max: 1 } }),
    );
});

describe("A17: a value that no scalar accepts is refused with its path", () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  test.each([
    ["a NUL", String.raw`"a\u0000"`, "value"],
    ["half a surrogate pair", String.raw`"\ud800"`, "value"],
    ["a number beyond all numbers", "1e400", "value"],
    ["a member __proto__", '{"__proto__":{"isAdmin":true}}', "value"],
    ["a member constructor within a list", String.raw`[{"text":"\u0000"}]`, "value.0.text"],
    ["20,000 levels of lists", deep, "value"],
  ])("%s", async (_what, value, path) => {
    const { token } = await weft.person();
    const variables = `{"value":${value}}`;
    for (const query of [
      "query ($value: JSON) { echo(data: $value) }",
      "mutation ($value: String!) { rename(name: $value) }",
      "subscription ($value: ID) { requestChanged(id: $value) { cursor } }",
    ]) {
      const errors = await errorsOf({ url: weft.url, token, body: { query, variables } });
      expect(errors, query).toMatchObject(everywhere({ extensions: { code: "BAD_USER_INPUT" } }));
      for (const error of Object.values(errors)) expect(JSON.stringify(error), query).toContain(`"path":"${path}`);
    }
  });

  test("in the text of the operation, too", async () => {
    const { token } = await weft.person();
    for (const query of [String.raw`{ echo(data: "\u0000") }`, String.raw`subscription { requestChanged(id: "\u0000") { cursor } }`])
      expect(await errorsOf({ url: weft.url, token, body: { query } })).toMatchObject(
        everywhere({ extensions: { code: "BAD_USER_INPUT" } }),
      );
  });
});

describe("A20: a persisted query", () => {
  const withHash = (text: string) => ({
    extensions: { persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(text).digest("hex") } },
  });
  const aName = (): string => `Q${newId().slice(-12)}`;
  test.each([
    ["query", () => `query ${aName()} { me { name } }`, () => `query ${aName()} { greeting }`],
    [
      "subscription",
      () => `subscription ${aName()} { requestChanged { cursor } }`,
      () => `subscription ${aName()} { requestChanged { change } }`,
    ],
  ])("whose hash is that of another %s is refused, and not kept", async (_kind, aText, another) => {
    const { token } = await weft.person();
    const text = aText();
    const hash = withHash(text);
    expect(await errorsOf({ url: weft.url, token, body: { query: another(), ...hash } })).toMatchObject(
      everywhere({ message: "provided sha does not match query", extensions: { code: "BAD_REQUEST" } }),
    );
    expect(await errorsOf({ url: weft.url, token, body: { query: "", ...hash } })).toMatchObject(
      everywhere({ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }),
    );
  });

  test.each(transports)("that a tenant has sent over %s is unknown to others, over all transports", async (transport) => {
    const [{ token }, stranger] = [await weft.person(), await weft.person()];
    const text = `query ${aName()} { me { name } }`;
    expect(await answerOver(transport, { url: weft.url, token, body: { query: text, ...withHash(text) } })).toEqual({
      data: { me: { name: "Ada" } },
    });
    const body = { query: "", ...withHash(text) };
    expect(await errorsOf({ url: weft.url, token, body })).toEqual(everywhere(null));
    expect(await errorsOf({ url: weft.url, token: stranger.token, body })).toMatchObject(
      everywhere({ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }),
    );
  });
});

describe("A16: in production", () => {
  let production: TestGateway;
  beforeAll(async () => {
    production = await startTestGateway(await cloneDatabase(), {
      settings: { WEFT_MODE: "production", LIMIT_SOCKETS_PER_USER: 1_000, WEFT_DRAIN_TIMEOUT_MS: 500 },
    });
  });
  afterAll(() => production.stop());

  test.each([
    ["introspection is off", '{ __schema { types { name } } __type(name: "User") { name } }', "FORBIDDEN"],
    [
      "introspection is off in a fragment under an alias",
      "{ ...f } fragment f on Query { ... { s: __schema { types { name } } } }",
      "FORBIDDEN",
    ],
    ["fields are not suggested", "{ greetin }", "GRAPHQL_VALIDATION_FAILED"],
    ["arguments are not suggested", '{ greeting(nam: "x") }', "GRAPHQL_VALIDATION_FAILED"],
    ["types are not suggested", "{ ...f } fragment f on Quer { greeting }", "GRAPHQL_VALIDATION_FAILED"],
    ["fields of events are not suggested", "{ ...f } fragment f on RequestChanged { curso }", "GRAPHQL_VALIDATION_FAILED"],
  ])("%s", async (_what, query, code) => {
    const { token } = await production.person();
    const errors = await errorsOf({ url: production.url, token, body: { query } });
    expect(errors).toMatchObject(everywhere({ extensions: { code } }));
    expect(JSON.stringify(errors)).not.toMatch(/Did you mean|Apollo|introspection: true/);
  });

  test("neither the fields of subscriptions nor of their events are suggested", async () => {
    const { token } = await production.person();
    for (const query of ["subscription { requestChange { cursor } }", "subscription { requestChanged { curso } }"]) {
      // Where subscriptions are not answered, they are not validated either.
      const { "POST with a JSON response": unsupported, ...errors } = await errorsOf({ url: production.url, token, body: { query } });
      expect(unsupported).toMatchObject({ extensions: { code: "BAD_REQUEST" } });
      for (const error of Object.values(errors)) expect(error).toMatchObject({ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
      expect(JSON.stringify([unsupported, errors])).not.toMatch(/Did you mean/);
    }
  });
});
