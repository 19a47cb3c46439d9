import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { expect, test } from "vitest";
import { rawConnection } from "../testing/raw-request.js";
import { startTestGateway } from "../testing/start-gateway.js";

test.each([
  ["long before the drain", 300],
  ["just before the drain", 0],
])("a connection that was opened %s, and over which nothing was sent, does not delay it", async (_when, ageMs) => {
  const weft = await startTestGateway(await cloneDatabase());
  const { socket } = rawConnection(weft.url);
  await once(socket, "connect");
  // A request whose answer shows that the server has accepted the connection before it.
  await weft.run("{ greeting }");
  await delay(ageMs);
  const began = performance.now();
  await weft.stop();
  // Node.js closes it after `headersTimeout`, ten seconds.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(socket.destroyed).toBe(true);
});

test("a connection over which a request has arrived that was not read yet gets an answer", async () => {
  const weft = await startTestGateway(await cloneDatabase());
  const { socket, text } = rawConnection(weft.url);
  await once(socket, "connect");
  await weft.run("{ greeting }");
  await delay(300);
  // It is in the buffers of the system when the server begins to close, before the event loop reads it.
  socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await weft.stop();
  await expect.poll(text).toMatch(/^HTTP\/1\.1 /);
});
