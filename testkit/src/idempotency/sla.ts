import { newSlaClock, measuredDefinition } from "../tenants/sla-definition.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of SLA clocks. */
export const slaCases: IdempotencyCases = {
  pauseSla: {
    who: ({ acme }) => acme.admin,
    selection: "clock { id status isPausedByHand }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(measuredDefinition);
      const id = await newSlaClock(acme.admin);
      return { input: { id, reason: "Parts" }, other: { id, reason: "Others" } };
    },
  },
  resumeSla: {
    who: ({ acme }) => acme.admin,
    selection: "clock { id isPausedByHand }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(measuredDefinition);
      const id = await newSlaClock(acme.admin);
      await acme.admin.run(`mutation ($id: ID!) { pauseSla(input: { id: $id, reason: "Parts" }) { clock { id } } }`, { id });
      return { input: { id, reason: "Delivered" }, other: { id, reason: "Others" } };
    },
  },
};
