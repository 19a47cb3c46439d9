import type { IdType } from "@weft/shared/ids";
import { apiKeyCases } from "./cases/api-keys.js";
import { applicationCases } from "./cases/applications.js";
import { auditCases } from "./cases/audit.js";
import { auditStreamCases } from "./cases/audit-streams.js";
import { bulkCases } from "./cases/bulk.js";
import type { Cases, LookupCase, MutationCase } from "./cases/case.js";
import { triggerCases } from "./cases/clocks/triggers.js";
import { complianceReportCases } from "./cases/compliance-reports.js";
import { configurationCases } from "./cases/configurations.js";
import { derivedFilters, derivedLookups, derivedMutations } from "./cases/derived.js";
import { definitionCases } from "./cases/definitions.js";
import { eventCases } from "./cases/events.js";
import { notificationRuleCases } from "./cases/notification-rules.js";
import { escalationCases } from "./cases/escalations.js";
import { timerCases } from "./cases/timers.js";
import { notificationTemplateCases } from "./cases/notification-templates.js";
import { savedViewCases } from "./cases/saved-views.js";
import { exportCases } from "./cases/exports.js";
import { importCases } from "./cases/imports.js";
import { fileCases } from "./cases/files.js";
import { inboundWebhookCases } from "./cases/inbound-webhooks.js";
import { incidentCases } from "./cases/incidents.js";
import { automationRuleCases } from "./cases/automation-rules.js";
import { shareCases } from "./cases/shares.js";
import { runCases } from "./cases/runs.js";
import { agentCases } from "./cases/agents.js";
import { integrationCases } from "./cases/integrations.js";
import { instanceCases } from "./cases/instances.js";
import { permissionCases } from "./cases/permissions.js";
import { inboundMailAddressCases } from "./cases/inbound-mail-addresses.js";
import { requestFormLinkCases } from "./cases/request-form-links.js";
import { contractCases } from "./cases/contracts.js";
import { privacyCases } from "./cases/privacy.js";
import { projectScopeCases } from "./cases/project-scope.js";
import { projectRecordCases } from "./cases/project-records.js";
import { projectTaskCases } from "./cases/project-tasks.js";
import { requestCases } from "./cases/requests.js";
import { routingCases } from "./cases/routing.js";
import { maintenanceCases } from "./cases/maintenance.js";
import { scimCases } from "./cases/scim.js";
import { scheduleCases } from "./cases/schedules.js";
import { singleSignOnCases } from "./cases/single-sign-on.js";
import { slaCases } from "./cases/sla.js";
import { taskCases } from "./cases/tasks.js";
import { tenantCases } from "./cases/tenants.js";
import { userCases } from "./cases/users.js";
import { vendorDocumentCases } from "./cases/vendor-documents.js";
import { vendorCases } from "./cases/vendors.js";
import { webhookCases } from "./cases/webhooks.js";

const topics: readonly Cases[] = [
  tenantCases,
  userCases,
  apiKeyCases,
  applicationCases,
  scimCases,
  permissionCases,
  configurationCases,
  complianceReportCases,
  definitionCases,
  instanceCases,
  taskCases,
  bulkCases,
  incidentCases,
  runCases,
  shareCases,
  timerCases,
  routingCases,
  maintenanceCases,
  scheduleCases,
  slaCases,
  escalationCases,
  eventCases,
  notificationRuleCases,
  requestCases,
  requestFormLinkCases,
  inboundMailAddressCases,
  fileCases,
  savedViewCases,
  notificationTemplateCases,
  exportCases,
  importCases,
  contractCases,
  projectTaskCases,
  projectScopeCases,
  projectRecordCases,
  vendorCases,
  vendorDocumentCases,
  auditCases,
  auditStreamCases,
  privacyCases,
  agentCases,
  integrationCases,
  automationRuleCases,
  triggerCases,
  webhookCases,
  inboundWebhookCases,
  singleSignOnCases,
];

/** All mutations. One without a case of its own is tried with the input that follows from the schema. */
export const mutationCases: Readonly<Record<string, MutationCase>> = {
  ...derivedMutations,
  ...Object.fromEntries(
    Object.entries(joined(({ mutations }) => mutations)).map(([name, declared]) => [
      name,
      { ...declared, ids: { ...derivedMutations[name]?.ids, ...declared.ids } },
    ]),
  ),
};

/** @throws if there is no such mutation */
export function mutationCaseOf(name: string): MutationCase {
  const found = mutationCases[name];
  if (found === undefined) throw new Error(`There is no mutation ${name}.`);
  return found;
}

/** All ID arguments of queries and subscriptions, as `field.argument`. */
export const lookupCases: Readonly<Record<string, LookupCase>> = { ...derivedLookups, ...joined(({ lookups }) => lookups) };

/** Types of IDs that each filter field takes. Each operator of the field is tried with them. */
export const filterCases: Readonly<Record<string, readonly IdType[]>> = { ...derivedFilters, ...joined(({ filters }) => filters) };

/** Other arguments that a query needs to succeed. */
export const queryArguments: Readonly<Record<string, Record<string, unknown>>> = joined((cases) => cases.queryArguments);

/** Lists in which the administrator has no items, with the user who has some. */
export const listsOf: Readonly<Record<string, "operations">> = { notifications: "operations" };

/** Queries for operators of the platform. All other users are refused. */
export const operatorsQueries: ReadonlySet<string> = new Set(["tenants"]);

function joined<T>(of: (cases: Cases) => Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> {
  return Object.fromEntries(topics.flatMap((cases) => Object.entries(of(cases) ?? {})));
}
