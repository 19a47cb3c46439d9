import { auditCases } from "./audit.js";
import { bulkCases } from "./bulk.js";
import type { IdempotencyCases } from "./case.js";
import { definitionCases } from "./definitions.js";
import { instanceCases } from "./instances.js";
import { peopleCases } from "./people.js";
import { requestCases } from "./requests.js";
import { scheduleCases } from "./schedules.js";
import { slaCases } from "./sla.js";
import { taskCases } from "./tasks.js";
import { triggerCases } from "./triggers.js";
import { vendorCases } from "./vendors.js";

/**
 * All mutations that take an idempotency key. A mutation without a case fails the test. `registerOrganization` is excluded because its caller is not
 * logged in yet and its repetitions log in; registration.test.ts covers them.
 */
export const idempotencyCases: IdempotencyCases = {
  ...peopleCases,
  ...definitionCases,
  ...scheduleCases,
  ...instanceCases,
  ...slaCases,
  ...taskCases,
  ...bulkCases,
  ...requestCases,
  ...vendorCases,
  ...auditCases,
  ...triggerCases,
};
