import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { fresh, type HasId } from "./fresh.js";

const tenantOf = async (user: TestUser) => (await user.run<{ tenant: HasId }>("{ tenant { id } }")).tenant.id;
const aTenantToMake = () => {
  const slug = fresh("tenant");
  return { slug, name: "A tenant", admin: { name: "First", email: `first@${slug}.example`, password: "a quiet river 42" } };
};
/** Creates a tenant as an operator, for mutations on tenants. */
export const newTenant = async ({ tenant }: Fixture) => {
  const { createTenant } = await (
    await tenant.platform()
  ).operator.run<{ createTenant: { tenant: HasId } }>(
    "mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }",
    { input: aTenantToMake() },
  );
  return createTenant.tenant.id;
};
async function aTenantToChange(fixture: Fixture): Promise<Record<string, unknown>> {
  return { tenantId: await newTenant(fixture), reason: "A test" };
}
const newOperatorSession = async ({ tenant, admin }: Fixture) => {
  await (await tenant.platform()).actAs(tenant);
  const { operatorSessions } = await admin.run<{ operatorSessions: { edges: { node: HasId }[] } }>(
    "{ operatorSessions(first: 1) { edges { node { id } } } }",
  );
  return operatorSessions.edges[0]?.node.id;
};

/** Cases of the lifecycle of tenants, and of the operators of the platform. */
export const tenantCases: Cases = {
  mutations: {
    registerOrganization: {
      input: async () => {
        const name = fresh("organization");
        return { name, admin: { name: "First", email: `first@${name}.example`, password: "a quiet river 42" } };
      },
    },
    deactivateTenant: {
      inOwnTenant: true,
      input: async (_fixture, actor) => ({ tenantId: await tenantOf(actor), reason: "A test" }),
    },
    updateTenant: {
      input: async ({ tenant }, actor) => ({ tenantId: await tenantOf(actor), name: `${tenant.name} ${fresh("again")}` }),
    },
    createTenant: { byOperator: true, input: async () => aTenantToMake() },
    setTenantPlan: {
      byOperator: true,
      input: async (fixture) => ({ tenantId: await newTenant(fixture), plan: "PRO", reason: "A test" }),
    },
    reactivateTenant: { byOperator: true, input: aTenantToChange },
    archiveTenant: { byOperator: true, input: aTenantToChange },
    restoreTenant: { byOperator: true, input: aTenantToChange },
    actAsTenant: { byOperator: true, input: aTenantToChange },
    advanceClock: { input: () => Promise.resolve({ by: "PT1S" }) },
    endOperatorSession: { input: async (fixture) => ({ id: await newOperatorSession(fixture) }) },
  },
  filters: { "fieldUsage.filter.tenantId": ["tenant"] },
};
