import type { ServerResponse } from "node:http";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let server: HttpServer;
let owner: postgres.Sql;
const waiting: ServerResponse[] = [];

beforeAll(async () => {
  server = await serveHttp((_request, response) => void waiting.push(response));
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await server.close();
});

test("a worker that stops lets calls in progress end", { tags: "slow" }, async () => {
  const { admin } = await weft.tenant();
  const { createIntegration } = await admin.run<{ createIntegration: { integration: { id: string } } }>(
    "mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }",
    {
      input: {
        key: "crm",
        name: "CRM",
        connector: "HTTP",
        configuration: { baseUrl: server.url },
        credentials: { type: "NONE" },
      },
    },
  );
  await admin.run("mutation ($input: CallIntegrationInput!) { callIntegration(input: $input) { call { id } } }", {
    input: { integrationId: createIntegration.integration.id, action: "request", input: { method: "POST" } },
  });
  await until(() => waiting.length === 1, { what: "the call is sent", deadlineMs: 20_000 });
  const stopping = weft.weft.worker.stop();
  // Longer than the grace period of senders in general.
  setTimeout(() => waiting[0]?.end("done"), 4_000);
  await stopping;
  expect(await owner`select status, attempts, error from events.integration_calls`).toEqual([
    expect.objectContaining({ status: "DONE", attempts: 1, error: null }),
  ]);
});
