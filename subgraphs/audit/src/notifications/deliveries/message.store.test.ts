import { asTenant, type Database } from "@weft/platform/db";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimMessage, messagesIn } from "./message.store.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("the many emails that wait are not read to find and claim messages of other channels", { tags: "slow" }, async () => {
  const { tenantId } = await bare.tenant();
  const userId = await bare.user(tenantId);
  await bare.owner`with notification as (
      insert into audit.notifications (tenant_id, id, user_id, event_id, kind, subject_type, subject_id, params, title, created_at)
      values (${tenantId}, gen_random_uuid(), ${userId}, gen_random_uuid(), 'RULE', 'building', gen_random_uuid(), '{}', 'T', now()) returning id
    ), delivery as (
      select gen_random_uuid() as id, case n % 10000 when 0 then 'SMS' when 1 then 'CHAT' else 'EMAIL' end as channel from generate_series(1, 20000) n)
    insert into audit.notification_deliveries (tenant_id, id, user_id, notification_id, event_id, kind, channel, destination_id, status, message_id, bundled_at,
        next_attempt_at, created_at)
    select ${tenantId}, d.id, ${userId}, n.id, d.id, 'RULE', d.channel, case when d.channel <> 'EMAIL' then d.id end, 'READY', d.id, now(),
           now() - interval '1 hour' + interval '2 hours' * random(), now()
      from delivery d, notification n`;
  await bare.owner`update audit.notification_deliveries set next_attempt_at = now() - interval '1 second' where channel <> 'EMAIL'`;
  await bare.owner`vacuum analyze audit.notification_deliveries`;
  const { app, worker } = bare.databases;
  for (const queue of [messagesIn("SmsMessages", "SMS"), messagesIn("DestinationMessages", "CHAT", "WEB_PUSH")]) {
    const found = await pagesOf(worker, tenantId, "findTenantsWith", () => worker.begin((tx) => queue.findTenants(tx), "read"));
    const claimed = await pagesOf(app, tenantId, "claim", () => asTenant(app, { tenantId }, "write", (tx) => claimMessage(tx, queue)));
    expect(found).toBeLessThan(20);
    expect(claimed).toBeLessThan(100);
  }
});

/** Returns the pages that a named statement touches when it runs again. */
async function pagesOf(database: Database, tenantId: string, name: string, run: () => Promise<unknown>): Promise<number> {
  let seen: { readonly text: string; readonly params: readonly unknown[] } | undefined;
  database.onStatement = (text, params) => {
    if (text.includes(`/* ${name}`)) seen = { text, params };
  };
  await run();
  database.onStatement = undefined;
  if (!seen) throw new Error(`No statement is named ${name}.`);
  const { text, params } = seen;
  return bare.owner.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
    const [row] = await tx.unsafe<{ "QUERY PLAN": { Plan: Record<string, number> }[] }[]>(
      `explain (analyze, buffers, format json) ${text}`,
      params as never[],
    );
    const plan = row?.["QUERY PLAN"][0]?.Plan;
    return (plan?.["Shared Hit Blocks"] ?? Number.NaN) + (plan?.["Shared Read Blocks"] ?? Number.NaN);
  });
}
