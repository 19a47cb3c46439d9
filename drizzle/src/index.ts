export * from "./tables/index.js";
export type { DocumentRequirementContent } from "./tables/vendor-documents.js";
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
export type { InboundSettings } from "./tables/inbound.js";
export type { CallFollowUp } from "./tables/integrations.js";
export type { AuditDetails, RequiredAccess } from "./tables/audit.js";
export type { ErasureProgress, ErasureReceipt } from "./tables/privacy.js";
export { historyOf, MigrationRefused } from "./baseline.js";
export { migrate, migrationNames } from "./migrate.js";
export type { MigrateOptions } from "./migrate.js";
export type { RoleLogin, Roles } from "./roles.js";
export { globalKeys, globalTables } from "./global-tables.js";
export {
  columnsWithCopies,
  crossTenantPolicies,
  erasureExceptions,
  personalColumns,
  personalData,
  rolePrivileges,
  tables,
} from "./all-tables.js";
export type { PersonalColumn } from "./all-tables.js";
export { erasedTables, erasurePolicyOf } from "./erasure-policies.js";
export type { Classification, RoleKind } from "./facts.js";
export { furtherPolicies, macroPolicies } from "./policies.js";
export { socketAddress } from "./socket-address.js";
export { weftSchemas } from "./catalog.js";
