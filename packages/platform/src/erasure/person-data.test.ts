import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { showDeleted } from "../db/show-deleted.js";
import { countRowsOfPerson, findRowsOfPerson, type PageOfPerson, tablesOfPeople } from "./person-data.store.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("pages of a single row contain each row of a person once, in every table, whatever its key is", { tags: "slow" }, async () => {
  const { tenant: tenantId, staff: personId } = await bare.owner.begin((owner) => seedFullTenant(owner as never, 900));
  const read = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> =>
    asTenant(bare.databases.app, { tenantId }, "read", async (tx) => {
      await showDeleted(tx);
      return fn(tx);
    });
  const severalRows: string[] = [];
  for (const each of tablesOfPeople) {
    const all = await read((tx) => findRowsOfPerson(tx, each, { personId, after: null, limit: 1_000 }));
    expect(await read((tx) => countRowsOfPerson(tx, each, personId))).toBe(all.rows.length);
    const single: unknown[] = [];
    for (let after: string | null = null; single.length <= all.rows.length;) {
      const from: string | null = after;
      const next: PageOfPerson = await read((tx) => findRowsOfPerson(tx, each, { personId, after: from, limit: 1 }));
      if (next.rows.length === 0) break;
      single.push(...next.rows);
      ({ after } = next);
    }
    expect(single, each.table).toEqual(all.rows);
    if (all.rows.length > 1) severalRows.push(each.table);
  }
  expect(severalRows.length).toBeGreaterThan(10);
});
