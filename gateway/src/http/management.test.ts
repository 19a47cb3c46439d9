import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let production: TestGateway;
let withoutPort: TestGateway;
beforeAll(async () => {
  production = await startTestGateway(await cloneDatabase(), { settings: { WEFT_MODE: "production", WEFT_MANAGEMENT_PORT: 0 } });
  withoutPort = await startTestGateway(await cloneDatabase(), { settings: { WEFT_MODE: "production" } });
});
afterAll(async () => {
  await production.stop();
  await withoutPort.stop();
});

const managementUrl = (): string => production.gateway.managementUrl ?? "no management port";

test("A61: production shows metrics and readiness details only on the management port", async () => {
  await production.pubsub.publish("heads", "[]");
  await production.run("{ greeting }");
  const ready = (await (await fetch(`${managementUrl()}/health/ready`)).json()) as { status: string; parts: object };
  expect(ready.status).toBe("healthy");
  expect(Object.keys(ready.parts)).toEqual(["database", "file storage", "pubsub", "relay", "subgraph people", "subgraph requests"]);
  expect(await (await fetch(`${managementUrl()}/metrics`)).text()).toContain("weft_operation_duration_seconds_count");
  expect((await fetch(`${production.url}/metrics`)).status).toBe(404);
  for (const path of ["/health/ready", "/health"])
    expect(await (await fetch(`${production.url}${path}`)).json()).toEqual({ status: "healthy" });
});

test("the management port has no API, and listens only on the local machine unless configured otherwise", async () => {
  expect(new URL(managementUrl()).hostname).toBe("127.0.0.1");
  const answer = await fetch(`${managementUrl()}/graphql`, {
    method: "POST",
    body: '{"query":"{ greeting }"}',
    headers: { "content-type": "application/json" },
  });
  expect(answer.status).toBe(404);
});

test("production without a management port exposes neither metrics nor the parts of readiness", async () => {
  expect(withoutPort.gateway.managementUrl).toBeUndefined();
  expect((await fetch(`${withoutPort.url}/metrics`)).status).toBe(404);
  expect(Object.keys((await (await fetch(`${withoutPort.url}/health/ready`)).json()) as object)).toEqual(["status"]);
});

test("a management port that is used by another program stops the start and is reported with its setting", async () => {
  const { port } = new URL(managementUrl());
  const start = startTestGateway(await cloneDatabase(), { settings: { WEFT_MANAGEMENT_PORT: port } });
  await expect(start).rejects.toThrow(
    `Another program is listening on 127.0.0.1:${port}. Stop it, or set WEFT_MANAGEMENT_PORT to a free port.`,
  );
});

test("concurrent readiness checks share one check of the database", async () => {
  const begun: string[] = [];
  const { health } = production.services.databases;
  health.onStatement = (text) => begun.push(text);
  await Promise.all(Array.from({ length: 40 }, () => fetch(`${production.url}/health/ready`)));
  health.onStatement = undefined;
  expect(begun.length).toBeGreaterThan(0);
  expect(begun.length).toBeLessThan(40);
});
