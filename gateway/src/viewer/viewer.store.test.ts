import type { Database } from "@weft/platform/db";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";
import { loadViewers } from "./viewer.store.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Number of rows of a table that a plan has read. */
const rowsOf = (table: string, node: PlanNode): number =>
  (node["Relation Name"] === table ? (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"] : 0) +
  (node.Plans ?? []).reduce((sum, each) => sum + rowsOf(table, each), 0);

test("loading viewers reads no other users of their tenants, even if there are so few that reading all of them looks fast", async () => {
  const people = await Promise.all(Array.from({ length: 10 }, () => weft.person()));
  for (const { tenantId } of people)
    await weft.sql`insert into identity.users (tenant_id, id, email, username, name)
      select ${tenantId}, gen_random_uuid(), n || '@crowd.example', 'crowd-' || n, 'Crowd' from generate_series(1, 100) n`;
  await weft.sql`vacuum analyze identity.users, identity.sessions, identity.tenants`;
  const plans: PlanNode[] = [];
  const explaining = {
    statement: async (text: string, params: readonly unknown[]) => {
      const explained = await weft.sql.unsafe<{ "QUERY PLAN": [{ Plan: PlanNode }] }[]>(
        `explain (analyze, format json) ${text}`,
        params as string[],
      );
      plans.push(...explained.map((row) => row["QUERY PLAN"][0].Plan));
      return [];
    },
  } as unknown as Database;
  await loadViewers(explaining, people.slice(0, 2));
  expect(plans.map((plan) => rowsOf("users", plan))).toEqual([2]);
});
