import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outboundClient } from "@weft/platform/outbound";
import { startS3Server, type S3Server } from "@weft/testkit/files/s3-server";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConnectorContext, type ConnectorTrigger, findConnector, type PollCursor, type PollResult } from "../index.js";

let folder: string;
let server: S3Server;
let context: ConnectorContext;
const policy = { allowed: ["127.0.0.1", "localhost"] };
const outbound = outboundClient(policy);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-s3-"));
  server = await startS3Server(folder);
  const { endpoint, region, bucket, credentials } = server;
  context = {
    configuration: { endpoint, region, bucket },
    credentials,
    outbound,
    policy,
    callId: "poll_1",
    signal: new AbortController().signal,
    timeoutMs: 20_000,
  };
});
afterAll(async () => {
  await outbound.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function trigger(): ConnectorTrigger {
  const found = findConnector("S3")
    ?.triggersOf()
    .find(({ key }) => key === "newObjects");
  if (!found) throw new Error("There is no trigger.");
  return found;
}

const poll = (cursor: PollCursor, input: Record<string, unknown>): Promise<PollResult> => {
  expect(trigger().problemsOf(input)).toEqual([]);
  return trigger().poll(context, input, cursor);
};
const idsOf = ({ items }: PollResult): string[] => items.map(({ id }) => id);

async function put(...keys: string[]): Promise<void> {
  const action = findConnector("S3")
    ?.actionsOf(context.configuration)
    .find(({ key }) => key === "put");
  for (const key of keys) await action?.run(context, { key, body: "Hello" });
}

test("returns objects that were written since the start, once", async () => {
  await put("once/2026-03-01.csv", "other/2026-03-09.csv");
  const input = { prefix: "once/" };
  const start = await trigger().start(context, input);
  expect(start).toEqual({ after: "once/2026-03-01.csv" });
  expect(await poll(start, input)).toEqual({ items: [], cursor: start, hasMore: false });
  await put("once/2026-03-02.csv", "once/2026-03-03.csv");
  const polled = await poll(start, input);
  expect(polled.items[0]).toEqual({
    id: "once/2026-03-02.csv",
    data: { key: "once/2026-03-02.csv", size: 5, modifiedAt: expect.any(String) as unknown, etag: expect.any(String) as unknown },
  });
  expect(idsOf(polled)).toEqual(["once/2026-03-02.csv", "once/2026-03-03.csv"]);
  expect(idsOf(await poll(polled.cursor, input))).toEqual([]);
});

test("starts before all objects if there are none, and after a given key", async () => {
  expect(await trigger().start(context, { prefix: "none/" })).toBeNull();
  await put("after/a", "after/b", "after/c");
  expect(idsOf(await poll(null, { prefix: "after/" }))).toEqual(["after/a", "after/b", "after/c"]);
  expect(idsOf(await poll(null, { prefix: "after/", startAfter: "after/b" }))).toEqual(["after/c"]);
  expect(await trigger().start(context, { prefix: "after/", startAfter: "after/zz" })).toEqual({ after: "after/zz" });
});

test("returns many objects in several polls, and starts after the last of them", async () => {
  const keys = Array.from({ length: 1_120 }, (_, index) => `many/${String(index).padStart(4, "0")}${"x".repeat(900)}`);
  const large = await listServer(keys);
  try {
    const of = { ...context, configuration: { ...(context.configuration as object), endpoint: large.url } };
    const input = { prefix: "many/" };
    const first = await trigger().poll(of, input, null);
    expect([first.items.length, first.hasMore]).toEqual([100, true]);
    const second = await trigger().poll(of, input, first.cursor);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(keys.slice(0, 200));
    expect(await trigger().start(of, input)).toEqual({ after: keys.at(-1) });
  } finally {
    await large.close();
  }
});

/** A server that only lists keys. The server of the other tests cannot list a part of them: it encrypts its tokens with DES, which Node.js lacks. */
const listServer = (keys: readonly string[]): Promise<HttpServer> =>
  serveHttp((request, response) => {
    const query = new URL(request.url ?? "", "http://localhost").searchParams;
    const [after, most] = [query.get("start-after") ?? "", Number(query.get("max-keys"))];
    const found = keys.filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after);
    const contents = found
      .slice(0, most)
      .map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`)
      .join("");
    response
      .writeHead(200, { "content-type": "application/xml" })
      .end(`<ListBucketResult><IsTruncated>${found.length > most}</IsTruncated>${contents}</ListBucketResult>`);
  });

test("refuses credentials that the server refuses", async () => {
  const wrong = { ...context, credentials: { accessKeyId: "no", secretAccessKey: "no" } };
  await expect(trigger().start(wrong, {})).rejects.toMatchObject({ kind: "PERMANENT" });
});
