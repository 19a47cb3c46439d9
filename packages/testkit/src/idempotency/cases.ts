import { auditCases } from "./audit.js";
import { bulkCases } from "./bulk.js";
import type { IdempotencyCases } from "./case.js";
import { definitionCases } from "./definitions.js";
import { instanceCases } from "./instances.js";
import { peopleCases } from "./people.js";
import { requestCases } from "./requests.js";
import { taskCases } from "./tasks.js";
import { vendorCases } from "./vendors.js";

/**
 * Every mutation that takes an idempotency key: one without a case fails the test. `registerOrganization` is not among them: nobody has logged in yet,
 * its repetitions log in; registration.test.ts tries them.
 */
export const idempotencyCases: IdempotencyCases = {
  ...peopleCases,
  ...definitionCases,
  ...instanceCases,
  ...taskCases,
  ...bulkCases,
  ...requestCases,
  ...vendorCases,
  ...auditCases,
};
