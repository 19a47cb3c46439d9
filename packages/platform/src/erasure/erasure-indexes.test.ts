import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planErasure, readColumnFacts } from "./erasure-plan.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

/** Tables with some hundred rows in a large tenant: configuration, and what administrators do. */
const small: ReadonlySet<string> = new Set([
  "app.calendar_changes",
  "app.configurations",
  "app.custom_field_schema_versions",
  "app.shared_configurations",
  "audit.mail_suppressions",
  "events.delivery_pauses",
  "identity.legal_holds",
  "identity.privacy_requests",
  "requests.maintenance_plans",
  "requests.request_form_links",
  "requests.request_type_versions",
  "workflows.definitions",
  "workflows.schedules",
  "workflows.sla_policy_versions",
  "workflows.sla_recomputations",
]);

test("every table that grows with its use has an index by the person whose rows an erasure changes", async () => {
  const facts = await bare.databases.app.begin((tx) => readColumnFacts(tx), "read");
  const indexed = new Set(
    (
      await bare.owner<{ line: string }[]>`select i.indrelid::regclass || ' ' || a.attname as line from pg_index i
        join pg_attribute t on t.attrelid = i.indrelid and t.attnum = i.indkey[0] and t.attname = 'tenant_id'
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[1]`
    ).map(({ line }) => line),
  );
  const plans = planErasure("ERASE", facts).filter(({ table }) => !small.has(table));
  expect(plans.length).toBeGreaterThan(30);
  expect(plans.map(({ table, person }) => `${table} ${person}`).filter((line) => !indexed.has(line))).toEqual([]);
});
