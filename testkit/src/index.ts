export { ApiClient, type ApiError, type ApiResult, loadExampleDefinition } from "@weft/standalone";
export { cloneDatabase, type TestDatabase } from "./postgres/database.js";
export { hierarchyDefinition, memberDefinition, newHierarchy, type TestHierarchy } from "./tenants/hierarchy-definition.js";
export { newObligation } from "./tenants/new-obligation.js";
export { contractApproval, decideContract, newContract } from "./tenants/new-contract.js";
export { acceptVendorDocument, newVendorDocument, requireVendorDocuments } from "./tenants/new-vendor-document.js";
export { samlProviderMetadata } from "./tenants/new-saml-provider.js";
export { newServiceAccount, userWithKey } from "./tenants/new-api-key.js";
export { advanceClock } from "./tenants/advance-clock.js";
export { setClock } from "./tenants/set-clock.js";
export { aBaseline, approveScope, aScopeChange, aScopeItem, decideScopeChange, scopeChangeApproval } from "./tenants/project-scope.js";
export { fillPlan, type PlanShape } from "./tenants/large-plan.js";
export { addDependency, aPlanningTenant, aProject, aTask, createTask } from "./tenants/project-plan.js";
export {
  milestoneApproval,
  newMilestone,
  newProjectCost,
  newProjectDecision,
  newProjectRisk,
  newProjectTemplate,
  submitMilestone,
} from "./tenants/project-records.js";
export { aScopedProject, changeOfEverything, readScopeChange, type ScopedProject, scopedStateOf } from "./tenants/scoped-project.js";
export { brokenInvariants, type AcceptedTransition } from "./invariants.js";
export { type LiveClient, type LiveMessage, openLive } from "./live/live-client.js";
export {
  aMaintenanceTenant,
  fireTransition,
  type MaintenanceRequest,
  type MaintenanceStage,
  type MaintenanceTenant,
} from "./tenants/maintenance-tenant.js";
export { type TestPlatform, TestTenant, type UserOptions } from "./test-tenant.js";
export { newDirectoryLogin } from "./tenants/test-directory.js";
export { newLoginCode } from "./tenants/new-identity-provider.js";
export { addPasskey, beginPasskey, beginTotp, enrolTotp, passkeyOrigin, pendingLogin, totpCode } from "./second-factor.js";
export { SoftwareAuthenticator, type CredentialJson, type Deviation } from "./software-authenticator.js";
export { internalCallsOf } from "./internal-calls.js";
export { TestUser, type Feed, type SocketClose } from "./test-user.js";
export { sharedWeft } from "./shared-weft.js";
export { type SharedWeft, startTestWeft, type TestWeft, type TestWeftOptions } from "./test-weft.js";
export { localhostTls } from "./tls/localhost-tls.js";
export { rememberSecret } from "./secrets/known-secrets.js";
export { aSecondMs, until } from "./until.js";
export type { ModelReply } from "@weft/standalone/models/model-reply";
export { startModelServer, type ModelServer, type RawReply, type SeenRequest } from "./models/model-server.js";
