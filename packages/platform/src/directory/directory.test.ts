import { identity, requests, vendors } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { openDatabases } from "../db/open.js";
import { newId } from "@weft/shared/ids";
import { givenToVendor, grantObjectAccess, revokeObjectAccess } from "../object-access/object-access.js";
import { membersOfRole, membersOfTeam, usersOfVendor } from "./directory.js";

let database: TestDatabase;
let databases: Databases;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ ...database });
});

afterAll(async () => {
  await databases.close();
  await database.drop();
});

/**
 * Creates a tenant in which Ann has the role `operations` and is in a team, Ben has a role that inherits from it, Cy is disabled, and Vi works for a
 * vendor.
 */
async function aTenant() {
  const [tenantId, ann, ben, cy, vi, roleId, heirId, teamId, vendorId] = Array.from({ length: 9 }, newId) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    await tx.insert(identity.tenants).values({ tenantId, slug: `t-${tenantId}`, name: "T" });
    await tx.insert(vendors.vendors).values({ tenantId, id: vendorId, code: "V", name: "V" });
    const user = (id: string, more: object = {}) => ({ tenantId, id, email: id, username: id, name: id, ...more });
    await tx
      .insert(identity.users)
      .values([user(ann), user(ben), user(cy, { status: "DISABLED" }), user(vi, { type: "VENDOR", vendorId })]);
    await tx.insert(identity.roles).values([
      { tenantId, id: roleId, key: "operations", name: "O" },
      { tenantId, id: heirId, key: "night_desk", name: "N" },
    ]);
    await tx.insert(identity.roleAncestors).values([
      { tenantId, roleId, ancestorId: roleId },
      { tenantId, roleId: heirId, ancestorId: heirId },
      { tenantId, roleId: heirId, ancestorId: roleId },
    ]);
    await tx.insert(identity.userRoles).values([
      { tenantId, userId: ann, roleId },
      { tenantId, userId: ben, roleId: heirId },
      { tenantId, userId: cy, roleId },
    ]);
    await tx.insert(identity.teams).values({ tenantId, id: teamId, key: "t", name: "T" });
    await tx.insert(identity.teamMembers).values([ann, cy].map((userId) => ({ tenantId, userId, teamId })));
  });
  return {
    tenantId,
    ann,
    ben,
    vi,
    teamId,
    vendorId,
    as: <T>(fn: (tx: Tx) => Promise<T>) => asTenant(databases.app, { tenantId }, "write", fn),
  };
}

describe("the directory", () => {
  test("returns the active users of roles, teams, and vendors, each once", async () => {
    const tenant = await aTenant();
    await tenant.as(async (tx) => {
      expect(await membersOfRole(tx, ["operations", "unknown"])).toEqual([tenant.ann, tenant.ben]);
      expect(await membersOfRole(tx, ["night_desk"])).toEqual([tenant.ben]);
      expect(await membersOfTeam(tx, [tenant.teamId])).toEqual([tenant.ann]);
      expect(await usersOfVendor(tx, [tenant.vendorId])).toEqual([tenant.vi]);
      expect(await membersOfRole(tx, [])).toEqual([]);
    });
  });

  test("does not return users of another tenant", async () => {
    const [tenant, other] = [await aTenant(), await aTenant()];
    await other.as(async (tx) => {
      expect(await membersOfTeam(tx, [tenant.teamId])).toEqual([]);
      expect(await usersOfVendor(tx, [tenant.vendorId])).toEqual([]);
      expect(await membersOfRole(tx, ["operations"])).toEqual([other.ann, other.ben]);
    });
  });
});

describe("object access", () => {
  const seen = (tenant: Awaited<ReturnType<typeof aTenant>>, object: string) =>
    asTenant(databases.app, { tenantId: tenant.tenantId, userId: tenant.vi, vendorId: tenant.vendorId }, "read", async (tx) => {
      const [row] = await tx.execute<{ sees: boolean }>(sql`select app.vendor_sees(${object}) as sees`);
      return row?.sees;
    });

  test("starts with the grant, which can be repeated, and ends when it is revoked", async () => {
    const tenant = await aTenant();
    const [object, other] = [newId(), newId()];
    const access = { objectIds: [object, object], vendorId: tenant.vendorId };
    expect(await seen(tenant, object)).toBe(false);
    await tenant.as((tx) => grantObjectAccess(tx, access));
    await tenant.as((tx) => grantObjectAccess(tx, access));
    expect([await seen(tenant, object), await seen(tenant, other)]).toEqual([true, false]);
    await tenant.as((tx) => revokeObjectAccess(tx, access));
    expect(await seen(tenant, object)).toBe(false);
  });

  test("narrows a list to the objects granted to the vendor", async () => {
    const tenant = await aTenant();
    const [given, hidden] = [newId(), newId()];
    await tenant.as(async (tx) => {
      await tx.insert(requests.buildings).values([given, hidden].map((id) => ({ tenantId: tenant.tenantId, id, code: id, name: id })));
      await grantObjectAccess(tx, { objectIds: [given], vendorId: tenant.vendorId });
    });
    const list = (vendorId: string | null) =>
      asTenant(databases.app, { tenantId: tenant.tenantId, vendorId }, "read", (tx) =>
        tx.select({ id: requests.buildings.id }).from(requests.buildings).where(givenToVendor(requests.buildings.id)),
      );
    expect(await list(tenant.vendorId)).toEqual([{ id: given }]);
    expect(await list(null)).toEqual([]);
  });

  test("cannot be granted to a vendor of another tenant", async () => {
    const [tenant, other] = [await aTenant(), await aTenant()];
    const foreign = tenant.as((tx) => grantObjectAccess(tx, { objectIds: [newId()], vendorId: other.vendorId }));
    await expect(foreign).rejects.toMatchObject({ cause: { constraint_name: "object_access_vendor_fkey" } });
  });
});
