import { asTenant } from "@weft/platform/db";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pastRegistrationLinks } from "./past-registration-links.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("deletes registration links 90 days after their end, and vendors keep how they registered", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  for (const tenant of [tenantId, other.tenantId]) {
    const userId = await bare.user(tenant);
    await bare.owner`
      insert into vendors.registration_links (tenant_id, id, note, registrations_per_hour, max_registrations, registration_count, last_used_at, expires_at,
        revoked_at, created_by, created_at, updated_at)
      select ${tenant}::uuid, gen_random_uuid(), what || ' ' || days, 30, case when what = 'used' then 1 end, case when what = 'used' then 1 else 0 end,
             case when what = 'used' then past.at end, case when what = 'expired' then past.at end, case when what = 'revoked' then past.at end,
             ${userId}::uuid, now() - interval '200 days', now()
        from unnest(array['open', 'used', 'expired', 'revoked']) what, unnest(array[89, 91]) days,
             lateral (select now() - make_interval(days => days)) past (at)`;
    await bare.owner`
      insert into vendors.vendors (tenant_id, id, code, name, registration_method, registration_link_id)
      select tenant_id, gen_random_uuid(), note, note, 'LINK', id from vendors.registration_links where tenant_id = ${tenant} and note like 'used%'`;
  }
  const forget = (limit: number): Promise<number> =>
    asTenant(bare.databases.worker, { tenantId }, "write", (tx) => pastRegistrationLinks.deleteSome(tx, limit, tenantId));
  const left = async (tenant: string): Promise<string[]> =>
    (await bare.owner<{ note: string }[]>`select note from vendors.registration_links where tenant_id = ${tenant} order by 1`).map(
      ({ note }) => note,
    );
  const before = await left(other.tenantId);
  expect(before).toHaveLength(8);
  expect([await forget(1), await forget(9), await forget(9)]).toEqual([1, 2, 0]);
  expect(await left(tenantId)).toEqual(["expired 89", "open 89", "open 91", "revoked 89", "used 89"]);
  expect(await left(other.tenantId)).toEqual(before);
  const vendors = await bare.owner`
    select code, registration_method as method from vendors.vendors where tenant_id = ${tenantId} order by code`;
  expect(vendors.map((row) => ({ ...row }))).toEqual([
    { code: "used 89", method: "LINK" },
    { code: "used 91", method: "LINK" },
  ]);
});
