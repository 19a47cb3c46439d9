import { everywhere, transports } from "@weft/testkit/live/over-all-transports";
import { answerOver, liveTransports } from "@weft/testkit/live/transports";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestGateway } from "./testing/start-gateway.js";

const maxResponseBytes = 2_000;
let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_DRAIN_TIMEOUT_MS: 500 },
    gateway: () => Promise.resolve({ maxResponseBytes }),
  });
});
afterAll(() => weft.stop());

const query = "query ($data: JSON) { echo(data: $data) }";
// Fewer characters than the limit, but more bytes.
const large = { data: "ü".repeat(1_500) };
const refusal = { code: "QUERY_LIMIT_EXCEEDED", limit: "responseBytes", actual: expect.any(Number) as unknown, max: maxResponseBytes };

test("A18: an answer with too many bytes is refused with the status 400", async () => {
  const response = await weft.post({ query, variables: large });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: refusal }] });
  expect(await weft.run(query, { variables: { data: "ü" } })).toEqual({ data: { echo: "ü" } });
});

test("A18: an answer with too many bytes is refused over every transport", async () => {
  const { token } = await weft.person();
  const answers = transports.map(
    async (transport) => [transport, await answerOver(transport, { url: weft.url, token, body: { query, variables: large } })] as const,
  );
  expect(Object.fromEntries(await Promise.all(answers))).toEqual(
    everywhere({ errors: [{ message: expect.any(String) as unknown, extensions: expect.objectContaining(refusal) as unknown }] }),
  );
});

test.each(Object.entries(liveTransports))(
  "A18: an event with too many bytes is refused, and ends the subscription, over %s",
  async (_name, open) => {
    const { tenantId, token } = await weft.person();
    const fields = Array.from({ length: 20 }, (_, at) => `${"f".repeat(100)}${at}: change`).join(" ");
    const subscription = await open({ url: weft.url, token, body: { query: `subscription { requestChanged { ${fields} } }` } });
    onTestFinished(() => subscription.close());
    await weft.emit(tenantId);
    expect(await subscription.first()).toMatchObject({ errors: [{ extensions: refusal }] });
    await subscription.ended();
    expect(subscription.results).toHaveLength(1);
  },
);
