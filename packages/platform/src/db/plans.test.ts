import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "./as-tenant.js";
import type { Tx } from "./database.js";
import { arrayOf } from "./named.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("the worker reads a queue by its index, although the queue was empty when it was analyzed", async () => {
  await bare.owner`vacuum analyze events.outbox`;
  const planOf = (tx: Tx) =>
    tx.execute<{ "QUERY PLAN": string }>(sql`explain select tenant_id from events.outbox order by tenant_id limit 1`);
  const plans = await bare.databases.worker.begin(planOf, "read");
  expect(plans.map((row) => row["QUERY PLAN"]).join("\n")).toContain("using outbox_pkey");
});

test("a statement with an array has one plan for all lengths, if the planner does not see the length", async () => {
  const { tenantId } = await bare.tenant();
  const users = (array: ReturnType<typeof sql>, name: string) =>
    sql`/* ${sql.raw(name)} */ select u.id from unnest(${array}) as w(id)
      cross join lateral (select * from identity.users u where u.tenant_id = app.tenant() and u.id = w.id limit 1) u`;
  const ids = [tenantId];
  const counted = await asTenant(bare.databases.app, { tenantId }, "read", async (tx) => {
    for (let n = 0; n < 10; n++) {
      await tx.execute(users(arrayOf(ids, "uuid"), "hidden"));
      await tx.execute(users(sql`${sql.param(ids)}::uuid[]`, "seen"));
    }
    return tx.execute<{ name: string; plans: number }>(sql`
      select split_part(statement, ' ', 2) as name, generic_plans::int as plans from pg_prepared_statements
       where statement like '/* hidden */%' or statement like '/* seen */%' order by 1`);
  });
  expect([...counted]).toEqual([
    { name: "hidden", plans: 5 },
    { name: "seen", plans: 0 },
  ]);
});
