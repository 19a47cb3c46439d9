import { errorsOf, everywhere } from "@weft/testkit/live/over-all-transports";
import { liveTransports, type OpenOperation } from "@weft/testkit/live/transports";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { aSecondMs, until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  // After each stream that is cut, `fetch` opens a connection for later, which would hold up the end of the gateway.
  weft = await startTestGateway(await cloneDatabase(), {
    settings: {
      WEFT_REQUEST_TIMEOUT_MS: 1_000,
      DATABASE_STATEMENT_TIMEOUT_MS: 500,
      DATABASE_LOCK_TIMEOUT_MS: 500,
      DATABASE_POOL_SIZE: 10,
      WEFT_DRAIN_TIMEOUT_MS: 500,
    },
  });
});
afterAll(() => weft.stop());

test("A18: an operation that takes too long is refused at the deadline, over every transport", { tags: "slow" }, async () => {
  const { token } = await weft.person();
  const started = performance.now();
  const errors = await errorsOf({ url: weft.url, token, body: { query: "{ requests { edges { node { slowly(ms: 60000) } } } }" } });
  expect(errors).toMatchObject(everywhere({ extensions: { code: "SERVICE_UNAVAILABLE" } }));
  expect(performance.now() - started).toBeLessThan(1_000 + aSecondMs);
});

test("A18: a database query that takes too long is canceled, and none is left, over every transport", async () => {
  const { token } = await weft.person();
  const held = await weft.sql.reserve();
  const waiting = async (): Promise<number> => {
    const [row] = await held<{ n: number }[]>`select count(*)::int as n from pg_locks
      where not granted and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
    return row?.n ?? 0;
  };
  await held`select pg_advisory_lock(4711)`;
  try {
    const errors = errorsOf({ url: weft.url, token, body: { query: "{ locked }" } });
    await until(async () => (await waiting()) > 0, { what: "queries wait" });
    expect(await errors).toMatchObject(everywhere({ extensions: { code: "SERVICE_UNAVAILABLE" } }));
    // The lock is still held: only the cancellation ends them.
    await until(async () => (await waiting()) === 0, { what: "no query waits any more", deadlineMs: aSecondMs });
  } finally {
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  }
});

test(
  "A18: a subscription whose event takes too long is ended, and misses nothing silently, over every transport",
  { tags: "slow" },
  async () => {
    const { token, tenantId } = await weft.person();
    const query = "subscription { requestChanged { cursor request { slowly(ms: 60000) } } }";
    const subscriptions: OpenOperation[] = [];
    for (const open of Object.values(liveTransports)) subscriptions.push(await open({ url: weft.url, token, body: { query } }));
    onTestFinished(() => {
      for (const subscription of subscriptions) subscription.close();
    });
    await weft.emit(tenantId);
    await Promise.all(subscriptions.map((subscription) => subscription.ended(20_000)));
    expect(subscriptions.map(({ closeCode }) => closeCode)).toEqual(subscriptions.map(() => 1013));
  },
);
