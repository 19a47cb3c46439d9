import { measuredDefinition, newSlaClock, newSlaPolicy, nextPolicyKey, samplePolicy } from "../tenants/sla-definition.js";
import type { IdempotencyCases, Stage } from "./case.js";

const measured = ({ acme }: Stage) => acme.tenant.definition(measuredDefinition);

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
  createSlaPolicy: {
    who: ({ acme }) => acme.admin,
    selection: "policy { id version } recomputation { id }",
    inputs: async (stage) => {
      await measured(stage);
      const input = { ...samplePolicy, key: nextPolicyKey() };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  updateSlaPolicy: {
    who: ({ acme }) => acme.admin,
    selection: "policy { id version name } recomputation { id }",
    inputs: async (stage) => {
      await measured(stage);
      const other = { id: await newSlaPolicy(stage.acme.admin), name: "Changed" };
      return { input: { ...other, expectedVersion: 1 }, other };
    },
  },
  deleteSlaPolicy: {
    who: ({ acme }) => acme.admin,
    selection: "policyId recomputation { id }",
    inputs: async (stage) => {
      await measured(stage);
      const other = { id: await newSlaPolicy(stage.acme.admin) };
      return { input: { ...other, expectedVersion: 1 }, other };
    },
  },
};
