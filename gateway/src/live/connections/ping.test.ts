import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Pings } from "./ping.js";

let server: WebSocketServer;
let pings: Pings;
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  pings = new Pings(50);
  server.on("connection", (socket, request) => socket.once("close", pings.add(socket, request.socket)));
  await once(server, "listening");
});
afterAll(() => {
  pings.stop();
  server.close();
});

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

test("every client is pinged, each with the content of its group, which is different for every ping", { tags: "slow" }, async () => {
  // Four groups.
  const slow = new Pings(400);
  const groups = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  groups.on("connection", (socket, request) => socket.once("close", slow.add(socket, request.socket)));
  await once(groups, "listening");
  const pinged = Array.from({ length: 20 }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${(groups.address() as AddressInfo).port}`);
    const contents: string[] = [];
    socket.on("ping", (content) => contents.push(content.toString("hex")));
    return { socket, contents };
  });
  await until(() => pinged.every(({ contents }) => contents.length >= 2), { what: "every client was pinged twice" });
  for (const { contents } of pinged) expect(new Set(contents).size).toBe(contents.length);
  expect(new Set(pinged.map(({ contents }) => contents[0])).size).toBeLessThan(pinged.length);
  expect(pinged.every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
  for (const { socket } of pinged) socket.close();
  slow.stop();
  groups.close();
});
