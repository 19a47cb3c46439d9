import { apiKeyCases } from "./api-keys.js";
import { auditCases } from "./audit.js";
import { bulkCases } from "./bulk.js";
import type { IdempotencyCases } from "./case.js";
import { definitionCases } from "./definitions.js";
import { requestFormLinkCases } from "./request-form-links.js";
import { eventCases } from "./events.js";
import { notificationTemplateCases } from "./notification-templates.js";
import { notificationRuleCases } from "./notification-rules.js";
import { savedViewCases } from "./saved-views.js";
import { exportCases } from "./exports.js";
import { importCases } from "./imports.js";
import { fileCases } from "./files.js";
import { inboundMailAddressCases } from "./inbound-mail-addresses.js";
import { inboundWebhookCases } from "./inbound-webhooks.js";
import { singleSignOnCases } from "./single-sign-on.js";
import { shareCases } from "./shares.js";
import { automationRuleCases } from "./automation-rules.js";
import { agentCases } from "./agents.js";
import { integrationCases } from "./integrations.js";
import { instanceCases } from "./instances.js";
import { peopleCases } from "./people.js";
import { contractCases } from "./contracts.js";
import { projectScopeCases } from "./project-scope.js";
import { projectRecordCases } from "./project-records.js";
import { projectTaskCases } from "./project-tasks.js";
import { requestCases } from "./requests.js";
import { maintenanceCases } from "./maintenance.js";
import { runCases } from "./runs.js";
import { scheduleCases } from "./schedules.js";
import { slaCases } from "./sla.js";
import { taskCases } from "./tasks.js";
import { triggerCases } from "./triggers.js";
import { vendorCases } from "./vendors.js";
import { webhookCases } from "./webhooks.js";

/**
 * All mutations that take an idempotency key. A mutation without a case fails the test. `registerOrganization` is excluded because its caller is not
 * logged in yet and its repetitions log in; registration.test.ts covers them.
 */
export const idempotencyCases: IdempotencyCases = {
  ...peopleCases,
  ...apiKeyCases,
  ...definitionCases,
  ...maintenanceCases,
  ...scheduleCases,
  ...instanceCases,
  ...runCases,
  ...slaCases,
  ...taskCases,
  ...bulkCases,
  ...requestCases,
  ...fileCases,
  ...savedViewCases,
  ...eventCases,
  ...notificationTemplateCases,
  ...notificationRuleCases,
  ...requestFormLinkCases,
  ...exportCases,
  ...importCases,
  ...contractCases,
  ...projectTaskCases,
  ...projectScopeCases,
  ...projectRecordCases,
  ...vendorCases,
  ...auditCases,
  ...agentCases,
  ...integrationCases,
  ...automationRuleCases,
  ...shareCases,
  ...triggerCases,
  ...webhookCases,
  ...inboundMailAddressCases,
  ...inboundWebhookCases,
  ...singleSignOnCases,
};
