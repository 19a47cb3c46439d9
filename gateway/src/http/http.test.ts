import { createHash } from "node:crypto";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { demoLogins } from "@weft/shared/demo";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { buildSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestAnswer, TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { LIMIT_BODY_BYTES: 100_000, WEFT_REQUEST_TIMEOUT_MS: 1_000, WEFT_CORS_ORIGINS: "https://app.example.com" },
  });
});
afterAll(() => weft.stop());

const answerOf = async (response: Response): Promise<TestAnswer & { status: number }> => ({
  ...((await response.json()) as TestAnswer),
  status: response.status,
});
const codeOf = (answer: TestAnswer): unknown => answer.errors?.[0]?.extensions?.["code"];
const raw = (init: RequestInit & { path?: string }): Promise<Response> => fetch(`${weft.url}${init.path ?? "/graphql"}`, init);

describe("refuses anything except one JSON operation by POST or a query by GET", () => {
  const query = JSON.stringify({ query: "{ greeting }" });
  test.each([
    ["a batch", () => weft.post([{ query: "{ greeting }" }]), 400],
    ["a GET without a query", () => raw({}), 400],
    ["a GET with another parameter", () => raw({ path: "/graphql?query={greeting}&callback=x" }), 400],
    ["a GET with two queries", () => raw({ path: "/graphql?query={greeting}&query={greeting}" }), 400],
    ["a GET with variables that are not JSON", () => raw({ path: "/graphql?query={greeting}&variables=x" }), 400],
    ["a mutation by GET", () => raw({ path: "/graphql?query=mutation{login(password:%22x%22)}" }), 405],
    [
      "a form",
      () => raw({ method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "query={greeting}" }),
      415,
    ],
    ["plain text", () => raw({ method: "POST", headers: { "content-type": "text/plain" }, body: query }), 415],
    ["no content type", () => raw({ method: "POST", body: new Blob([query]) }), 415],
    ["another charset", () => weft.post(query, { "content-type": "application/json; charset=utf-16" }), 415],
    ["a compressed body", () => weft.post(query, { "content-encoding": "gzip" }), 415],
    ["a body that is too large", () => weft.post({ query: "{ greeting }", variables: { x: "x".repeat(100_000) } }), 413],
    ["broken JSON", () => weft.post('{"query": "{ greeting }"'), 400],
    [
      "bytes that are not UTF-8",
      () => raw({ method: "POST", headers: { "content-type": "application/json" }, body: new Uint8Array([0x22, 0xff, 0x22]) }),
      400,
    ],
    ["a query that is not a string", () => weft.post({ query: { kind: "Document" } }), 400],
    ["variables that are a string", () => weft.post({ query: "{ greeting }", variables: "{}" }), 400],
    ["another path", () => raw({ path: "/graphql/x", method: "POST" }), 404],
  ])("%s", async (_what, send, status) => {
    const answer = await answerOf(await send());
    expect(answer).toMatchObject({ status, errors: [{ extensions: { code: "BAD_REQUEST" } }] });
    expect(JSON.stringify(answer)).not.toMatch(/node_modules|\/src\/|FST_/);
  });
});

test.each([
  ["a forged token", 401, { authorization: "Bearer forged" }],
  ["a page of another origin", 403, { origin: "https://evil.example" }],
  ["a document that cannot be parsed", 400, {}],
])("the response to %s has the media type of GraphQL over HTTP for clients that accept it", async (_what, status, headers) => {
  const ask = async (accept: string): Promise<unknown[]> => {
    const response = await weft.post({ query: "{" }, { accept, ...headers });
    return [response.status, response.headers.get("content-type"), (await answerOf(response)).errors?.length];
  };
  const both = "application/graphql-response+json,application/json;q=0.9";
  expect(await ask(both)).toEqual([status, "application/graphql-response+json; charset=utf-8", 1]);
  expect(await ask("*/*")).toEqual([status, "application/json; charset=utf-8", 1]);
});

describe("a GET", () => {
  const queryOf = (query: string, variables: object = {}): string =>
    `/graphql?${new URLSearchParams({ query, variables: JSON.stringify(variables), operationName: "", extensions: "{}" }).toString()}`;
  /** `fetch` sets the headers that browsers add automatically. */
  async function browse(headers: Record<string, string>): Promise<number | undefined> {
    const sent = request(`${weft.url}${queryOf("{ greeting }")}`, { headers });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  test("answers a query like a POST, with the rights of its token", async () => {
    const { token, userId } = await weft.person();
    const response = await raw({
      path: queryOf("query ($yes: Boolean!) { whoAmI @include(if: $yes) }", { yes: true }),
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await answerOf(response)).toMatchObject({ status: 200, data: { whoAmI: { viewer: { userId } } } });
    expect((await raw({ path: queryOf("{ greeting }") })).status).toBe(200);
  });

  test("refuses a mutation with 405, whatever it is called", async () => {
    const response = await raw({ path: queryOf('mutation { login(password: "x") }') });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each<[what: string, headers: Record<string, string>]>([
    ["a link", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site" }],
    ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", "sec-fetch-site": "cross-site" }],
    ["a script", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script", "sec-fetch-site": "same-site" }],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site" }],
    ["a fetch without CORS", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site" }],
    [
      "a page of another site that hides its origin",
      { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site" },
    ],
    [
      "a page of another origin",
      { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    ],
  ])("that a browser sends for %s is refused", async (_what, headers) => expect(await browse(headers)).toBe(403));

  test.each<[what: string, headers: Record<string, string>]>([
    ["a page of our own", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" }],
    [
      "a page of an allowed origin",
      { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site", origin: "https://app.example.com" },
    ],
    ["a program other than a browser", {}],
  ])("of %s is answered", async (_what, headers) => expect(await browse(headers)).toBe(200));
});

describe("the document", () => {
  test("errors in the document keep GraphQL's codes", async () => {
    expect(await answerOf(await weft.post({ query: "{ greeting" }))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }],
    });
    const authorization = `Bearer ${(await weft.person()).token}`;
    expect(await answerOf(await weft.post({ query: "{ nothing }" }, { authorization }))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    });
    expect(await answerOf(await weft.post({ query: "query A { greeting } query B { greeting }" }))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "OPERATION_RESOLUTION_FAILURE" } }],
    });
    const wrong = await answerOf(
      await weft.post({ query: "query ($n: Int) { requests(first: $n) { totalCount } }", variables: { n: "many" } }, { authorization }),
    );
    expect(wrong).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: "n" }] } }] });
  });

  test("is checked against the limits before any other processing", async () => {
    const started = performance.now();
    const depth = await answerOf(await weft.post({ query: `{ ${"x { ".repeat(50)} y ${"}".repeat(50)} }` }));
    expect(depth).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "depth", actual: 51, max: 15 } }],
    });
    const tokens = await answerOf(await weft.post({ query: `{ ${"x ".repeat(5_000)} }` }));
    expect(tokens).toMatchObject({ status: 400, errors: [{ extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "tokens", max: 4_000 } }] });
    const logins = await answerOf(await weft.post({ query: 'mutation { login(password: "a") again: login(password: "b") }' }));
    expect(logins).toMatchObject({ status: 400, errors: [{ extensions: { limit: "authentications", actual: 2, max: 1 } }] });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("values that are valid for no scalar are BAD_USER_INPUT with their path, in variables and literals", async () => {
    const query = "query ($data: JSON) { echo(data: $data) }";
    expect(await answerOf(await weft.post({ query, variables: { data: { text: "a\u0000" } } }))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: "data.text" }] } }],
    });
    expect(
      codeOf(await answerOf(await weft.post(`{"query": ${JSON.stringify(query)}, "variables": {"data": {"__proto__": {"a": 1}}}}`))),
    ).toBe("BAD_USER_INPUT");
    expect(codeOf(await answerOf(await weft.post(`{"query": ${JSON.stringify(query)}, "variables": {"data": 1e400}}`)))).toBe(
      "BAD_USER_INPUT",
    );
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    expect(codeOf(await answerOf(await weft.post(`{"query": ${JSON.stringify(query)}, "variables": {"data": ${deep}}}`)))).toBe(
      "BAD_USER_INPUT",
    );
    expect(codeOf(await answerOf(await weft.post({ query: String.raw`{ echo(data: "\u0000") }` })))).toBe("BAD_USER_INPUT");
  });

  test("`__proto__` in the body sets no prototype", async () => {
    expect(await answerOf(await weft.post('{"__proto__": {"query": "{ echo }"}}'))).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_REQUEST" }, message: expect.stringContaining("query") as string }],
    });
    const harmless = await answerOf(await weft.post('{"query": "{ __typename }", "__proto__": {"variables": 5}}'));
    expect(harmless).toMatchObject({ status: 200, data: { __typename: "Query" } });
  });

  test("the error for a subscription by POST says where subscriptions run", async () => {
    const answer = await answerOf(await weft.post({ query: "subscription { requestChanged { change } }" }));
    expect(answer).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: "BAD_REQUEST" }, message: expect.stringContaining("WebSocket") as string }],
    });
  });
});

describe("errors", () => {
  test("of an unexpected kind reveal only the request ID", async () => {
    const response = await weft.post({ query: '{ greeting(name: "crash") }' }, { "x-request-id": "my-request-1" });
    const answer = await answerOf(response);
    expect(answer).toEqual({
      status: 200,
      data: null,
      errors: [
        {
          message: expect.any(String) as string,
          path: ["greeting"],
          extensions: { code: "INTERNAL", isRetryable: false, requestId: "my-request-1" },
        },
      ],
    });
    expect(JSON.stringify(answer)).not.toMatch(/identity|secret|serviceName|people|stack/);
    expect(response.headers.get("x-request-id")).toBe("my-request-1");
  });

  test("from the error registry are passed on with their extensions, without the subgraph's name or address", async () => {
    const answer = await weft.run('{ greeting(name: "down") }');
    expect(answer.errors).toEqual([
      {
        message: expect.any(String) as string,
        path: ["greeting"],
        extensions: { code: "SERVICE_UNAVAILABLE", isRetryable: true, service: "database", requestId: expect.any(String) as string },
      },
    ]);
  });

  test("a request ID that is not suitable for a log line is replaced", async () => {
    for (const id of ["short", "x".repeat(200), "with space and more", "a;b=c<script>"]) {
      expect((await weft.post({ query: "{ greeting }" }, { "x-request-id": id })).headers.get("x-request-id")).not.toBe(id);
    }
  });

  test("a slow field fails at the deadline, with the name of its subgraph", { tags: "slow" }, async () => {
    const { token } = await weft.person();
    const started = performance.now();
    const answer = await weft.run("{ me { name } requests { edges { node { slowly(ms: 5000) } } } }", { token });
    expect(performance.now() - started).toBeLessThan(4_500);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "SERVICE_UNAVAILABLE", service: "requests" });
    expect(answer.data).toBeNull();
  });
});

describe("browsers", () => {
  const from = (origin: string) => weft.post({ query: "{ greeting }" }, { origin });
  test("pages of our own and of configured origins can call, others cannot", async () => {
    expect((await from("https://app.example.com")).headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect((await from(weft.url)).status).toBe(200);
    expect((await from("https://studio.apollographql.com")).status).toBe(200);
    expect((await from("http://localhost:5173")).headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    for (const origin of [
      "null",
      "https://app.example.com.evil.example",
      "https://evil-app.example.com",
      "http://app.example.com",
      "https://app.example.com:8443",
      "file://",
    ]) {
      const response = await from(origin);
      expect([origin, response.status, response.headers.get("access-control-allow-origin")]).toEqual([origin, 403, null]);
    }
  });

  test("the preflight requests of Apollo Client, urql and Relay succeed, including those for queries by GET", async () => {
    for (const method of ["GET", "POST"]) {
      const asked = "authorization,content-type,apollo-require-preflight,x-apollo-operation-name,traceparent";
      const { status, headers } = await raw({
        method: "OPTIONS",
        headers: { origin: "http://127.0.0.1:8081", "access-control-request-method": method, "access-control-request-headers": asked },
      });
      expect([status, headers.get("access-control-allow-origin")]).toEqual([204, "http://127.0.0.1:8081"]);
      expect(headers.get("access-control-allow-methods")).toContain(method);
      const allowed = headers.get("access-control-allow-headers")?.split(/, */) ?? [];
      expect(asked.split(",").filter((name) => !allowed.includes(name))).toEqual([]);
    }
  });

  test("every response forbids sniffing, framing and content from other sites", async () => {
    for (const path of ["/", "/graphql", "/health/live", "/nothing"]) {
      const { headers } = await raw({ path });
      expect([path, headers.get("x-content-type-options"), headers.get("x-frame-options")]).toEqual([path, "nosniff", "DENY"]);
      const policy = headers.get("content-security-policy")?.split("; ") ?? [];
      expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]));
    }
  });

  test("the explorer uses no other sites, no inline script without the response's nonce, and no example can end its script", async () => {
    const response = await raw({ path: "/explorer" });
    const html = await response.text();
    const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "";
    expect(nonce.length).toBeGreaterThan(20);
    expect([...html.matchAll(/<script(?! nonce="([^"]+)")/g)]).toEqual([]);
    expect(html).not.toMatch(/(?:src|href)="https?:\/\/(?!studio\.apollographql\.com\/sandbox)/);
    expect(html).not.toContain("alert(1)</script>");
    expect((await raw({ path: "/explorer/static/ruru.js" })).headers.get("content-type")).toContain("javascript");
    expect((await raw({ path: "/explorer/static/../../package.json" })).status).toBe(404);
    expect((await (await raw({ path: "/explorer" })).text()).includes(nonce)).toBe(false);
  });
});

describe("the landing page", () => {
  test("shows every demo login, and runs only its own script and style sheet, by their hashes", async () => {
    const response = await raw({ path: "/" });
    const html = await response.text();
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const { email, password } of demoLogins)
      expect(html).toContain(`data-opens="explorer" data-login="${email}" data-password="${password}"`);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).not.toContain("unsafe");
    for (const element of ["script", "style"]) {
      const texts = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"))].map(([, text = ""]) => text);
      expect(texts).toHaveLength(1);
      for (const text of texts) expect(policy).toContain(`${element}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
    }
    expect(html).not.toMatch(/ on[a-z]+=| style=|(?:src|href)="https?:\/\/(?!studio\.apollographql\.com\/sandbox)/);
  });

  test("links to pages that exist", async () => {
    const html = await (await raw({ path: "/" })).text();
    const paths = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path);
    expect(paths).toEqual(["/explorer", "/docs/api", "/schema.graphql", "/health/ready"]);
    for (const path of paths) expect([path, (await raw({ path: path ?? "" })).status]).toEqual([path, 200]);
  });

  test("the schema download is the API schema, without fields that only subgraphs see", async () => {
    const sdl = await (await raw({ path: "/schema.graphql" })).text();
    expect(buildSchema(sdl).getQueryType()?.getFields()).toHaveProperty("greeting");
    expect(sdl).not.toMatch(/_entities|_service|join__/);
  });
});

describe("the connection", () => {
  /** Returns the server's response to raw bytes, until it closes the connection. */
  async function bytes(text: string): Promise<string> {
    const { port, hostname } = new URL(weft.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (chunk) => (answer += String(chunk)));
    socket.on("error", () => undefined);
    socket.write(text);
    await once(socket, "close");
    return answer;
  }

  test("a header of 100 KB is refused", async () => {
    expect(await bytes(`GET /health/live HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
  });

  test("a request with two lengths is refused", async () => {
    expect(
      await bytes(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
      ),
    ).toMatch(/^HTTP\/1.1 400/);
  });

  test("TRACE is refused, and nothing of the request is repeated", async () => {
    const answer = await bytes(
      "TRACE /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer confidential\r\nconnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 40[45]/);
    expect(answer).not.toContain("confidential");
  });

  test("forwarding headers of a peer that is not a trusted proxy are ignored", async () => {
    const answer = await answerOf(
      await weft.post({ query: "{ whoAmI }" }, { "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" }),
    );
    expect(answer.data).toMatchObject({ whoAmI: { address: "127.0.0.1" } });
  });
});

test("a demo's health lists its parts, and metrics for Prometheus are available on the same port", async () => {
  expect(await (await raw({ path: "/health/live" })).json()).toEqual({ status: "alive" });
  await weft.pubsub.publish("heads", "[]");
  const ready = (await (await raw({ path: "/health/ready" })).json()) as { status: string; parts: Record<string, { isHealthy: boolean }> };
  expect(ready.status).toBe("healthy");
  expect(Object.keys(ready.parts)).toEqual(["database", "file storage", "pubsub", "relay", "subgraph people", "subgraph requests"]);
  expect(await (await raw({ path: "/metrics" })).text()).toContain('weft_operation_duration_seconds_count{transport="http",code="OK"}');
});

test("metrics count executions by executor: the first one of an operation is Apollo's, and the others are compiled", async () => {
  const executions = async () => {
    const text = await (await raw({ path: "/metrics" })).text();
    return ["apollo", "compiled"].map((by) =>
      Number(new RegExp(`^weft_operations_executed_total\\{executor="${by}"\\} (\\d+)$`, "m").exec(text)?.[1]),
    );
  };
  const [apollo = NaN, compiled = NaN] = await executions();
  for (let times = 0; times < 3; times++) await weft.run("query CountedByExecutor { greeting }");
  expect(await executions()).toEqual([apollo + 1, compiled + 2]);
});

test("the public keys of the audit trail are published apart from those of access tokens, and nothing of their private keys", async () => {
  const { keys } = (await (await raw({ path: "/.well-known/audit-keys.json" })).json()) as { keys: Record<string, unknown>[] };
  const { kid, privateJwk } = weft.keys.checkpoint;
  expect(keys).toEqual([{ kty: "OKP", crv: "Ed25519", x: privateJwk.x, kid, alg: "EdDSA" }]);
});

test("the public keys of access tokens are published, and nothing of their private keys", async () => {
  const { keys } = (await (await raw({ path: "/.well-known/jwks.json" })).json()) as { keys: Record<string, unknown>[] };
  expect(keys).toEqual([
    { kty: "OKP", crv: "Ed25519", x: weft.keys.access.privateJwk.x, kid: weft.keys.access.kid, alg: "EdDSA", use: "sig" },
  ]);
});
