import { once } from "node:events";
import { createServer } from "node:http";
import { until } from "@weft/testkit";
import { listenOnLoopback } from "@weft/testkit/network/listen";
import { beaconTransitions } from "@weft/testkit/tenants/beacon";
import { describe, expect, onTestFinished, test } from "vitest";
import { createWeftClient, ForbiddenError, type WeftError } from "../index.js";

interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Subscribes over HTTP behind a proxy that refuses each request. Returns the times of the requests, and how the subscription ended. */
async function refused({ status, headers, body = "<h1>No</h1>" }: Refusal): Promise<{ times: number[]; ended: Promise<WeftError> }> {
  const times: number[] = [];
  const server = createServer((_request, response) => {
    times.push(performance.now());
    response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  });
  const port = await listenOnLoopback(server);
  const client = createWeftClient({ url: `http://127.0.0.1:${port}`, apiKey: "x", transport: "sse" });
  onTestFinished(async () => {
    client.close();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  const { promise: ended, resolve } = Promise.withResolvers<WeftError>();
  client.subscribe(beaconTransitions, { instanceId: "wfi_1" }, { next: () => {}, error: resolve });
  return { times, ended };
}

describe("a stream that is refused", () => {
  test.each([400, 403, 404, 405, 413])("with the status %i ends the subscription with an error that names it", async (status) => {
    const { times, ended } = await refused({ status });
    expect(await ended).toMatchObject({ code: `HTTP_${status}`, message: `The request was refused (HTTP ${status}).` });
    expect(times).toHaveLength(1);
  });

  test("with an error of Weft ends the subscription with this error", async () => {
    const body = JSON.stringify({ errors: [{ message: "You cannot do that.", extensions: { code: "FORBIDDEN" } }] });
    const { ended } = await refused({ status: 403, headers: { "content-type": "application/json" }, body });
    expect(await ended).toBeInstanceOf(ForbiddenError);
  });

  test.each([429, 502, 503])("with the status %i is tried again", async (status) => {
    const { times } = await refused({ status });
    await until(() => times.length > 2, { what: "there are three attempts" });
  });

  test.each([
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 2_000).toUTCString()],
  ])("is tried again after the Retry-After that is %s", { tags: "slow" }, async (_what, retryAfter) => {
    const { times } = await refused({ status: 503, headers: { "retry-after": retryAfter() } });
    await until(() => times.length > 1, { what: "there are two attempts" });
    // Dates have whole seconds.
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
  });
});
