import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawConnection } from "../testing/raw-request.js";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

/** A path whose encoding is not valid. */
const notValid = "/api/v1/requests/%E0%A4%A";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

test("a path whose encoding is not valid gets a problem from the REST API", async () => {
  const response = await fetch(`${weft.url}/api/v1/requests/%E0%A4%A?first=1`, { headers: { "x-request-id": "of-the-client" } });
  expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json; charset=utf-8"]);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await response.json()).toEqual({
    type: "about:blank",
    title: "Bad request",
    status: 400,
    detail:
      'The path "/api/v1/requests/%E0%A4%A" is not valid. Encode each character of its parts in UTF-8, for example a percent sign as %25.',
    instance: "/api/v1/requests/%E0%A4%A",
    code: "BAD_REQUEST",
    isRetryable: false,
    requestId: "of-the-client",
  });
});

test("a path whose encoding is not valid gets an error of the API elsewhere", async () => {
  const response = await fetch(`${weft.url}/files/%E0%A4%A`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
});

test("a path with a part that is too long gets an error of the API, which shows its beginning only", async () => {
  const response = await fetch(`${weft.url}/files/${"x".repeat(300)}`);
  expect(response.status).toBe(414);
  const { errors } = (await response.json()) as { errors: { message: string; extensions: unknown }[] };
  expect(errors).toMatchObject([{ extensions: { code: "BAD_REQUEST" } }]);
  expect(errors[0]?.message).toContain("longer than 200 characters");
  expect(errors[0]?.message.length).toBeLessThan(200);
});

test("the path of the route that answers them does not exist for clients", async () => {
  const response = await fetch(`${weft.url}/.not-a-valid-path`);
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining("This path does not exist")]);
});

test("requests without a valid path are counted by the metrics", async () => {
  const counted = async (): Promise<number> => {
    const metrics = await (await fetch(`${weft.url}/metrics`)).text();
    return Number(/weft_operation_duration_seconds_count\{transport="rest",code="BAD_REQUEST"\} (\d+)/.exec(metrics)?.[1] ?? 0);
  };
  const before = await counted();
  for (let n = 0; n < 3; n++) await (await fetch(weft.url + notValid)).text();
  expect(await counted()).toBe(before + 3);
});

test("a body that follows a path that is not valid has as little time as others", { tags: "slow" }, async () => {
  const slow = await startTestGateway(await cloneDatabase(), { gateway: () => ({ bodyTimeoutMs: 100 }) });
  try {
    const { socket, text } = rawConnection(slow.url);
    socket.write(`POST ${notValid} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
    await expect.poll(() => socket.destroyed || socket.readableEnded).toBe(true);
    expect(text()).toMatch(/^HTTP\/1\.1 40/);
  } finally {
    await slow.stop();
  }
});

describe("requests without a valid path are limited as others", () => {
  let limited: TestGateway;
  beforeAll(async () => {
    limited = await startTestGateway(await cloneDatabase(), {
      settings: {
        LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 3,
        LIMIT_REFUSALS_PER_SECOND: 2,
        WEFT_TRUSTED_PROXIES: "127.0.0.1",
        WEFT_HOSTS: "api.example.com",
      },
    });
  });
  afterAll(() => limited.stop());

  const from = (address: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(limited.url + notValid, { headers: { "x-forwarded-for": address, ...headers } });

  test("those of an address without a login are counted, behind a proxy too, and the answer says when to try again", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await from("192.0.2.1")).status);
    expect(statuses).toEqual([400, 400, 400, 429]);
    const refused = await from("192.0.2.1");
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await refused.json()).toMatchObject({ code: "RATE_LIMITED", instance: notValid });
    expect((await from("192.0.2.2")).status).toBe(400);
  });

  test("those with a valid token are not counted for the address", async () => {
    const { token } = await limited.person();
    for (let n = 0; n < 5; n++) expect((await from("192.0.2.3", { authorization: `Bearer ${token}` })).status).toBe(400);
  });

  test("a flood of them is slowed down", { tags: "slow" }, async () => {
    const began = performance.now();
    for (let n = 0; n < 6; n++) await from("192.0.2.4");
    // Two are due each second, and those of one second are sent without delay.
    expect(performance.now() - began).toBeGreaterThan(1_000);
  });

  test("those for another host are refused", async () => {
    const { socket, text } = rawConnection(limited.url);
    socket.write(`GET ${notValid} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-For: 192.0.2.5\r\n\r\n`);
    await expect.poll(text).toContain("evil.example");
    expect(text()).toMatch(/^HTTP\/1\.1 421 /);
    const other = rawConnection(limited.url);
    other.socket.write(`GET http://evil.example${notValid} HTTP/1.1\r\nHost: api.example.com\r\nX-Forwarded-For: 192.0.2.5\r\n\r\n`);
    await expect.poll(other.text).toMatch(/^HTTP\/1\.1 421 /);
  });
});
