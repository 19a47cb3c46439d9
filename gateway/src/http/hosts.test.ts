import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";
import { createHostCheck } from "./hosts.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://app.example.com", WEFT_HOSTS: "api.example.com, *.weft.example" },
  });
});
afterAll(() => weft.stop());

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** `fetch` does not allow callers to set the Host header. */
async function ask(
  host: string,
  { path = "/graphql", headers = {}, body }: { path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const sent = request(`${weft.url}${path}`, { method: body === undefined ? "GET" : "POST", headers: { ...headers, host } });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream & { statusCode?: number }];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: text };
}

const operation = (host: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(host, { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ query: "{ greeting }" }) });

describe("A61: an operation for a host", () => {
  const port = (): string => new URL(weft.url).port;

  test.each([
    "app.example.com",
    "APP.example.com:8443",
    "api.example.com.",
    "acme.weft.example",
    "10.1.2.3:4000",
    "[::1]:4000",
    "localhost:4000",
  ])("that belongs to the installation is answered: %s", async (host) => expect(await operation(host)).toMatchObject({ status: 200 }));

  test.each([
    "evil.example",
    "app.example.com.evil.example",
    "notweft.example",
    "weft.example",
    "localhost.evil.example",
    "a@10.1.2.3",
    "10.1.2.3.evil.example",
  ])("that is not ours is refused with 421: %s", async (host) => {
    const { status, body } = await operation(host);
    expect([status, JSON.parse(body)]).toMatchObject([421, { errors: [{ extensions: { code: "BAD_REQUEST" } }] }]);
  });

  test("is refused even if the page has the same host name, as an attacker's page does after DNS rebinding", async () => {
    const name = `evil.example:${port()}`;
    const { status, body } = await operation(name, { origin: `http://${name}` });
    expect([status, JSON.parse(body)]).toMatchObject([
      421,
      {
        errors: [
          {
            message:
              'Weft does not serve the host "evil.example". If this is a name of this server, its operator must add it to WEFT_HOSTS.',
          },
        ],
      },
    ]);
  });

  /** Sends exactly these lines over a separate connection. Returns the status of the response. */
  async function sent(lines: readonly string[]): Promise<number> {
    const socket = connect(Number(port()), "127.0.0.1");
    socket.write(`${lines.join("\r\n")}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return Number(answer.toString().split(" ")[1]);
  }

  test("is refused when it names two hosts, or a host that differs from its URL", async () => {
    const [ours, evil] = ["host: app.example.com", "host: evil.example"];
    expect(await sent(["GET /graphql?query={greeting} HTTP/1.1", ours])).toBe(200);
    expect(await sent(["GET /graphql?query={greeting} HTTP/1.1", ours, evil])).toBe(421);
    expect(await sent(["GET /graphql?query={greeting} HTTP/1.1", ours, ours])).toBe(421);
    expect(await sent(["GET http://evil.example/graphql?query={greeting} HTTP/1.1", ours])).toBe(421);
    expect(await sent(["GET http://app.example.com/graphql?query={greeting} HTTP/1.1", ours])).toBe(200);
    const upgrade = [
      "upgrade: websocket",
      "connection: upgrade",
      "sec-websocket-version: 13",
      "sec-websocket-key: MDEyMzQ1Njc4OTAxMjM0NQ==",
    ];
    expect(await sent(["GET /graphql HTTP/1.1", ours, evil, ...upgrade])).toBe(421);
  });

  test("is refused over WebSocket too", async () => {
    const { token } = await weft.person();
    await expect(openLive(weft.url, { token, headers: { host: "evil.example" } })).rejects.toThrow("421");
    (await openLive(weft.url, { token, headers: { host: "api.example.com" } })).close();
  });
});

test("health is answered under any host name, and reveals the installation's parts under none", async () => {
  await weft.pubsub.publish("heads", "[]");
  for (const host of ["10.244.0.7:4000", "gateway.weft.svc.cluster.local", "evil.example"]) {
    expect(await ask(host, { path: "/health/live" })).toEqual({ status: 200, body: '{"status":"alive"}' });
    for (const path of ["/health/ready", "/health"])
      expect(await ask(host, { path })).toEqual({ status: 200, body: '{"status":"healthy"}' });
  }
  expect((await ask("evil.example", { path: "/health/ready/../../graphql" })).status).toBe(421);
});

test("a demo answers for localhost and addresses, but not for an unconfigured name", () => {
  const isAllowed = createHostCheck(loadConfig({}), createLogger({ logLevel: "silent" }));
  for (const host of ["localhost:4000", "weft.localhost", "127.0.0.1", "192.168.1.20:4000", "[fe80::1]"])
    expect([host, isAllowed(host)]).toEqual([host, true]);
  for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", undefined])
    expect([host, isAllowed(host)]).toEqual([host, false]);
});

test("each refused host name is logged once, with the setting that would allow it and the names that are currently allowed", () => {
  const lines: string[] = [];
  const hosts = loadConfig({}, { WEFT_PUBLIC_URL: "https://app.example.com", WEFT_HOSTS: "*.weft.example" });
  const isAllowed = createHostCheck(hosts, createLogger({ logLevel: "warn" }, { write: (line: string) => void lines.push(line) }));
  for (let round = 0; round < 3; round++) isAllowed("weft.internal:4000");
  expect(lines).toEqual([expect.stringMatching(/weft\.internal.*WEFT_HOSTS.*app\.example\.com.*\*\.weft\.example/)]);
  for (let name = 0; name < 1_000; name++) isAllowed(`n${name}.example`);
  expect(lines.length).toBeLessThan(100);
});
