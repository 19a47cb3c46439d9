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
