import { auditCases } from "./audit.js";
import { bulkCases } from "./bulk.js";
import type { IdempotencyCases } from "./case.js";
import { complianceReportCases } from "./compliance-reports.js";
import { derivedCase } from "./derived.js";
import { keyedMutations } from "./keyed-mutations.js";
import { requestFormLinkCases } from "./request-form-links.js";
import { eventCases } from "./events.js";
import { notificationRuleCases } from "./notification-rules.js";
import { savedViewCases } from "./saved-views.js";
import { exportCases } from "./exports.js";
import { importCases } from "./imports.js";
import { inboundMailAddressCases } from "./inbound-mail-addresses.js";
import { inboundWebhookCases } from "./inbound-webhooks.js";
import { instanceCases } from "./instances.js";
import { peopleCases } from "./people.js";
import { privacyRequestCases } from "./privacy-requests.js";
import { contractCases } from "./contracts.js";
import { projectRecordCases } from "./project-records.js";
import { requestCases } from "./requests.js";
import { runCases } from "./runs.js";
import { scheduleCases } from "./schedules.js";
import { slaCases } from "./sla.js";
import { taskCases } from "./tasks.js";
import { triggerCases } from "./triggers.js";
import { vendorCases } from "./vendors.js";
import { webhookCases } from "./webhooks.js";

/** Cases that need another input than the walks, or another selection. */
export const ownCases: IdempotencyCases = {
  ...peopleCases,
  ...scheduleCases,
  ...instanceCases,
  ...runCases,
  ...slaCases,
  ...taskCases,
  ...bulkCases,
  ...requestCases,
  ...savedViewCases,
  ...eventCases,
  ...notificationRuleCases,
  ...requestFormLinkCases,
  ...exportCases,
  ...complianceReportCases,
  ...privacyRequestCases,
  ...importCases,
  ...contractCases,
  ...projectRecordCases,
  ...vendorCases,
  ...auditCases,
  ...triggerCases,
  ...webhookCases,
  ...inboundMailAddressCases,
  ...inboundWebhookCases,
};

/**
 * All mutations that take an idempotency key. `registerOrganization` is excluded because its caller is not logged in yet and its repetitions log in;
 * registration.test.ts covers them.
 */
export const idempotencyCases: IdempotencyCases = Object.fromEntries(
  keyedMutations()
    .filter((name) => name !== "registerOrganization")
    .map((name) => [name, ownCases[name] ?? derivedCase(name)]),
);
