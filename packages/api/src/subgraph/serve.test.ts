import { setTimeout } from "node:timers/promises";
import { Counter, Registry } from "prom-client";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../context/context.js";
import { Allow } from "../rules/allow.js";
import { anyone, authenticated } from "../rules/rules.js";
import { aCall, aViewer } from "@weft/shared/testing";
import { servicesWithoutDatabase } from "@weft/platform/testing";
import { defineSubgraph } from "./define-subgraph.js";
import { serveSubgraph } from "./serve.js";
import type { ServedSubgraph } from "./serve.js";
import { gatewayHeader, signCall } from "./signed-call.js";

@Resolver()
class EchoResolver {
  @Query(() => String)
  @Allow(anyone)
  echo(@Arg("text", () => String) text: string, @Ctx() { requestId }: Context): string {
    if (text === "crash") throw new Error("secret of the database");
    return `${requestId}: ${text}`;
  }

  /** Computes until it is interrupted. */
  @Query(() => Boolean)
  @Allow(authenticated)
  async compute(@Ctx() { computing }: Context): Promise<boolean> {
    for (;;) await computing.run(() => computed++);
  }

  @Query(() => String)
  @Allow(authenticated)
  whoami(@Ctx() { viewer }: Context): string {
    return viewer.userId;
  }
}

let computed = 0;
const services = servicesWithoutDatabase();
const subgraph = defineSubgraph({ name: "echo", resolvers: [EchoResolver] });
let served: ServedSubgraph;

beforeAll(async () => {
  served = await serveSubgraph(subgraph, services, { port: 0, host: "127.0.0.1" });
});
afterAll(() => served.drain());

const signed = (body: string, viewer = aViewer({})) => signCall(services.keys.internalCall, { ...aCall(viewer), subgraph: "echo", body });
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(served.url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
const query = (text: string) => JSON.stringify({ query: text });

test("metrics are served in the Prometheus format, if there are any", async () => {
  expect((await fetch(new URL("/metrics", served.url))).status).toBe(404);
  const metrics = new Registry();
  new Counter({ name: "weft_echoes_total", help: "Echoes", registers: [metrics] }).inc(3);
  const measured = await serveSubgraph(subgraph, services, { port: 0, host: "127.0.0.1", metrics });
  try {
    const response = await fetch(new URL("/metrics", measured.url));
    expect([response.headers.get("content-type"), await response.text()]).toEqual([
      metrics.contentType,
      expect.stringMatching(/^weft_echoes_total 3$/m),
    ]);
  } finally {
    await measured.drain();
  }
});

test("the gateway's signed calls get the same responses as in-process calls", async () => {
  const viewer = aViewer({});
  for (const text of ['{ echo(text: "hello") whoami }', '{ echo(text: "crash") }', '{ echo(text: "\\u0000") }', "{ nothing }"]) {
    const body = query(text);
    const response = await post(body, { [gatewayHeader]: signed(body, viewer) });
    const inProcess = await subgraph.execute({ services, call: aCall(viewer), query: text });
    const answer = (await response.json()) as { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };
    expect(answer.data, text).toEqual(inProcess.data);
    expect(
      answer.errors?.map((error) => error.extensions.code),
      text,
    ).toEqual(inProcess.errors?.map((error) => error.extensions?.["code"]));
    expect(JSON.stringify(answer)).not.toMatch(/secret|stack/);
  }
});

test("a call without the gateway's signature, or with a used one, gets 401", async () => {
  const body = query("{ _service { sdl } }");
  const header = signed(body);
  expect(await (await post(body, { [gatewayHeader]: header })).json()).toMatchObject({
    data: { _service: { sdl: expect.stringContaining("type Query") as string } },
  });
  const madeUp = { "x-weft-viewer": JSON.stringify(aViewer({})), "x-user-id": "admin" };
  for (const headers of [{}, madeUp, { [gatewayHeader]: header }, { [gatewayHeader]: signed(query("{ __typename }")) }]) {
    const response = await post(body, headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  }
});

test("accepts only POST requests with JSON", async () => {
  expect((await fetch(`${served.url}?query=%7B__typename%7D`)).status).toBe(404);
  expect((await fetch(served.url, { method: "POST", body: "{}", headers: { "content-type": "text/plain" } })).status).toBe(415);
  expect((await post("{", { [gatewayHeader]: signed("{") })).status).toBe(400);
});

test("the liveness check needs no signature", async () => {
  expect(await (await fetch(new URL("/health/live", served.url))).json()).toEqual({ status: "live", subgraph: "echo" });
});

test("the work of a call ends when the gateway closes the connection, and work queued behind it does not start", async () => {
  const body = query("{ compute }");
  const leaving = new AbortController();
  const viewer = aViewer({});
  // More calls than a tenant has slots.
  const calls = Array.from({ length: 20 }, () =>
    fetch(served.url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", [gatewayHeader]: signed(body, viewer) },
      signal: leaving.signal,
    }),
  );
  await expect.poll(() => computed, { timeout: 20_000 }).toBeGreaterThan(10);
  leaving.abort();
  await Promise.allSettled(calls);
  const isStill = async (): Promise<boolean> => {
    const before = computed;
    await setTimeout(100);
    return computed === before;
  };
  await expect.poll(isStill, { timeout: 20_000 }).toBe(true);
});
