import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { until } from "@weft/testkit/until";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { outboundClient, type OutboundRequest } from "./client.js";
import { assertUrlAllowed } from "./url.js";

const nowhere = { allowed: [] };
const servers: HttpServer[] = [];
let answer: RequestListener = (_request, response) => response.end("ok");

afterEach(() => {
  answer = (_request, response) => response.end("ok");
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

async function listen(): Promise<number> {
  const server = await serveHttp((request, response) => answer(request, response));
  servers.push(server);
  return server.port;
}

const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: "GET",
  headers: {},
  timeoutMs: 5_000,
  maxResponseBytes: 1_000,
  ...more,
});

describe("a URL is refused", () => {
  test.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1:8443/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00::1]/",
    "https://168.63.129.16/",
    "https://[::7f00:1]/",
    "https://[::a00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[fec0::1]/",
    "https://[fe80::1]/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST:9000/",
    "https://metadata/",
    "https://①②⑦.0.0.1/",
    "http://example.com/",
    "https://example.com:22/",
    "https://example.com:6379/",
    "https://user:password@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "not a URL",
    `https://example.com/${"a".repeat(2_000)}`,
  ])("when it is saved and when it is called: %s", async (url) => {
    await expect(assertUrlAllowed(nowhere, url, "input.url")).rejects.toMatchObject({
      code: "URL_FORBIDDEN",
      extensions: { problems: [{ path: "input.url" }] },
    });
    const client = outboundClient(nowhere);
    await expect(client.request(get(url))).rejects.toMatchObject({ reason: "FORBIDDEN" });
    await client.close();
  });

  test("if one of its host's addresses is private", async () => {
    const resolve = () => Promise.resolve(["93.184.216.34", "10.0.0.1"]);
    await expect(assertUrlAllowed(nowhere, "https://mixed.example/", "input.url", resolve)).rejects.toMatchObject({
      code: "URL_FORBIDDEN",
    });
  });

  test("if its host gets a private address after it was saved, at the moment of the connection", async () => {
    const port = await listen();
    const addresses = ["93.184.216.34", "127.0.0.1"];
    const resolve = () => Promise.resolve([addresses.shift() ?? ""]);
    const url = `https://rebinding.example:${port}/`;
    await assertUrlAllowed(nowhere, url, "input.url", resolve);
    const client = outboundClient(nowhere, { resolve });
    await expect(client.request(get(url))).rejects.toMatchObject({ reason: "FORBIDDEN" });
    await client.close();
  });
});

test("a host whose name servers do not answer can be saved, because each request checks it again", async () => {
  const resolve = () => Promise.reject(Object.assign(new Error("no answer"), { code: "ETIMEOUT" }));
  await assertUrlAllowed(nowhere, "https://unknown.example/", "input.url", resolve);
  const client = outboundClient(nowhere, { resolve });
  await expect(client.request(get("https://unknown.example/"))).rejects.toMatchObject({ reason: "DNS" });
  await client.close();
});

describe("a destination that the operators allow", () => {
  test("is reached without TLS, by address, by range, and by name, only at the given port", async () => {
    const port = await listen();
    for (const [allowed, url] of [
      [`127.0.0.1:${port}`, `http://127.0.0.1:${port}/`],
      ["127.0.0.0/8", `http://127.0.0.1:${port}/`],
      ["localhost", `http://localhost:${port}/`],
    ] as const) {
      const client = outboundClient({ allowed: [allowed] });
      expect(await client.request(get(url))).toMatchObject({ status: 200, isTruncated: false, address: "127.0.0.1" });
      await client.close();
    }
    const other = outboundClient({ allowed: [`127.0.0.1:${port + 1}`] });
    await expect(other.request(get(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ reason: "FORBIDDEN" });
    await other.close();
  });
});

describe("the client", () => {
  const open = async () => {
    const port = await listen();
    const client = outboundClient({ allowed: ["127.0.0.1"] });
    return { client, url: `http://127.0.0.1:${port}/` };
  };

  test("sends method, headers and body, and does not follow redirects", async () => {
    const { client, url } = await open();
    let seen = "";
    answer = (request, response) => {
      request.on("data", (chunk: Buffer) => (seen += chunk.toString()));
      request.on("end", () => {
        seen += ` ${request.method} ${String(request.headers["x-one"])}`;
        response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
      });
    };
    const response = await client.request(get(url, { method: "POST", body: "hello", headers: { "X-One": "1" } }));
    expect(response).toMatchObject({ status: 302, headers: { location: "http://127.0.0.1:1/" } });
    expect(seen).toBe("hello POST 1");
    await client.close();
  });

  test("passes on the head and the pieces of a response as they arrive", async () => {
    let goOn = (): void => undefined;
    answer = (_request, response) => {
      response.writeHead(201, { "x-kind": "slow" }).write("one");
      goOn = () => response.end("two");
    };
    const url = `http://127.0.0.1:${await listen()}`;
    const seen: string[] = [];
    const response = outboundClient({ allowed: ["127.0.0.1"] }).request(
      get(url, {
        maxResponseBytes: 5,
        onHead: ({ status, headers }) => seen.push(`${status} ${headers["x-kind"]}`),
        onData: (piece) => {
          seen.push(piece.toString());
          goOn();
        },
      }),
    );
    expect(await response).toMatchObject({ status: 201, isTruncated: true });
    expect(seen).toEqual(["201 slow", "one", "tw"]);
  });

  test("reads no more of an endless response than it was told, and ends the connection", async () => {
    const { client, url } = await open();
    let sent = 0;
    const ended = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write("x".repeat(65_536))) sent += 65_536;
        };
        response.on("drain", more).on("close", resolve);
        more();
      };
    });
    const response = await client.request(get(url));
    expect(response).toMatchObject({ status: 200, isTruncated: true });
    expect(response.body).toHaveLength(1_000);
    await ended;
    expect(sent).toBeLessThan(50_000_000);
    await client.close();
  });

  test("gives up a server that never answers, one that sends a byte now and then, and one that is canceled", async () => {
    const { client, url } = await open();
    answer = () => undefined;
    await expect(client.request(get(url, { timeoutMs: 100 }))).rejects.toMatchObject({ reason: "TIMEOUT" });
    answer = (_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    };
    await expect(client.request(get(url, { timeoutMs: 200 }))).rejects.toMatchObject({ reason: "TIMEOUT" });
    answer = () => undefined;
    const cancelled = AbortSignal.timeout(50);
    await expect(client.request(get(url, { signal: cancelled }))).rejects.toMatchObject({ reason: "ABORTED" });
    await client.close();
  });

  test("sends a request at once, however many others of the same origin wait for their answers", async () => {
    const { client, url } = await open();
    const waiting = 24;
    const held: (() => void)[] = [];
    answer = (request, response) => {
      if (request.url === "/quick") return void response.end("quick");
      return void held.push(() => response.end("slow"));
    };
    const slow = Array.from({ length: waiting }, () => client.request(get(`${url}slow`, { timeoutMs: 30_000 })));
    expect((await client.request(get(`${url}quick`))).body.toString()).toBe("quick");
    // None of them waits for a connection.
    await until(() => held.length === waiting, { what: "all were sent" });
    for (const release of held) release();
    expect((await Promise.all(slow)).map(({ body }) => body.toString())).toEqual(Array.from({ length: waiting }, () => "slow"));
    await client.close();
  });

  test("keeps a bounded number of connections", async () => {
    const port = await listen();
    const client = outboundClient({ allowed: ["127.0.0.1"] }, { maxKept: 2 });
    const ended: boolean[] = [];
    answer = (request, response) => void response.end(String(ended.push(request.headers.connection === "close")));
    const held = [1, 2, 3].map(() => client.request(get(`http://127.0.0.1:${port}/`)));
    await Promise.all(held);
    await client.request(get(`http://127.0.0.1:${port}/`));
    expect(ended).toHaveLength(4);
    expect(ended.at(-1)).toBe(true);
    await client.close();
  });

  test("says whether the connection was refused, cut, or is not HTTP", async () => {
    const { client, url } = await open();
    await expect(client.request(get("http://127.0.0.1:1/"))).rejects.toMatchObject({ reason: "CONNECT" });
    answer = (request) => void request.socket.destroy();
    await expect(client.request(get(url))).rejects.toMatchObject({ reason: "PROTOCOL" });
    const odd = createTcpServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-x\r\n")).listen(0, "127.0.0.1");
    await once(odd, "listening");
    await expect(client.request(get(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/`))).rejects.toMatchObject({
      reason: "PROTOCOL",
    });
    odd.close();
    await client.close();
  });
});

test("a refused URL comes with the hint of the installation, such as a demo's own receiver", async () => {
  const hint = "This demo has a receiver at http://127.0.0.1:9/.";
  await expect(assertUrlAllowed({ allowed: [], hint }, "http://127.0.0.1:1/", "input.url")).rejects.toThrow(
    `The URL "http://127.0.0.1:1/" cannot be called: only https:// is allowed. ${hint}`,
  );
});
