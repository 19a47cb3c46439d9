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
  for (let sent = 0; sent < 5; sent++) void channel.sendShared(channel.headOf("x"), long);
  expect([codes, closed()]).toEqual([[closeCodes.tooSlow.code], 1]);
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
