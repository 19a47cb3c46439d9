import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
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
      ids: {},
    },
    deactivateTenant: {
      inOwnTenant: true,
      input: async (_fixture, actor) => ({ tenantId: await tenantOf(actor), reason: "A test" }),
      ids: { tenantId: "object" },
    },
    updateTenant: {
      input: async ({ tenant }, actor) => ({ tenantId: await tenantOf(actor), name: `${tenant.name} ${fresh("again")}` }),
      ids: { tenantId: "object" },
    },
    createTenant: { byOperator: true, input: async () => aTenantToMake(), ids: {} },
    setTenantPlan: {
      byOperator: true,
      input: async (fixture) => ({ tenantId: await newTenant(fixture), plan: "PRO", reason: "A test" }),
      ids: { tenantId: "object" },
    },
    reactivateTenant: { byOperator: true, input: aTenantToChange, ids: { tenantId: "object" } },
    archiveTenant: { byOperator: true, input: aTenantToChange, ids: { tenantId: "object" } },
    restoreTenant: { byOperator: true, input: aTenantToChange, ids: { tenantId: "object" } },
    actAsTenant: { byOperator: true, input: aTenantToChange, ids: { tenantId: "object" } },
    advanceClock: { input: () => Promise.resolve({ by: "PT1S" }), ids: {} },
    endOperatorSession: { input: async (fixture) => ({ id: await newOperatorSession(fixture) }), ids: { id: "object" } },
  },
  lookups: {
    "tenant.id": byType("tenant"),
    "clockAdvance.id": byType("clockAdvance"),
    "operatorSessions.tenantId": byType("tenant"),
  },
};
