import { newId } from "@weft/shared/ids";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FieldUses } from "./field-uses.js";
import type { UsedElements } from "./used-elements.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const none: ReadonlySet<string> = new Set();
const using = (...coordinates: string[]): UsedElements => ({ coordinates, variables: [] });
const desk = { name: "desk", version: "1" };

/** Counts until it is stopped, which writes. */
function counting({ deprecated = {} }: { deprecated?: Record<string, string> } = {}) {
  const [warnings, dropped] = [[] as object[], { count: 0 }];
  const uses = new FieldUses({
    app: bare.databases.app,
    log: { warn: (details: object) => void warnings.push(details) } as never,
    everyMs: 3_600_000,
    deprecationOf: (coordinate) => deprecated[coordinate],
    onDropped: () => void dropped.count++,
  });
  return { uses, warnings, dropped };
}

const rowsOf = (tenantId: string) =>
  bare.owner<{ client_name: string; fields: unknown; deprecated: unknown }[]>`
    select client_name, fields, deprecated from app.field_uses where tenant_id = ${tenantId} order by client_name`;

test("several gateways add to the same row, without waiting for each other for ever", async () => {
  const { tenantId } = await bare.tenant();
  const gateways = Array.from({ length: 5 }, () => counting({ deprecated: { "Query.a": "Use b." } }).uses);
  const [a, ab] = [using("Query.a"), using("Query.a", "Query.b")];
  for (const uses of gateways)
    for (const client of [desk, { name: "board", version: "" }]) {
      uses.record(tenantId, client, a, none);
      uses.record(tenantId, client, ab, new Set(["Input.c"]));
      uses.record(tenantId, client, ab, none);
    }
  await Promise.all(gateways.map((uses) => uses.stop()));
  const counted = { "Query.a": 15, "Query.b": 10, "Input.c": 5 };
  expect([...(await rowsOf(tenantId))]).toEqual([
    { client_name: "board", fields: counted, deprecated: { "Query.a": "Use b." } },
    { client_name: "desk", fields: counted, deprecated: { "Query.a": "Use b." } },
  ]);
});

test("a tenant whose uses cannot be written does not prevent those of others", async () => {
  const { tenantId } = await bare.tenant();
  const { uses, warnings } = counting();
  for (const tenant of [newId(), tenantId, newId()]) uses.record(tenant, desk, using("Query.a"), none);
  await uses.stop();
  expect(await rowsOf(tenantId)).toHaveLength(1);
  expect(warnings).toMatchObject([{ tenants: 2 }]);
});

test("memory is bounded: beyond 100,000 different operations of clients, uses are dropped and counted", async () => {
  const { tenantId } = await bare.tenant();
  const { uses, dropped } = counting();
  const used = using("Query.a");
  for (let number = 0; number < 100_010; number++) uses.record(tenantId, { name: `client ${number}`, version: "" }, used, none);
  expect(dropped.count).toBe(10);
  await uses.stop();
  expect(await rowsOf(tenantId)).toHaveLength(51);
});
