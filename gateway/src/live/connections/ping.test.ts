import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { pingUntilSilent } from "./ping.js";

let server: WebSocketServer;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => socket.once("close", pingUntilSilent(socket, 50)));
  await once(server, "listening");
});
afterAll(() => server.close());

async function client(options: { autoPong?: boolean } = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  await once(socket, "open");
  return socket;
}

test("a client that answers pings stays connected; one that does not is disconnected, even if it sends unsolicited pongs", async () => {
  const [honest, silent, chatty] = [await client(), await client({ autoPong: false }), await client({ autoPong: false })];
  const chatter = setInterval(() => chatty.pong("still here"), 10);
  await Promise.all([once(silent, "close"), once(chatty, "close")]);
  clearInterval(chatter);
  await setTimeout(200);
  expect(honest.readyState).toBe(WebSocket.OPEN);
  honest.close();
});
