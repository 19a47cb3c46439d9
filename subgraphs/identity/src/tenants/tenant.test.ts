import { beforeAll, describe, expect, it } from "vitest";
import { aSecondMs, ApiClient, sharedWeft, type SharedWeft, until } from "@weft/testkit";
import { changeTenantStatus } from "../provisioning/operate-tenants.js";
import { createTenantWithBuiltInRoles } from "../provisioning/provisioning.js";

const tenantQuery = "query One($id: ID) { tenant(id: $id) { id slug name plan version } }";
const updateTenant = "mutation Update($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { name version } } }";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

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

  it("is provisioned once, however often that is requested", async () => {
    const tenant = {
      slug: "provisioned-twice",
      name: "Twice",
      admin: { email: "admin@twice.example", name: "Admin", password: "a quiet river 42" },
    };
    const first = await createTenantWithBuiltInRoles(kit.weft.services, tenant);
    expect(await createTenantWithBuiltInRoles(kit.weft.services, tenant)).toEqual(first);
  });
});

const deactivateTenant = "mutation Off($input: DeactivateTenantInput!) { deactivateTenant(input: $input) { tenant { status version } } }";
const ping = "{ me { id } }";

describe("deactivateTenant", () => {
  it("refuses all users of the tenant within a second, including over sockets, until an operator reactivates it", async () => {
    const [tenant, other] = [await kit.tenant("Acme"), await kit.tenant()];
    const person = await tenant.user("requester");
    const feed = await person.subscribe("notificationReceived", "subscription { notificationReceived { cursor } }");
    expect(await tenant.admin.run(deactivateTenant, { input: { reason: "Unpaid", expectedVersion: 1 } })).toEqual({
      deactivateTenant: { tenant: { status: "SUSPENDED", version: 2 } },
    });
    const deadlineMs = aSecondMs;
    for (const who of [person, tenant.admin])
      await until(async () => (await who.send(ping)).errors?.[0]?.extensions?.code === "TENANT_SUSPENDED", { what: "refused", deadlineMs });
    expect((await feed.untilClosed(deadlineMs)).code).toBe(4401);

    const anyone = new ApiClient(kit.url);
    const refusal = async (query: string, input: object) => (await anyone.send(query, { input })).errors?.[0]?.extensions?.code;
    const login = "mutation In($input: LoginInput!) { login(input: $input) { accessToken } }";
    expect(await refusal(login, { login: person.login, password: "not the password" })).toBe("UNAUTHENTICATED");
    expect(await refusal(login, { login: person.login, password: person.password })).toBe("TENANT_SUSPENDED");
    const refresh = "mutation Again($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }";
    expect(await refusal(refresh, { refreshToken: person.refreshToken })).toBe("TENANT_SUSPENDED");
    expect((await other.admin.send(ping)).errors).toBeUndefined();

    const { services } = kit.weft;
    await expect(changeTenantStatus(services, { slug: "no-such-tenant", kind: "reactivate", reason: "Paid" })).rejects.toThrow(
      "No tenant with the slug",
    );
    await expect(changeTenantStatus(services, { slug: tenant.slug, kind: "reactivate", reason: " " })).rejects.toThrow(
      "A reason is required",
    );
    for (let twice = 0; twice < 2; twice++)
      expect(await changeTenantStatus(services, { slug: tenant.slug, kind: "reactivate", reason: "Paid" })).toMatchObject({
        status: "ACTIVE",
        version: 3,
      });
    await until(async () => (await person.send(ping)).errors === undefined, { what: "the same session works again", deadlineMs });
    expect((await anyone.send(refresh, { input: { refreshToken: person.refreshToken } })).errors).toBeUndefined();
    const audited = await tenant.admin.run<{
      tenant: { auditTrail: { edges: { node: { action: string; after: { reason?: string } } }[] } };
    }>("{ tenant { auditTrail(first: 2) { edges { node { action after } } } } }");
    expect(Object.fromEntries(audited.tenant.auditTrail.edges.map(({ node }) => [node.action, node.after.reason]))).toEqual({
      "tenant.deactivate": "Unpaid",
      "tenant.reactivate": "Paid",
    });
  });

  it("requires a reason, the version that was read, and tenant.update in the whole tenant", async () => {
    const tenant = await kit.tenant();
    expect(await tenant.admin.refusal(deactivateTenant, { input: { reason: " " } })).toBe("BAD_USER_INPUT");
    expect(await tenant.admin.refusal(deactivateTenant, { input: { reason: "x".repeat(2001) } })).toBe("BAD_USER_INPUT");
    expect(await tenant.admin.refusal(deactivateTenant, { input: { reason: "Late", expectedVersion: 7 } })).toBe("CONFLICT");
    expect(await (await tenant.user("workflow_manager")).refusal(deactivateTenant, { input: { reason: "Mine" } })).toBe("FORBIDDEN");
    expect((await tenant.admin.send(ping)).errors).toBeUndefined();
  });
});

describe("another tenant", () => {
  it("is not found", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const { tenant } = await ours.admin.run<{ tenant: { id: string } }>(tenantQuery);
    expect(await theirs.admin.refusal(tenantQuery, { id: tenant.id })).toBe("NOT_FOUND");
  });
});
