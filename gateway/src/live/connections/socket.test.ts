import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket as Stream } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { UnsentAnswers } from "../../http/unsent-answers.js";
import { SharedText } from "./shared-text.js";
import { Socket } from "./socket.js";

/** A server's socket and the client at its other end. */
async function aSocket() {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const opened = once(server, "connection");
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const messages: string[] = [];
  client.on("message", (data: Buffer) => messages.push(data.toString()));
  const [socket, request] = (await opened) as [WebSocket, { socket: Stream }];
  await once(client, "open");
  onTestFinished(() => {
    client.terminate();
    server.close();
    http.close();
  });
  const closes: number[] = [];
  const adapter = new Socket(socket, {
    stream: request.socket,
    account: "a",
    unsent: new UnsentAnswers(4_000_000),
    onClosing: (code) => closes.push(code),
  });
  return { adapter, client, messages, closes, unsentBytes: () => request.socket.writableLength };
}

test.each([0, 100, 125, 126, 127, 1_000, 16_000, 65_530, 65_536, 300_000])(
  "a message whose second part has %i bytes arrives as one text, between the messages of the protocol",
  async (bytes) => {
    const { adapter, client, messages } = await aSocket();
    const tail = Buffer.from("x".repeat(bytes));
    const before = adapter.send("before");
    const sent = adapter.sendShared(Buffer.from("ü"), new SharedText(tail));
    await Promise.all([before, sent, adapter.send("after")]);
    while (messages.length < 3) await once(client, "message");
    expect(messages).toEqual(["before", `ü${tail.toString()}`, "after"]);
  },
);

test("sockets that share a text get it after beginnings of their own, of any length", async () => {
  const [one, other] = [await aSocket(), await aSocket()];
  const text = new SharedText(Buffer.from("-shared"));
  const heads = ["a", "b", "long".repeat(50), "c", "", "x".repeat(70_000), "d"];
  for (const head of heads) {
    void one.adapter.sendShared(Buffer.from(head), text);
    void other.adapter.sendShared(Buffer.from(`${head}!`), text);
  }
  while (one.messages.length < heads.length) await once(one.client, "message");
  while (other.messages.length < heads.length) await once(other.client, "message");
  expect(one.messages).toEqual(heads.map((head) => `${head}-shared`));
  expect(other.messages).toEqual(heads.map((head) => `${head}!-shared`));
});

test("a message that the network did not take keeps its beginning while others are written", async () => {
  const [slow, other] = [await aSocket(), await aSocket()];
  slow.client.pause();
  const sent: string[] = [];
  // Until some whole messages are still with the server.
  while (slow.unsentBytes() < 5_000) {
    const text = new SharedText(Buffer.from("-".repeat(1_000)));
    sent.push(`slow ${sent.length}`.padEnd(20));
    void slow.adapter.sendShared(Buffer.from(sent.at(-1) ?? ""), text);
    void other.adapter.sendShared(Buffer.from("someone else".padEnd(20)), text);
  }
  slow.client.resume();
  while (slow.messages.length < sent.length) await once(slow.client, "message");
  expect(slow.messages.map((message) => message.slice(0, 20))).toEqual(sent);
});

test("a client that does not read is waited for, and closed with 4508 when too much is unread", async () => {
  const { adapter, client, closes } = await aSocket();
  client.pause();
  const text = new SharedText(Buffer.alloc(256 * 1024, "x"));
  for (let n = 0; n < 100 && closes.length === 0; n++) {
    void adapter.sendShared(Buffer.from("h"), text);
    await new Promise(setImmediate);
  }
  expect(closes).toEqual([4508]);
});
