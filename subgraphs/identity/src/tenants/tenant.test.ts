import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { createTenantWithShippedRoles } from "../provisioning/provisioning.js";

const tenantQuery = "query One($id: ID) { tenant(id: $id) { id slug name plan version } }";
const updateTenant = "mutation Update($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { name version } } }";

let kit: TestWeft;
beforeAll(async () => {
  kit = await startTestWeft();
});
afterAll(() => kit.stop());

describe("the tenant", () => {
  it("is the viewer's own, and its name changes under the version that was read", async () => {
    const tenant = await kit.tenant("Acme");
    expect(await tenant.admin.run(tenantQuery)).toMatchObject({
      tenant: { slug: tenant.slug, name: "Acme", plan: "ENTERPRISE", version: 1 },
    });
    expect(await tenant.admin.run(updateTenant, { input: { name: "Acme & Sons", expectedVersion: 1 } })).toEqual({
      updateTenant: { tenant: { name: "Acme & Sons", version: 2 } },
    });
    expect(await tenant.admin.refusal(updateTenant, { input: { name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await tenant.admin.refusal(updateTenant, { input: { name: "" } })).toBe("BAD_USER_INPUT");
    const viewer = await tenant.user("requester");
    expect(await viewer.refusal(updateTenant, { input: { name: "Mine" } })).toBe("FORBIDDEN");
  });

  it("is provisioned once, however often it is asked for", async () => {
    const tenant = {
      slug: "provisioned-twice",
      name: "Twice",
      admin: { email: "admin@twice.example", name: "Admin", password: "a quiet river 42" },
    };
    const first = await createTenantWithShippedRoles(kit.weft.services, tenant);
    expect(await createTenantWithShippedRoles(kit.weft.services, tenant)).toEqual(first);
  });
});

describe("another tenant", () => {
  it("is not to be found", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const { tenant } = await ours.admin.run<{ tenant: { id: string } }>(tenantQuery);
    expect(await theirs.admin.refusal(tenantQuery, { id: tenant.id })).toBe("NOT_FOUND");
  });
});
