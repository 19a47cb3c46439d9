import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { TestUser } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { until } from "@weft/testkit/until";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const password = "a quiet river 42";
const received: { payload: { data: { building: { code: string } } } }[] = [];
let installation: Installation | undefined;
let receiver: HttpServer;

beforeAll(async () => {
  receiver = await serveHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push((JSON.parse(Buffer.concat(chunks).toString("utf8")) as { data: (typeof received)[number] }).data);
      response.writeHead(204).end();
    });
  });
  installation = await startInstallation({ gateways: 2, settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const admin = { email: "admin@acme.example", username: "admin", name: "Ada", password };
    await createTenantWithBuiltInRoles(services, { slug: "acme", name: "Acme", plan: "ENTERPRISE", admin });
  } finally {
    await closeServices(services);
  }
}, 300_000);

afterAll(async () => {
  await installation?.stop();
  await receiver.close();
}, 120_000);

test("the worker sends payloads that several gateways have built", async () => {
  const admin = await TestUser.login(installation?.gateways[0]?.url ?? "", "admin@acme.example", password);
  await admin.run("mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }", {
    input: {
      name: "Hook",
      url: receiver.url,
      eventTypes: ["building.created"],
      payload: { query: "query ($subjectId: ID!) { building(id: $subjectId) { code } }" },
    },
  });
  const codes = Array.from({ length: 10 }, (_, at) => `D${at}`);
  for (const code of codes)
    await admin.run("mutation ($code: String!) { createBuilding(input: { code: $code, name: $code }) { building { id } } }", { code });
  const receivedCodes = () => [...new Set(received.map(({ payload }) => payload.data.building.code))].toSorted();
  await until(() => receivedCodes().length >= codes.length, { what: "ten payloads", deadlineMs: 40_000 });
  expect(receivedCodes()).toEqual(codes);
});
