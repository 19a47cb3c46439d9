import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCleaner } from "../cleaning/cleaner.js";
import { asTenant } from "../db/as-tenant.js";
import { newId } from "@weft/shared/ids";
import { expiredKeys } from "./expired-keys.js";
import { deleteExpiredKeys } from "./expired-keys.store.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const log = { info: () => undefined, error: () => undefined };

/** Inserts keys, one second apart, the newest with an age of this many hours. */
async function keys(tenantId: string, count: number, hours: number): Promise<void> {
  await bare.owner`insert into app.idempotency_keys (tenant_id, user_id, mutation, key, input_hash, result, created_at)
    select ${tenantId}, ${newId()}, 'createRequest', 'k' || n, 'h', '{}', now() - make_interval(hours => ${hours}, secs => n) from generate_series(1, ${count}::int) n`;
}

const left = async (tenantId: string): Promise<number> => {
  const [row] = await bare.owner<{ n: number }[]>`select count(*)::int as n from app.idempotency_keys where tenant_id = ${tenantId}`;
  return row?.n ?? 0;
};

test("deletes keys that are older than the tenant's hours, for every tenant, including suspended ones, and keeps newer keys", async () => {
  const [busy, quiet] = [await bare.tenant(), await bare.tenant()];
  const hoursOf = (tenantId: string) => Promise.resolve(tenantId === quiet.tenantId ? 72 : 48);
  await keys(busy.tenantId, 2_500, 48);
  await keys(busy.tenantId, 7, 47);
  await keys(quiet.tenantId, 3, 100);
  await keys(quiet.tenantId, 2, 70);
  await bare.owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${quiet.tenantId}`;
  const cleaner = startCleaner({ databases: bare.databases, log, chores: [expiredKeys(hoursOf)], firstAfterMs: 0 });
  await until(async () => (await left(busy.tenantId)) === 7 && (await left(quiet.tenantId)) === 2, { what: "the old keys are gone" });
  await cleaner.stop();
  expect(await left(busy.tenantId)).toBe(7);
});

test("a batch takes the oldest keys, at most its limit, and none of another tenant", async () => {
  const [ours, theirs] = [await bare.tenant(), await bare.tenant()];
  for (const { tenantId } of [ours, theirs]) await keys(tenantId, 30, 72);
  const clean = (limit: number) =>
    asTenant(bare.databases.worker, { tenantId: ours.tenantId }, "write", (tx) => deleteExpiredKeys(tx, { hours: 48, limit }));
  expect([await clean(20), await clean(20), await clean(20)]).toEqual([20, 10, 0]);
  expect(await left(theirs.tenantId)).toBe(30);
});

test("a cleaner that has not started stops immediately and deletes nothing", async () => {
  const { tenantId } = await bare.tenant();
  const hoursOf = () => Promise.resolve(48);
  await keys(tenantId, 1, 100);
  await startCleaner({ databases: bare.databases, log, chores: [expiredKeys(hoursOf)] }).stop();
  expect(await left(tenantId)).toBe(1);
});
