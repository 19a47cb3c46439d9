import type { IdempotencyCases } from "./case.js";

/** Cases of people, their tenants, permissions and configuration. */
export const peopleCases: IdempotencyCases = {
  advanceClock: {
    who: ({ acme }) => acme.admin,
    selection: "advance { id }",
    inputs: async ({ acme, owner }) => {
      await owner`update identity.tenants set is_sandbox = true where tenant_id = ${acme.tenant.id}`;
      return { input: { by: "PT1S" }, other: { by: "PT2S" } };
    },
  },
};
