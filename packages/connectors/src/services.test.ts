import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outboundClient } from "@weft/platform/outbound";
import { startS3Server, type S3Server } from "@weft/testkit/files/s3-server";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectorContext, findConnector } from "./index.js";

const policy = { allowed: ["127.0.0.1", "localhost"] };
const outbound = outboundClient(policy);
afterAll(() => outbound.close());

const contextOf = (configuration: unknown, credentials: unknown): ConnectorContext => ({
  configuration,
  credentials,
  outbound,
  policy,
  callId: "icl_1",
  signal: new AbortController().signal,
  timeoutMs: 20_000,
});

const actionOf = (key: string, action: string, configuration: unknown) => {
  const found = findConnector(key)
    ?.actionsOf(configuration)
    .find((one) => one.key === action);
  if (!found) throw new Error(`${key} has no action ${action}`);
  return found;
};

const run = (key: string, action: string, context: ConnectorContext, input: unknown) =>
  actionOf(key, action, context.configuration).run(context, input);

describe("S3", () => {
  let folder: string;
  let server: S3Server;
  let context: ConnectorContext;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weft-s3-"));
    server = await startS3Server(folder);
    const { endpoint, region, bucket, credentials } = server;
    context = contextOf({ endpoint, region, bucket }, credentials);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("writes, reads and lists objects", async () => {
    await findConnector("S3")?.check(context);
    expect(await run("S3", "put", context, { key: "a/ü b.txt", body: "Hello", contentType: "text/plain" })).toMatchObject({
      key: "a/ü b.txt",
    });
    await run("S3", "put", context, { key: "a/c.bin", body: Buffer.from([0, 255]).toString("base64"), encoding: "BASE64" });
    expect(await run("S3", "get", context, { key: "a/ü b.txt" })).toMatchObject({
      body: "Hello",
      contentType: "text/plain",
      isTruncated: false,
    });
    expect(await run("S3", "get", context, { key: "a/c.bin", encoding: "BASE64" })).toMatchObject({ body: "AP8=" });
    const listed = (await run("S3", "list", context, { prefix: "a/" })) as {
      objects: { key: string; size: number }[];
      hasMore: boolean;
    };
    expect(listed).toMatchObject({
      objects: [
        { key: "a/c.bin", size: 2 },
        { key: "a/ü b.txt", size: 5 },
      ],
      hasMore: false,
    });
  });

  test("says what went wrong", async () => {
    await expect(run("S3", "get", context, { key: "missing" })).rejects.toMatchObject({ kind: "PERMANENT" });
    const wrong = contextOf(context.configuration, { accessKeyId: "no", secretAccessKey: "no" });
    await expect(run("S3", "get", wrong, { key: "missing" })).rejects.toMatchObject({ kind: "PERMANENT" });
    const away = contextOf({ ...(context.configuration as object), endpoint: "http://127.0.0.1:1" }, context.credentials);
    await expect(run("S3", "get", away, { key: "missing" })).rejects.toMatchObject({ kind: "RETRYABLE" });
    const inside = contextOf({ ...(context.configuration as object), endpoint: "https://169.254.169.254" }, context.credentials);
    await expect(run("S3", "get", inside, { key: "missing" })).rejects.toMatchObject({ kind: "FORBIDDEN_DESTINATION" });
    for (const key of ["../a", "a//b", "a/./b", "/a", ""])
      expect(actionOf("S3", "get", context.configuration).problemsOf({ key })).not.toEqual([]);
  });
});

describe("OPENAPI", () => {
  let server: HttpServer;
  let base: string;
  const got: {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
  }[] = [];

  beforeAll(async () => {
    server = await serveHttp(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method, url, headers } = request;
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { "content-type": "application/json" }).end('{"id":1}');
    });
    base = `${server.url}/api`;
  });
  afterAll(async () => {
    await server.close();
  });

  const document = (more = "") => `openapi: 3.0.3
info: { title: Orders, version: "1" }
servers: [{ url: "${base}" }]
paths:
  /orders/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string } }
    get:
      operationId: getOrder
      summary: Reads an order.
      parameters:
        - { name: fields, in: query, schema: { type: string } }
        - { $ref: "#/components/parameters/trace" }
      responses: { "200": { description: ok } }
    put:
      operationId: putOrder
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/order" } } }
      responses: { "200": { description: ok } }
components:
  parameters:
    trace: { name: X-Trace, in: header, schema: { type: string } }
  schemas:
    order: { type: object, properties: { title: { type: string }, parts: { type: array, items: { $ref: "#/components/schemas/order" } } } }
${more}`;
  const credentials = { type: "API_KEY", header: "X-Key", key: "k" };
  const problemsOf = (text: string, more: object = {}) =>
    findConnector("OPENAPI")?.problemsOf({ configuration: { document: text, ...more }, credentials, policy });

  test("turns operations into actions", async () => {
    expect(await problemsOf(document())).toEqual([]);
    const context = contextOf({ document: document() }, credentials);
    const actions = findConnector("OPENAPI")?.actionsOf(context.configuration) ?? [];
    expect(actions.map(({ key, description }) => [key, description])).toEqual([
      ["getOrder", "Reads an order."],
      ["putOrder", "PUT /orders/{id}"],
    ]);
    expect(actions[1]?.input).toMatchObject({
      properties: { id: { type: "string" }, body: { properties: { parts: { items: { properties: { title: { type: "string" } } } } } } },
      required: ["id", "body"],
    });
    expect(await run("OPENAPI", "getOrder", context, { id: "a/../b", fields: "x&y", "X-Trace": "t" })).toMatchObject({
      status: 200,
      body: { id: 1 },
    });
    await run("OPENAPI", "putOrder", context, { id: "7", body: { title: "T" } });
    expect(got).toMatchObject([
      { method: "GET", url: "/api/orders/a%2F..%2Fb?fields=x%26y", headers: { "x-trace": "t", "x-key": "k" } },
      { method: "PUT", url: "/api/orders/7", body: '{"title":"T"}' },
    ]);
    await findConnector("OPENAPI")?.check(context);
  });

  test("a small document whose schemas contain themselves many times is read in a moment", { tags: "slow" }, async () => {
    const properties = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, { $ref: "#/components/schemas/A" }]));
    const text = JSON.stringify({
      openapi: "3.0.3",
      info: { title: "T", version: "1" },
      servers: [{ url: "http://127.0.0.1:9" }],
      paths: {
        "/a": {
          post: {
            operationId: "a",
            requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/A" } } } },
            responses: { 200: { description: "D" } },
          },
        },
      },
      components: { schemas: { A: { type: "object", properties } } },
    });
    expect(
      await findConnector("OPENAPI")?.problemsOf({ configuration: { document: text }, credentials: { type: "NONE" }, policy }),
    ).toEqual([]);
    expect(findConnector("OPENAPI")?.actionsOf({ document: text })).toHaveLength(1);
  });

  test("checks documents and inputs", async () => {
    const broken = async (text: string, more?: object) => (await problemsOf(text, more))?.map(({ path }) => path);
    expect(await broken("a: [")).toEqual(["configuration.document"]);
    expect(await broken("swagger: '2.0'")).toEqual(["configuration.document"]);
    expect(await broken("openapi: 3.0.3\ninfo: {}\npaths: {}")).toEqual(["configuration.document"]);
    expect(await broken(document().replace("#/components/schemas/order", "http://169.254.169.254/x"))).toEqual(["configuration.document"]);
    expect(await broken(document(), { baseUrl: "https://10.0.0.1" })).toEqual(["configuration.baseUrl"]);
    const [get, put] = findConnector("OPENAPI")?.actionsOf({ document: document() }) ?? [];
    expect(get?.problemsOf({ id: "..", other: 1, "X-Trace": "a\r\nb" })).toMatchObject([
      { path: "input.id" },
      { path: "input.other" },
      { path: "input.X-Trace" },
    ]);
    expect(put?.problemsOf({ id: { a: 1 } })).toMatchObject([{ path: "input.id" }, { path: "input.body" }]);
  });
});
