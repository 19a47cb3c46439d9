import { newId } from "@weft/shared/ids";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dueDeliveries } from "./bundle.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** Writes deliveries of one person that have been due since a time. */
async function queued(count: number, since: string): Promise<string> {
  const { tenantId } = await bare.tenant();
  const [userId, id] = [await bare.user(tenantId), newId()];
  await bare.owner`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
    values (${tenantId}, ${id}, ${userId}, ${id}, 'TASK_OPENED', 'T', 'task', ${id}, '{}', now())`;
  await bare.owner`insert into audit.notification_deliveries (tenant_id, id, user_id, notification_id, event_id, kind, channel, due_at, created_at)
    select ${tenantId}, gen_random_uuid(), ${userId}, ${id}, gen_random_uuid(), 'TASK_OPENED', 'EMAIL', ${since}, now() from generate_series(1, ${count}::int)`;
  return tenantId;
}

test("a tenant with thousands of due deliveries does not hide those of others", async () => {
  const busy = await queued(6_000, "2026-01-01T00:00:00Z");
  const quiet = await queued(1, "2026-01-02T00:00:00Z");
  const silent = { debug: () => undefined, info: () => undefined, error: () => undefined };
  const source = dueDeliveries({ databases: bare.databases, pubsub: null as never, log: silent as never });
  const { tenants } = await bare.databases.worker.begin((tx) => source.find(tx, 10), "read");
  expect(tenants).toEqual([busy, quiet]);
});
