import { type ApiError, openLive, sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
  // Warms up what only the first operation of a process has to do.
  await acme.admin.run("{ me { id } }");
});

const repeated = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

/** Each fragment spreads the next one twice: 45 of them would be 2^45 fields. */
const bomb = (count: number): string =>
  `{ ...f0 } ${repeated(count, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f${count} on Query { __typename }`;

/** The same without its own depth: two aliases spread each field of each level. */
const wideBomb = (count: number): string =>
  `{ me { id } ...f0 } ${repeated(count, (index) => `fragment f${index} on Query { ...f${index + 1} ... { ...f${index + 1} } }`)} fragment f${count} on Query { ${repeated(3, (n) => `a${n}: __typename`)} }`;

const attacks: readonly [what: string, limit: string, query: string][] = [
  ["a selection of fifty levels", "depth", `{ ${"building { assets { ".repeat(25)} id ${"} }".repeat(25)} }`],
  [
    "depth inside fragments",
    "depth",
    `{ ...a } fragment a on Query { request(id: "x") { ...b } } fragment b on Request ${"{ workflow { definition ".repeat(10)} { id } ${"} }".repeat(10)}`,
  ],
  ["a thousand aliases", "aliases", `{ me { ${repeated(1_000, (index) => `a${index}: id`)} } }`],
  ["aliases at the root", "rootFields", `{ ${repeated(100, (index) => `a${index}: me { id }`)} }`],
  ["many mutations in one", "rootFields", `mutation { ${repeated(30, (index) => `a${index}: logout { sessionId }`)} }`],
  ["a long document", "tokens", `{ me { ${"id ".repeat(20_000)} } }`],
  ["a long list of arguments", "tokens", `{ nodes(ids: [${'"x" '.repeat(30_000)}]) { id } }`],
  ["innumerable directives", "directives", `{ me { id ${"@include(if: true) ".repeat(500)} } }`],
  ["many fragments", "fragments", `{ me { id } } ${repeated(200, (index) => `fragment f${index} on User { id }`)}`],
  ["a fragment bomb", "depth|selections|aliases|rootFields", bomb(45)],
  ["a bomb of aliases", "depth|selections|aliases|rootFields", wideBomb(40)],
  [
    "nested pages",
    "nodes",
    "{ buildings(first: 100) { edges { node { assets(first: 100) { edges { node { requests(first: 100) { edges { node { id } } } } } } } } } }",
  ],
  [
    "pages of default sizes",
    "nodes",
    `{ buildings(first: 100) { edges { node { ${repeated(12, (index) => `a${index}: assets { edges { node { requests { totalCount } } } }`)} } } } }`,
  ],
  [
    "two logins",
    "authentications",
    'mutation { login(input: { login: "a", password: "b" }) { accessToken } again: login(input: { login: "a", password: "c" }) { accessToken } }',
  ],
  [
    "a login and a refresh",
    "authentications",
    'mutation { login(input: { login: "a", password: "b" }) { accessToken } refreshSession(input: { refreshToken: "x" }) { accessToken } }',
  ],
];

/** Returns the error of a refusal by a limit, after checking that its numbers are consistent. */
function expectRefusal(error: ApiError | undefined, limit: string): void {
  const { extensions = {} } = error ?? {};
  expect(extensions["code"]).toBe("QUERY_LIMIT_EXCEEDED");
  expect(extensions["limit"]).toMatch(new RegExp(`^(${limit})$`));
  expect(extensions["actual"]).toBeGreaterThan(extensions["max"] as number);
  expect(error?.message).toContain(String(extensions["max"]));
}

/** Takes the fastest of several runs: the cost of the refusal without other load on the machine. */
async function fastestMs(run: () => Promise<unknown>): Promise<number> {
  let fastest = Infinity;
  for (let turn = 0; turn < 10 && fastest > 25; turn++) {
    const started = performance.now();
    await run();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}

describe("over HTTP", () => {
  test.each(attacks)("%s is refused with 400 and the limit %s", async (_what, limit, query) => {
    const post = () =>
      fetch(`${weft.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${acme.admin.token}` },
        body: JSON.stringify({ query }),
      });
    const response = await post();
    expect(response.status).toBe(400);
    const { data, errors } = (await response.json()) as { data?: unknown; errors: ApiError[] };
    expect([data ?? null, errors.length]).toEqual([null, 1]);
    expectRefusal(errors[0], limit);
    expect(await fastestMs(async () => (await post()).text())).toBeLessThan(50);
  });

  test("refuses these operations without a login, too", async () => {
    const response = await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: bomb(45) }),
    });
    expect(response.status).toBe(400);
  });
});

describe("over WebSocket", () => {
  test.each(attacks)("%s is refused with an error message and the limit %s", async (_what, limit, query) => {
    const client = await openLive(weft.url, { token: acme.admin.token });
    let sent = 0;
    const send = () => {
      const id = String(++sent);
      client.send({ type: "subscribe", id, payload: { query } });
      return client.message((message) => message.id === id);
    };
    const message = await send();
    expect(message.type).toBe("error");
    expectRefusal((message.payload as ApiError[])[0], limit);
    expect(await fastestMs(send)).toBeLessThan(50);
    client.close();
  });

  test("applies the same limits to subscriptions", async () => {
    const client = await openLive(weft.url, { token: acme.admin.token });
    const selection = `${"instance { definition { createdBy { ".repeat(8)} id ${"} } }".repeat(8)}`;
    client.send({ type: "subscribe", id: "deep", payload: { query: `subscription { workflowTransitioned { ${selection} } }` } });
    const message = await client.message(({ id }) => id === "deep");
    expectRefusal((message.payload as ApiError[])[0], "depth");
    client.close();
  });
});

test("the example operations and introspection are within the limits", { tags: "slow" }, async () => {
  const { getIntrospectionQuery } = await import("graphql");
  const { loadExampleOperations } = await import("../examples.js");
  const documents = [...(await loadExampleOperations()).map(({ source }) => source), getIntrospectionQuery()];
  for (const query of documents) {
    const { errors = [] } = await acme.admin.send(query);
    expect(errors.filter(({ extensions }) => extensions?.code === "QUERY_LIMIT_EXCEEDED")).toEqual([]);
  }
});
