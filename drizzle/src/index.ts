export * as app from "./tables/app.js";
export * as customFields from "./tables/custom-fields.js";
export * as files from "./tables/files.js";
export * as savedViews from "./tables/saved-views.js";
export * as listExports from "./tables/exports.js";
export * as listImports from "./tables/imports.js";
export * as meters from "./tables/meters.js";
export * as maintenance from "./tables/maintenance.js";
export * as identity from "./tables/identity.js";
export * as workflows from "./tables/workflows.js";
export * as bulk from "./tables/bulk.js";
export * as statistics from "./tables/statistics.js";
export * as schedules from "./tables/schedules.js";
export * as triggers from "./tables/triggers.js";
export * as escalations from "./tables/escalations.js";
export * as automation from "./tables/runs.js";
export * as automationRules from "./tables/secrets.js";
export * as sharing from "./tables/definition-shares.js";
export * as sla from "./tables/sla.js";
export * as requests from "./tables/requests.js";
export * as vendors from "./tables/vendors.js";
export * as vendorDocuments from "./tables/vendor-documents.js";
export type { DocumentRequirementContent } from "./tables/vendor-documents.js";
export * as contractObligations from "./tables/contract-obligations.js";
export * as scope from "./tables/scope.js";
export type {
  BaselineSnapshot,
  ProposedTask,
  ScopeApplication,
  ScopeBudget,
  ScopeContent,
  ScopeImpactContent,
  ScopeItemContent,
  ScopeProposal,
} from "./tables/scope.js";
export type { ContractContent, ContractPartyContent, ProjectTemplateContent, TemplatePhase, TemplateTime } from "./tables/vendors.js";
export * as events from "./tables/events.js";
export * as webhooks from "./tables/webhooks.js";
export * as deliveryPauses from "./tables/delivery-pauses.js";
export * as inbound from "./tables/inbound-webhooks.js";
export type { InboundSettings } from "./tables/inbound-webhooks.js";
export * as agents from "./tables/agents.js";
export * as integrations from "./tables/integrations.js";
export type { CallFollowUp } from "./tables/integrations.js";
export * as audit from "./tables/audit.js";
export type { RequiredAccess } from "./tables/audit.js";
export { historyOf, MigrationRefused } from "./baseline.js";
export { migrate, migrationNames } from "./migrate.js";
export type { MigrateOptions } from "./migrate.js";
export type { RoleLogin, Roles } from "./roles.js";
export { crossTenantPolicies, rolePrivileges } from "./role-privileges.js";
export type { Privileges, RoleKind } from "./role-privileges.js";
export { globalKeys, globalTables } from "./global-tables.js";
export { classificationOf, personalData } from "./personal-data.js";
export type { Classification } from "./personal-data.js";
export { furtherPolicies, macroPolicies } from "./policies.js";
export { socketAddress } from "./socket-address.js";
export { weftSchemas } from "./catalog.js";
