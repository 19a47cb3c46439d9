import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fastify, type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitBodyTime } from "./body-time.js";

let app: FastifyInstance;

beforeAll(async () => {
  app = fastify();
  limitBodyTime(app, 200);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.post("/short", async ({ body }) => text(body as NodeJS.ReadableStream & AsyncIterable<Buffer>));
  app.put("/long", { config: { hasLongBody: true } }, async ({ body }) => text(body as NodeJS.ReadableStream & AsyncIterable<Buffer>));
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => app.close());

/** Sends a request with the first half of its body. */
function begin(line: string): Socket {
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(`${line} HTTP/1.1\r\nHost: weft\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n01234`);
  return socket;
}

test("a body that takes too long is cut off with 408, except on a route for uploads", async () => {
  const long = begin("PUT /long");
  const short = begin("POST /short");
  expect(await text(short)).toBe("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
  long.write("56789");
  const answer = await text(long);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain("0123456789");
});

test("a body that arrives in time is not affected, however long its answer takes", async () => {
  const answered = Promise.withResolvers<void>();
  const other = fastify();
  limitBodyTime(other, 50);
  other.post("/", async () => {
    await answered.promise;
    return "late";
  });
  await other.listen({ port: 0, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${(other.server.address() as AddressInfo).port}/`;
  const answer = fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  // Cut off on the same server, so the time of the first body has passed, too.
  const socket = connect((other.server.address() as AddressInfo).port, "127.0.0.1");
  socket.resume();
  socket.write("POST / HTTP/1.1\r\nHost: weft\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{");
  await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
  answered.resolve();
  expect(await (await answer).text()).toBe("late");
  await other.close();
});
