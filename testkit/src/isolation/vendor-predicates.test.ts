import { accessibleTypes, objectAccessRules, type ObjectAccessRules } from "@weft/platform/access";
import { asTenant, type TenantContext } from "@weft/platform/db";
import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tenantWideAccess } from "./tenant-wide.js";
import { callOf, startTwoTenants, type TwoTenants } from "./two-tenants.js";

let tenants: TwoTenants;
beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants.stop());

test.each(accessibleTypes)("%s: the predicate for a vendor's users selects the same rows as the policies", async (type) => {
  const { weft, acme } = tenants;
  const rules: ObjectAccessRules = objectAccessRules[type];
  const [{ viewer }, { viewer: admin }] = [await callOf(weft, acme.vendorUser), await callOf(weft, acme.admin)];
  if (viewer === null || viewer.vendorId === null || admin === null)
    throw new Error("The vendor's user or the administrator has no viewer.");
  const idsFor = async (who: TenantContext, where: SQL): Promise<string[]> => {
    const rows = await asTenant(weft.weft.services.databases.app, who, "read", (tx) =>
      tx.execute<{ id: string }>(sql`select ${rules.id} as id from ${rules.from} where ${where} order by 1`),
    );
    return rows.map(({ id }) => id);
  };
  const shown = await idsFor(viewer, sql`true`);
  const picked = await idsFor(admin, rules.forVendor({ ...viewer, vendorId: viewer.vendorId }, "request.read"));
  expect(picked).toEqual(shown);
  // The fixture gives its vendor one object of every type except projects.
  expect(shown.length === 0).toBe(type === "project" || tenantWideAccess[type]?.vendorsSee === "none");
});
