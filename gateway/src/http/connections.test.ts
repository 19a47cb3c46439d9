import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
let behindProxy: TestGateway;
/** Its only connection requests answers, and reads none of them. Closing it takes longest, so it is open during all tests. */
let unread: TestGateway;
beforeAll(async () => {
  const settings = { LIMIT_CONNECTIONS_PER_ADDRESS: 20, LIMIT_CONNECTIONS_PER_USER: 10, WEFT_REQUEST_TIMEOUT_MS: 1_000 };
  weft = await startTestGateway(await cloneDatabase(), { settings });
  behindProxy = await startTestGateway(await cloneDatabase(), { settings: { ...settings, WEFT_TRUSTED_PROXIES: "127.0.0.0/8" } });
  unread = await startTestGateway(await cloneDatabase(), { settings });
  deaf = await connected(unread);
  deaf.write("GET /explorer/static/ruru.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20));
  deaf.pause();
  await until(async () => (await openConnections(unread)) === 1, { what: "it is there" });
});
afterAll(async () => {
  await weft.stop();
  await behindProxy.stop();
  deaf.destroy();
  await unread.stop();
});

let deaf: Socket;
const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

async function connected({ url }: TestGateway): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function open(gateway: TestGateway, first = ""): Promise<Socket> {
  const socket = await connected(gateway);
  opened.push(socket);
  if (first !== "") socket.write(first);
  return socket;
}

/** Requests the health status over this connection. Returns `closed` if the server hangs up instead. */
async function answered(socket: Socket): Promise<"answered" | "closed"> {
  if (socket.destroyed) return "closed";
  const { promise, resolve } = Promise.withResolvers<"answered" | "closed">();
  socket.once("data", () => resolve("answered"));
  socket.once("close", () => resolve("closed"));
  socket.write("GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n");
  return promise;
}

/** Without the connection that asks, which has the same address. */
async function openConnections({ url }: TestGateway): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: "close" } });
  return Number(/^weft_connections (\d+)$/m.exec(await response.text())?.[1]) - 1;
}

describe("A62: a connection", () => {
  test("that sends nothing, or half a header, is closed", { tags: "slow", timeout: 30_000 }, async () => {
    const started = performance.now();
    const silent = await open(weft);
    const half = await open(weft, "POST /graphql HTTP/1.1\r\nhost: loc");
    const body = await open(
      weft,
      "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
    );
    await Promise.all(
      [silent, half, body].map((socket) => {
        socket.resume();
        return once(socket, "close");
      }),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("above the limit of its address is closed at once, and accepted again when others have closed", async () => {
    await until(async () => (await openConnections(weft)) === 0, { what: "earlier connections are gone" });
    const many = await Promise.all(Array.from({ length: 20 }, () => open(weft)));
    expect(await answered(await open(weft))).toBe("closed");
    expect(await answered(many[0] ?? (await open(weft)))).toBe("answered");
    for (const socket of many) socket.destroy();
    await until(async () => (await answered(await open(weft))) === "answered", { what: "there is room again" });
    expect(await (await fetch(`${weft.url}/metrics`)).text()).toMatch(/^weft_connections_refused_total [1-9]/m);
  });

  test("of a user does not count for the address, and those beyond the user's own limit are refused and closed", async () => {
    await until(async () => (await openConnections(weft)) === 0, { what: "earlier connections are gone" });
    const [ada, bob] = [await weft.person(), await weft.person()];
    const query = encodeURIComponent("{ me { name } }");
    /** Returns the status of a request over a new connection, which stays open. */
    const statusFor = async ({ token }: { token: string }): Promise<{ socket: Socket; status: string }> => {
      const socket = await open(weft);
      const { promise, resolve } = Promise.withResolvers<string>();
      socket.once("data", (data) => resolve(String(data).split(" ")[1] ?? ""));
      socket.write(
        `GET /graphql?query=${query} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer ${token}\r\n\r\n`,
      );
      return { socket, status: await promise };
    };
    const statuses: string[] = [];
    // Ten of each are allowed, and as many as an address has in all.
    for (let index = 0; index < 20; index++) statuses.push((await statusFor(index % 2 === 0 ? ada : bob)).status);
    expect(statuses).toEqual(Array.from({ length: 20 }, () => "200"));
    const refused = await statusFor(ada);
    expect(refused.status).toBe("429");
    expect(await answered(await open(weft))).toBe("answered");
    if (!refused.socket.destroyed) await once(refused.socket, "close");
    expect((await statusFor(await weft.person())).status).toBe("200");
  });

  test("from a trusted proxy is not counted: all clients share it", async () => {
    await Promise.all(Array.from({ length: 40 }, () => open(behindProxy)));
    expect(await answered(await open(behindProxy))).toBe("answered");
  });

  test("that does not read its answers is closed", { tags: "slow", timeout: 30_000 }, async () => {
    await until(async () => (await openConnections(unread)) === 0, { what: "it is closed", deadlineMs: 20_000 });
    const page = await (await fetch(`${unread.url}/explorer/static/ruru.js`)).arrayBuffer();
    expect(page.byteLength, "more than the buffers of a connection hold").toBeGreaterThan(500_000);
  });
});
