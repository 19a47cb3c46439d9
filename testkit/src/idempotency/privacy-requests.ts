import { newPerson } from "../tenants/new-privacy-request.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of privacy requests. */
export const privacyRequestCases: IdempotencyCases = {
  exportPerson: {
    who: ({ fixture }) => fixture.admin,
    // The worker changes the version when it has written the export.
    selection: "privacyRequest { id kind }",
    inputs: async ({ fixture }) => {
      const personId = await newPerson(fixture.admin, fixture.vendorId);
      return { input: { personId, reason: "Letter of 3 March" }, other: { personId, reason: "Letter of 4 March" } };
    },
  },
};
