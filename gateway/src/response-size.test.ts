import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestGateway } from "./testing/start-gateway.js";

const maxResponseBytes = 2_000;
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => Promise.resolve({ maxResponseBytes }) });
});
afterAll(() => weft.stop());

const query = "query ($data: JSON) { echo(data: $data) }";
// Fewer characters than the limit, but more bytes.
const large = { data: "ü".repeat(1_500) };
const refusal = { code: "QUERY_LIMIT_EXCEEDED", limit: "responseBytes", actual: expect.any(Number) as unknown, max: maxResponseBytes };

test("A18: an answer with too many bytes is refused over HTTP", async () => {
  const response = await weft.post({ query, variables: large });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: refusal }] });
  expect(await weft.run(query, { variables: { data: "ü" } })).toEqual({ data: { echo: "ü" } });
});

test("A18: an answer with too many bytes is refused over WebSocket, for a query and for a subscription", async () => {
  const { tenantId, token } = await weft.person();
  const live = await openLive(weft.url, { token });
  live.send({ id: "1", type: "subscribe", payload: { query, variables: large } });
  expect((await live.message(({ id, type }) => id === "1" && type === "next")).payload).toMatchObject({
    errors: [{ extensions: refusal }],
  });

  const fields = Array.from({ length: 20 }, (_, at) => `${"f".repeat(100)}${at}: change`).join(" ");
  live.send({ id: "2", type: "subscribe", payload: { query: `subscription { requestChanged { ${fields} } }` } });
  live.send({ id: "3", type: "subscribe", payload: { query: "{ greeting }" } });
  await live.message(({ id, type }) => id === "3" && type === "complete");
  await weft.emit(tenantId);
  expect((await live.message(({ id, type }) => id === "2" && type === "next")).payload).toMatchObject({
    errors: [{ extensions: refusal }],
  });
  await live.message(({ id, type }) => id === "2" && type === "complete");
  live.close();
});
