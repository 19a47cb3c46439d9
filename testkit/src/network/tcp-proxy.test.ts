import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.js";
import { until } from "../until.js";

/** Echoes all data and counts the bytes received. */
let echo: Server;
let arrived: number;
let proxy: TcpProxy;
const sockets: Socket[] = [];

beforeEach(async () => {
  arrived = 0;
  echo = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      arrived += bytes.length;
      socket.write(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startTcpProxy({ port: (echo.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  echo.close();
});

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Waits for the close. Unlike with `once`, an error in the meantime does not end the wait. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function roundTripMs(socket: Socket, bytes: Buffer = Buffer.from("ping")): Promise<number> {
  const startedAt = performance.now();
  let back = 0;
  const all = new Promise<void>((resolve, reject) => {
    const count = (chunk: Buffer): void => {
      back += chunk.length;
      if (back < bytes.length) return;
      socket.off("data", count);
      resolve();
    };
    socket.on("data", count);
    socket.once("close", () => reject(new Error("closed")));
  });
  socket.write(bytes);
  await all;
  return performance.now() - startedAt;
}

test("carries bytes and the end of the stream in both directions", async () => {
  const socket = await open();
  await roundTripMs(socket, Buffer.alloc(3_000_000, "x"));
  expect(arrived).toBe(3_000_000);
  socket.end();
  await once(socket, "close");
  await until(() => proxy.connections() === 0, { what: "the proxy let go of the connection" });
});

test("a delay is added to each direction and ends when it is removed", async () => {
  const socket = await open();
  proxy.delay(60);
  expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(119);
  proxy.heal();
  expect(await roundTripMs(socket)).toBeLessThan(60);
});

test("a throttle passes no more than its bytes per second", async () => {
  const socket = await open();
  proxy.throttle(100_000);
  expect(await roundTripMs(socket, Buffer.alloc(20_000))).toBeGreaterThanOrEqual(190);
});

test("a black hole swallows bytes silently and returns them when it is healed", async () => {
  const socket = await open();
  await roundTripMs(socket);
  proxy.blackHole();
  const answer = roundTripMs(socket);
  const later = await open();
  const laterAnswer = roundTripMs(later);
  // A round trip of a byte takes much less time than ten connections.
  for (let i = 0; i < 10; i++) await open();
  expect(arrived).toBe(4);
  proxy.heal();
  await Promise.all([answer, laterAnswer]);
  expect(arrived).toBe(12);
});

test("a cut resets open and new connections until it is healed", async () => {
  const socket = await open();
  await roundTripMs(socket);
  const lost = closing(socket);
  proxy.cut();
  await lost;
  const refused = connect(proxy.port, "127.0.0.1");
  refused.on("error", () => {});
  await closing(refused);
  proxy.heal();
  await roundTripMs(await open());
  expect(arrived).toBe(8);
});

test("a target that refuses connections appears to refuse them through the proxy", async () => {
  echo.close();
  const socket = connect(proxy.port, "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});
