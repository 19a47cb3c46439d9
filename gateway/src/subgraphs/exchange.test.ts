import type { RequestListener } from "node:http";
import { serveHttp } from "@weft/testkit/network/http-server";
import { Pool } from "undici";
import { afterEach, expect, test } from "vitest";
import { BodyTooLarge, type Exchange, exchange } from "./exchange.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Starts a server and returns a pool of one connection to it. */
async function poolOf(listener: RequestListener): Promise<Pool> {
  const server = await serveHttp(listener);
  const pool = new Pool(server.url, { connections: 1 });
  ends.push(
    () => pool.destroy(),
    () => server.close(),
  );
  return pool;
}

const asked = (given: Partial<Exchange> = {}): Exchange => ({
  path: "/",
  headers: {},
  body: "",
  signal: new AbortController().signal,
  timeoutMs: 10_000,
  maxBytes: 1_000_000,
  ...given,
});

test("a response in many pieces is one text, with characters that are split between two pieces", async () => {
  const bytes = Buffer.from("Zoë wünscht 12 €");
  const pool = await poolOf((_request, response) => {
    for (const byte of bytes) response.write(Buffer.of(byte));
    response.end();
  });
  expect(await exchange(pool, asked())).toEqual({ status: 200, text: "Zoë wünscht 12 €" });
});

test("an exchange that ends while it waits for a connection is never sent", async () => {
  const received: (string | undefined)[] = [];
  let answer = (): void => undefined;
  const pool = await poolOf((request, response) => {
    received.push(request.url);
    answer = () => void response.end("{}");
  });
  const first = exchange(pool, asked({ path: "/first" }));
  const ending = new AbortController();
  const second = exchange(pool, asked({ path: "/second", signal: ending.signal }));
  await expect.poll(() => received, { timeout: 20_000 }).toEqual(["/first"]);
  ending.abort(new Error("The client disconnected."));
  await expect(second).rejects.toThrow("The client disconnected.");
  answer();
  expect(await first).toEqual({ status: 200, text: "{}" });
  const third = exchange(pool, asked({ path: "/third" }));
  await expect.poll(() => received, { timeout: 20_000 }).toEqual(["/first", "/third"]);
  answer();
  await third;
});

test("a signal that has already aborted, a late response and a large one each end with their own error", async () => {
  const pool = await poolOf((request, response) => {
    if (request.url === "/large") response.write("x".repeat(5_000));
  });
  await expect(exchange(pool, asked({ signal: AbortSignal.abort(new Error("Too late.")) }))).rejects.toThrow("Too late.");
  await expect(exchange(pool, asked({ timeoutMs: 50 }))).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(exchange(pool, asked({ path: "/large", maxBytes: 1_000 }))).rejects.toBeInstanceOf(BodyTooLarge);
});
