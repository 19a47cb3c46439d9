import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "@weft/testkit/until";
import { expect, onTestFinished, test } from "vitest";
import { UnsentAnswers } from "../../http/unsent-answers.js";
import { closeCodes } from "../connections/close-codes.js";
import { SharedText } from "../connections/shared-text.js";
import { distinctEvents, singleEvents } from "./event-stream.js";
import { StreamChannel } from "./stream-channel.js";

const long = new SharedText(Buffer.from(JSON.stringify("x".repeat(256 * 1024))));

/** A channel whose response a client gets, and the client, which reads only when it is resumed. */
async function openChannel({ encoding = distinctEvents, maxUnsent = 1e9 } = {}) {
  const codes: number[] = [];
  let closed = 0;
  const unsent = new UnsentAnswers(maxUnsent);
  const channel = new StreamChannel({ encoding, account: "a", unsent, onClosing: (code) => codes.push(code), onClosed: () => closed++ });
  const responses = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => responses.resolve(response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const client: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let text = "";
  client.on("data", (data) => (text += data.toString())).on("error", () => undefined);
  client.pause();
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return { channel, codes, client, unsent, response: await responses.promise, closed: () => closed, text: () => text };
}

test("a client that does not read is not sent more than the limit: its stream ends with 4508", async () => {
  const { channel, codes, response, closed } = await openChannel();
  channel.open(response);
  let sent = 0;
  for (; codes.length === 0 && sent < 1_000; sent++) void channel.sendShared(channel.headOf(""), long);
  expect(codes).toEqual([closeCodes.tooSlow.code]);
  expect(sent * 256).toBeLessThan(20_000);
  const { writableLength } = response;
  void channel.sendShared(channel.headOf(""), long);
  expect(response.writableLength).toBe(writableLength);
  await until(() => closed() === 1, { what: "it is cut off", deadlineMs: 10_000 });
});

test("the next event of a client that is behind waits until the last one was handed to the network", async () => {
  const { channel, client, response, codes } = await openChannel();
  channel.open(response);
  // As long as the network takes everything, nothing waits for long.
  let isDone = true;
  for (let sent = 0; isDone && sent < 100; sent++) {
    isDone = false;
    void channel.sendShared(channel.headOf(""), long)?.then(() => (isDone = true));
    await delay(50);
  }
  expect(isDone).toBe(false);
  client.resume();
  await until(() => isDone, { what: "it was handed on" });
  expect(codes).toEqual([]);
});

test("all slow clients of a tenant together have a limit", async () => {
  const { channel, codes, response, unsent } = await openChannel({ maxUnsent: 300_000 });
  channel.belongsTo("tenant");
  channel.open(response);
  expect(unsent.begin("tenant", 200_000)).toBeDefined();
  void channel.sendShared(channel.headOf(""), long);
  expect(codes).toEqual([closeCodes.tooSlow.code]);
});

test("what waits for a reserved stream is limited, too", async () => {
  const { channel, codes, closed } = await openChannel({ encoding: singleEvents });
  void channel.sendShared(channel.headOf("x"), long);
  expect(codes).toEqual([]);
  void channel.sendShared(channel.headOf("x"), long);
  expect([codes, closed()]).toEqual([[closeCodes.tooSlow.code], 1]);
});

test("what waits for a reserved stream is charged to the tenant and holds back the next event, until it was sent", async () => {
  const { channel, client, response, unsent, text } = await openChannel({ encoding: singleEvents, maxUnsent: 300_000 });
  channel.belongsTo("tenant");
  let isDone = false;
  void channel.sendShared(channel.headOf("x"), long)?.then(() => (isDone = true));
  await delay(20);
  expect([isDone, unsent.begin("tenant", 200_000)]).toEqual([false, undefined]);
  client.resume();
  channel.open(response);
  await until(() => isDone, { what: "it was handed on" });
  expect(unsent.begin("tenant", 200_000)).toBeDefined();
  await until(() => text().includes("event: next"), { what: "it was received" });
});

test("what waits for a reserved stream that ends is no longer charged", async () => {
  const { channel, unsent } = await openChannel({ encoding: singleEvents, maxUnsent: 300_000 });
  channel.belongsTo("tenant");
  const waiting = channel.sendShared(channel.headOf("x"), long);
  channel.gone();
  await waiting;
  expect(unsent.begin("tenant", 200_000)).toBeDefined();
});

test("a client that is not sent two heartbeats in a row is cut off with 4508", async () => {
  const { channel, codes, response, closed } = await openChannel();
  channel.open(response);
  while (response.writableLength === 0) {
    void channel.sendShared(channel.headOf(""), long);
    await delay(5);
  }
  const before = response.writableLength;
  channel.heartbeat();
  const written = response.writableLength;
  expect(written).toBeGreaterThan(before);
  channel.heartbeat();
  expect([response.writableLength, codes, closed()]).toEqual([written, [], 0]);
  channel.heartbeat();
  expect([response.destroyed, codes, closed()]).toEqual([true, [closeCodes.tooSlow.code], 1]);
});

test("a client that reads gets every heartbeat", async () => {
  const { channel, client, response, text, codes } = await openChannel();
  client.resume();
  channel.open(response);
  for (let beats = 2; beats < 8; beats++) {
    channel.heartbeat();
    await until(() => text().match(/:\n\n/g)?.length === beats, { what: `it got ${beats} comments` });
  }
  expect(codes).toEqual([]);
});

test("a response whose client has gone is not written to, and the stream ends", async () => {
  const { channel, client, response, closed } = await openChannel();
  client.resetAndDestroy();
  await until(() => response.destroyed, { what: "the client has gone" });
  channel.open(response);
  expect([response.headersSent, channel.isClosing, closed()]).toEqual([false, true, 1]);
});

test("a heartbeat of a stream that has got every event has the ID to resume after", async () => {
  const { channel, client, response, text } = await openChannel();
  let cursor: string | null = "later";
  client.resume();
  channel.open(response);
  channel.followed("", "start", () => cursor);
  await until(() => text().includes("id: start\n\n"), { what: "it has the first ID" });
  channel.heartbeat();
  await until(() => text().includes(":\n\nid: later\n\n"), { what: "it has the second ID" });
  cursor = null;
  channel.heartbeat();
  await until(() => text().match(/:\n\n/g)?.length === 3, { what: "there is another heartbeat" });
  expect(text().match(/id: /g)).toHaveLength(2);
});

test("an operation that was stopped neither ends nor loses another one that has its ID now", async () => {
  const { channel, client, response, text } = await openChannel({ encoding: singleEvents });
  client.resume();
  channel.open(response);
  const ends: string[] = [];
  const old = channel.begin("x");
  channel.stop("x");
  const next = channel.begin("x");
  expect([old?.isStopped, next?.isStopped, channel.begin("x")]).toEqual([true, false, undefined]);
  next?.yields({ return: async () => void ends.push("next") });
  old?.yields({ return: async () => void ends.push("old") });
  expect(ends).toEqual(["old"]);
  if (old) channel.complete(old);
  if (old) await channel.sendResult(old, { data: null });
  channel.heartbeat();
  await until(() => text().match(/:\n\n/g)?.length === 2, { what: "the heartbeat has come" });
  expect(text()).not.toContain("event:");
  channel.gone();
  expect(ends).toEqual(["old", "next"]);
});

test("a heartbeat is a comment, and none follows the end", async () => {
  const { channel, client, response, text } = await openChannel();
  client.resume();
  channel.open(response);
  channel.heartbeat();
  channel.closeFor(closeCodes.restart);
  channel.heartbeat();
  await until(() => text().includes("\r\n0\r\n"), { what: "it has ended" });
  const body = text().slice(text().indexOf("\r\n\r\n"));
  expect(body.match(/:\n\n/g)).toHaveLength(2);
  expect(body).not.toContain("event:");
});
