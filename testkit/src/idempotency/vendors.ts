import { loadExampleDefinition } from "@weft/standalone";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of vendors and their projects. */
export const vendorCases: IdempotencyCases = {
  createVendor: {
    who: ({ acme }) => acme.admin,
    selection: "vendor { id code name }",
    inputs: async () => {
      const input = { code: fresh("V"), name: "A vendor" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  startVendorOnboarding: {
    who: ({ acme }) => acme.admin,
    selection: "vendor { id onboarding { id } }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      const { id } = await acme.tenant.vendor();
      await acme.admin.run("mutation ($id: ID!) { deactivateVendor(input: { id: $id }) { vendor { id } } }", { id });
      return { input: { id }, other: { id, expectedVersion: 2 } };
    },
  },
  rateVendor: {
    who: ({ acme }) => acme.requester,
    selection: "rating { id stars version }",
    inputs: async ({ acme }) => {
      const input = { requestId: (await acme.request("closed")).id, stars: 4 };
      return { input, other: { ...input, stars: 5 } };
    },
  },
  createProject: {
    who: ({ acme }) => acme.admin,
    selection: "project { id code name }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("project"));
      const input = { code: fresh("P"), name: "A project" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
};
