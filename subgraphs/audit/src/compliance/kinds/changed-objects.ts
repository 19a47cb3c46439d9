import { type SubjectType, subjectTypes } from "@weft/shared/ids";

/** What a change of an object is: of the rights of users, of how the organization works, or everyday work, which no report lists. */
type Change = "RIGHTS" | "CONFIGURATION" | "WORK";

const changeOf: Readonly<Record<SubjectType, Change>> = {
  tenant: "CONFIGURATION",
  user: "RIGHTS",
  team: "RIGHTS",
  role: "RIGHTS",
  identityProvider: "CONFIGURATION",
  domain: "CONFIGURATION",
  session: "WORK",
  apiKey: "RIGHTS",
  // Versions of definitions have a report of their own.
  definition: "WORK",
  instance: "WORK",
  task: "WORK",
  taskComment: "WORK",
  internalComment: "WORK",
  // Substitutes get the rights of those who are absent.
  absence: "RIGHTS",
  incident: "WORK",
  modelProvider: "CONFIGURATION",
  agent: "CONFIGURATION",
  agentToolCall: "WORK",
  secret: "CONFIGURATION",
  securityProfile: "CONFIGURATION",
  definitionShare: "CONFIGURATION",
  routingRule: "CONFIGURATION",
  schedule: "CONFIGURATION",
  trigger: "CONFIGURATION",
  slaPolicy: "CONFIGURATION",
  bulkOperation: "WORK",
  requestType: "CONFIGURATION",
  request: "WORK",
  requestComment: "WORK",
  vendorOffer: "WORK",
  building: "WORK",
  assetType: "CONFIGURATION",
  space: "WORK",
  asset: "WORK",
  requestFormLink: "CONFIGURATION",
  inboundMailAddress: "CONFIGURATION",
  meter: "WORK",
  maintenancePlan: "WORK",
  file: "WORK",
  attachment: "WORK",
  export: "WORK",
  import: "WORK",
  notificationTemplate: "CONFIGURATION",
  savedView: "WORK",
  vendor: "WORK",
  contract: "WORK",
  contractObligation: "WORK",
  vendorDocument: "WORK",
  vendorRating: "WORK",
  vendorContact: "WORK",
  vendorRegistrationLink: "CONFIGURATION",
  project: "WORK",
  projectVendor: "WORK",
  projectTask: "WORK",
  taskDependency: "WORK",
  scopeItem: "WORK",
  scopeVersion: "WORK",
  scopeChange: "WORK",
  projectBaseline: "WORK",
  milestone: "WORK",
  projectCost: "WORK",
  projectRisk: "WORK",
  projectDecision: "WORK",
  projectTemplate: "WORK",
  customFieldSchema: "CONFIGURATION",
  inboundWebhook: "CONFIGURATION",
  eventType: "CONFIGURATION",
  parkedEvent: "WORK",
  webhook: "CONFIGURATION",
  integration: "CONFIGURATION",
  integrationCall: "WORK",
  integrationTrigger: "CONFIGURATION",
  notification: "WORK",
  notificationDelivery: "WORK",
  notificationRule: "CONFIGURATION",
  auditVerification: "WORK",
  application: "CONFIGURATION",
  operationManifest: "CONFIGURATION",
  complianceReport: "WORK",
  complianceReportSchedule: "CONFIGURATION",
  legalHold: "WORK",
  privacyRequest: "WORK",
};

/** `INBOUND_WEBHOOK`, as the API calls the type. */
const enumValue = (type: SubjectType): string => type.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Returns the types of objects whose changes are of a sort, as values of `AuditedEntity`. */
export const typesChanging = (change: Change): readonly string[] => subjectTypes.filter((type) => changeOf[type] === change).map(enumValue);

/** Attempts that failed, perhaps those of somebody else than the user. */
export const failedAttempts: readonly string[] = [
  "session.loginFailed",
  "session.loginRefused",
  "session.passwordRefused",
  "session.reauthenticateFailed",
  "session.secondFactorFailed",
  "session.passkeyCloneSuspected",
  "user.changePasswordFailed",
];

/**
 * Actions about users that change no rights: failed attempts, and what users set for themselves. What is not in this list is shown, so that a new action is
 * not forgotten.
 */
export const noChanges: readonly string[] = [
  ...failedAttempts,
  "user.beginPasswordChange",
  "user.requestPasswordReset",
  "user.updateProfile",
  "user.updateNotificationPreferences",
  "user.unsubscribeFromNotifications",
  "user.renamePasskey",
];
