import { encodeId, entityIdTypes, type IdType, newId, objectTypes } from "@weft/shared/ids";
import { isPermission, type Permission } from "@weft/shared/viewer";
import { accessibleTypes, readPermissionOf, tenantWideTypes } from "@weft/platform/access";
import { getNamedType, type GraphQLSchema, isRequiredArgument } from "graphql";
import type { TestUser } from "../../test-user.js";
import { type RootField, rootFieldsOf } from "../api-schema.js";
import { mutationCases } from "../cases.js";
import { listReadPaths } from "./lists.js";
import { liveReadPaths } from "./live.js";
import { nodeTypesOf, referenceReadPaths } from "./references.js";
import { answersFor, askedOnce, askForEach, idsOf, type IsSeen, type Looked, type ReadPath, seenIn } from "./read-path.js";

/** Permission to read objects of a type, for types with explanations of access to single objects. */
const readPermissions: Partial<Record<IdType, Permission>> = {
  ...Object.fromEntries(accessibleTypes.map((type) => [type, readPermissionOf(type)])),
  user: "user.read",
};

/**
 * Returns all paths of reading objects in the schema. Additions to the schema are included automatically. Fields that are not part of any path must
 * be listed in `readsNoObjects`; otherwise the test fails and names them.
 */
export function readPaths(schema: GraphQLSchema): ReadPath[] {
  const roots = rootFieldsOf(schema);
  const types = nodeTypesOf(schema).map(({ name }) => entityIdTypes[name] as IdType);
  return [
    wayByNode(types),
    ...roots.filter(isLookup).flatMap(waysByLookup),
    ...roots.flatMap(({ name }) => wayByPart(name)),
    ...roots.filter(({ kind, name }) => kind === "query" && !(`Query.${name}` in readsNoObjects)).flatMap(listReadPaths),
    ...referenceReadPaths(schema),
    ...roots.filter(({ kind, name }) => kind === "subscription" && !(`Subscription.${name}` in readsNoObjects)).flatMap(liveReadPaths),
    ...Object.entries(readPermissions).flatMap(([type, permission]) => waysExplained(type as IdType, permission)),
  ];
}

/** Root fields that show no objects with their own IDs, or only objects that others cannot see, with the reason. */
export const readsNoObjects: Readonly<Record<string, string>> = {
  "Query.nodes": "what all are held against",
  "Query.planMigration": "of two definitions and instances of them, for who may see both",
  "Query.previewBulkTransition": "a count and a sample of what the list of instances shows",
  "Query.previewBulkRuns": "a count and a sample of what the list of runs shows",
  "Query.runStatistics": "numbers of what the list of runs shows",
  "Query.nextRuns": "times of a schedule that does not exist",
  "Query.testRouting": "of work that is imagined, for who sees all rules",
  "Query.testTrigger": "of work that is rolled back, with one's own rights",
  "Query.explainTriggers": "of triggers, for who sees all of them",
  "Query.triggerRuns": "of triggers, for who sees all of them",
  "Query.triggerReplay": "of triggers, for who sees all of them",
  "Query.identityProvider": "providers, for who may see all of them",
  "Query.identityProviders": "providers, for who may see all of them",
  "Query.domains": "domains, for who may see all of them",
  "Query.loginMethods": "of a domain, for everybody",
  "Query.scim": "users and teams, for who may see all of them",
  "Query.samlMetadata": "of a provider, for everybody who has its address",
  "Query.runLogs": "lines of the log of a run, for who sees the run",
  "Subscription.runLogs": "lines of the log of a run, for who sees the run",
  "Query.apiKey": "keys of all users, for who sees all of them, and one's own",
  "Query.apiKeys": "keys of all users, for who sees all of them, and one's own",
  "Query.inboundWebhook": "endpoints, for who may see all of them",
  "Query.inboundWebhooks": "endpoints, for who may see all of them",
  "Query.inboundMessages": "of endpoints, for who may see all of them",
  "Query.eventTypes": "a catalog",
  "Query.event": "the log of all objects, for who may see all of it",
  "Query.events": "the log of all objects, for who may see all of it",
  "Query.notificationRule": "of rules, for who manages all of them",
  "Query.notificationRules": "of rules, for who manages all of them",
  "Query.previewNotificationRule": "of the log and of rules, for who may see all of both",
  "Query.parkedEvents": "work of the platform, for who may decide on all of it",
  "Query.auditStream": "of streams, for who sees all of them",
  "Query.auditStreams": "of streams, for who sees all of them",
  "Query.webhook": "of webhooks, for who sees all of them",
  "Query.webhooks": "of webhooks, for who sees all of them",
  "Query.eventReplay": "of webhooks, for who sees all of them",
  "Query.deliveryQueues": "numbers, for who can read the configuration",
  "Query.webhookDelivery": "of webhooks, for who sees all of them",
  "Query.webhookDeliveries": "of webhooks, for who sees all of them",
  "Query.userSkills": "of all people, for who sees all rules",
  "Query.me": "oneself, whatever one may see",
  "Query.secondFactors": "how oneself logs in",
  "Query.sessions": "sessions of oneself, which nothing else shows others",
  "Query.liveCursor": "a place in the tenant's events, without any of them",
  "Query.operatorSessions": "sessions, which nothing else shows",
  "Query.limits": "numbers about oneself and the tenant",
  "Query.fieldUsage": "numbers of the tenant's clients, for who sees all of them",
  "Query.application": "applications, for who may see all of them",
  "Query.applications": "applications, for who may see all of them",
  "Query.storedDocuments": "of an application, for who can read all of them",
  "Query.unlistedOperations": "names and counts, for who can read all applications",
  "Query.permissions": "a catalog",
  "Query.unreadNotificationCount": "a number about oneself",
  "Query.unreadNotificationCountChanged": "a number about oneself",
  "Subscription.unreadNotificationCountChanged": "a number about oneself",
  "Query.notificationPreferences": "values about oneself",
  "Query.teamNotificationDestinations": "of a team, for who can change it or manages notifications",
  "Query.notificationDeliveries": "deliveries to all people, for who manages notifications",
  "Query.configuration": "values without ids, of the tenant or a team",
  "Query.configurationChanged": "values without ids",
  "Query.contractConfiguration": "values without ids, for operators",
  "Query.configurationDiff": "values without ids",
  "Query.configurationSchema": "one for everybody",
  "Query.configurationVersions": "values without ids",
  "Query.effectiveConfiguration": "values without ids",
  "Subscription.configurationChanged": "values without ids",
  "Query.validateDefinition": "of what is sent",
  "Query.definitionTemplate": "a catalog",
  "Query.definitionTemplates": "a catalog",
  "Query.previewDefinitionTemplate": "of what would be created, for those who can create definitions",
  "Query.verifyAuditTrail": "the whole chain",
  "Query.clockAdvance": "for those who can advance the clock",
  "Query.auditEntryCounts": "numbers of what the list of audit entries shows",
  "Query.auditVerification": "for those who may verify the whole chain",
  "Query.auditVerifications": "for those who may verify the whole chain",
  "Query.workflowStatistics": "numbers of what the list of instances shows; groups name teams, users and vendors as stubs",
  "Query.requestStatistics": "numbers of what the list of requests shows; groups name teams as stubs",
  "Query.requestEditors": "users who edit a request, for those who see it",
  "Subscription.requestEditors": "users who edit a request, for those who see it",
  "Query.dashboard": "numbers of what the lists of instances and tasks show",
  "Subscription.dashboard": "numbers of what the lists of instances and tasks show",
  "Query.taskCounts": "numbers of the queues of tasks",
  "Query.vendorPerformance": "numbers of a vendor that the list of vendors shows; requests are stubs that the viewer can see",
  "Query.vendorLeague": "numbers of the vendors that the list of vendors shows",
  "Query.vendorScorecard": "numbers of a vendor that the list of vendors shows",
  "Query.vendorDocumentRequirements": "kinds of documents, without ids",
  "Query.suggestVendors": "vendors that the list of vendors shows",
  "Query.vendorOffer": "offers of requests that the list of requests shows; for a vendor only offers to it",
  "Query.vendorOffers": "offers of requests that the list of requests shows; for a vendor only offers to it",
  "Query.projectSchedule": "dates of the tasks that the list of project tasks shows, for those who see the project",
  "Query.shiftPreview": "dates of the tasks that the list of project tasks shows, for those who see the project",
  "Query.projectWorkload": "minutes of the tasks that the list of project tasks shows, for those who see the project",
  "Query.userWorkload": "minutes of the tasks that the list of project tasks shows",
  "Query.vendorWorkload": "minutes of the tasks that the list of project tasks shows",
  "Query.scopeChanges": "access to single changes of scopes is not explained",
  "Query.slaReport": "numbers of SLA clocks; groups name request types, teams, users and vendors as stubs",
  "Query.slaTimers": "access to single clocks is not explained",
  "Query.slaBreaches": "access to single clocks is not explained",
  "Query.slaChanged": "access to single clocks is not explained",
  "Subscription.slaChanged": "access to single clocks is not explained",
  "Query.escalations": "escalations, which only their instance shows",
  "Query.escalationOccurred": "escalations, which only their instance shows",
  "Subscription.escalationOccurred": "escalations, which only their instance shows",
  "Query.slaExplain": "access to single clocks is not explained",
  "Query.assetLabels": "drawings of assets, which Query.asset reads",
  "Query.inboundMailAddress": "addresses, for who may see all of them",
  "Query.inboundMailAddresses": "addresses, for who may see all of them",
  "Query.requestFormLink": "links, which no other field shows, for those who can change assets",
  "Query.requestFormLinks": "links, which no other field shows, for those who can change assets",
  "Query.vendorRegistrationLink":
    "links, which otherwise only the vendors that registered with them show, for those who can create vendors",
  "Query.vendorRegistrationLinks":
    "links, which otherwise only the vendors that registered with them show, for those who can create vendors",
  "Query.requestFormByLink": "a form for everybody who has the link",
  "Query.taskByLink": "a task for everybody who has the link",
  "Query.notificationTemplate": "templates, which no other field shows, for those who can manage notifications",
  "Query.notificationTemplates": "templates, which no other field shows, for those who can manage notifications",
  "Query.notificationTemplateVariables": "names of variables, without ids",
  "Query.previewNotificationTemplate": "a text with values of a notification of one's own",
  "Query.savedView": "views, which are no objects of the lists that they show",
  "Query.savedViews": "views, which are no objects of the lists that they show",
  "Query.complianceReport": "reports, which no other field shows, for those who can read all of them",
  "Query.complianceReportSchedule": "schedules, which no other field shows, for those who can read all reports",
  "Query.complianceReportSchedules": "schedules, which no other field shows, for those who can read all reports",
  "Query.complianceReports": "reports, which no other field shows, for those who can read all of them",
  "Query.lastActions": "days on which users acted, for who can read the whole audit trail",
  "Query.legalHold": "holds, which otherwise only the preview of an erasure shows, for those who can read all of them",
  "Query.legalHolds": "holds, which otherwise only the preview of an erasure shows, for those who can read all of them",
  "Query.privacyRequest": "requests, which no other field shows, for those who can read all of them",
  "Query.privacyRequests": "requests, which no other field shows, for those who can read all of them",
  "Query.processingRegister": "what is stored about people, without any person",
  "Query.erasurePreview": "numbers of what an erasure would replace, and holds that have ended, for those who can read all requests",
  "Query.export": "exports, which only their creators see, with rows that the lists show",
  "Query.auditExport": "exports, which only their creators see",
  "Query.auditExports": "exports, which only their creators see",
  "Query.exports": "exports, which only their creators see, with rows that the lists show",
  "Query.import": "imports, which only their creators see",
  "Query.imports": "imports, which only their creators see",
  "Query.importProblems": "imports, which only their creators see",
  "Query.assetByTag": "an asset that the list of assets shows, by a tag instead of an ID",
  "Query.deletedRequests": "requests that no other field shows, for those who can restore them",
  "Query.modelProvider": "model providers, which no other field shows, for those who see all of them",
  "Query.modelProviders": "model providers, which no other field shows, for those who see all of them",
  "Query.agent": "agents, which no other field shows, for those who see all of them",
  "Query.agents": "agents, which no other field shows, for those who see all of them",
  "Query.agentStatistics": "sums over all calls of models, for those who see all of them",
  "Query.agentToolCall": "calls of tools that one of the viewer's roles decides about",
  "Query.awaitedAgentToolCalls": "calls of tools that one of the viewer's roles decides about",
  "Query.integration": "integrations, which no other field shows, for those who see all of them",
  "Query.integrations": "integrations, which no other field shows, for those who see all of them",
  "Query.integrationCall": "calls of integrations, for those who see all of them",
  "Query.integrationTrigger": "triggers of integrations, for those who see all of them",
  "Query.integrationCalls": "calls of integrations, for those who see all of them",
  "Query.connectors": "a catalog",
  "Query.definitionShare": "shares, which no other field shows, for those who see all of them",
  "Query.definitionShares": "shares, which no other field shows, for those who see all of them",
  "Query.sharedStart": "starts in other tenants, which no other field shows, for those who see all of them",
  "Query.sharedStarts": "starts in other tenants, which no other field shows, for those who see all of them",
  "Query.secret": "secrets, which no other field shows, for those who see all of them",
  "Query.secrets": "secrets, which no other field shows, for those who see all of them",
  "Query.securityProfiles": "security profiles, which no other field shows, for those who see all of them",
  "Query.projectTemplates": "templates, which no other field shows, for those who can create projects",
  "Query.deletedProjects": "projects that no other field shows, for those who can restore them",
  "Query.deletedAssets": "assets that no other field shows, for those who can restore them",
  "Query.customFieldSchemas": "schemas, which are no objects with access of their own",
  "Query.previewCustomFields": "of objects, for those who see all of them",
  "Query.catalog": "request types, which everybody with the permission sees",
  "Query.previewSlaPolicy": "of clocks, for who sees all of them",
  "Query.previewCalendarChange": "of clocks, for who sees all of them",
  "Query.slaRecomputation": "of clocks, for who sees all of them",
  "Query.slaRecomputations": "of clocks, for who sees all of them",
  "Query.absences": "access to single absences is not explained",
  "Query.workCalendars": "calendars, which are no objects",
  "Query.workflowTimers": "timers, which only their instance shows",
};

const nodeTypeNames = new Set(Object.keys(entityIdTypes));

/** Returns whether a field has the form `thing(id)`, and reads an object whose access can be compared. */
const isLookup = ({ kind, name, field }: RootField): boolean =>
  kind === "query" &&
  name !== "node" &&
  !Object.hasOwn(readsNoObjects, `Query.${name}`) &&
  field.args.some((argument) => argument.name === "id") &&
  field.args.every((argument) => argument.name === "id" || !isRequiredArgument(argument)) &&
  nodeTypeNames.has(getNamedType(field.type).name);

const wayByNode = (types: readonly IdType[]): ReadPath => ({
  name: "node by id",
  types,
  fields: ["Query.node"],
  seen: async (user, looked) => ({ ids: await askForEach(user, idsOf(looked, types), { field: (id) => `node(id: ${id}) { id }` }) }),
});

function waysByLookup({ name, field }: RootField): ReadPath[] {
  const types = [entityIdTypes[getNamedType(field.type).name] as IdType];
  const argument = String(field.args.find((each) => each.name === "id")?.type);
  const way = (how: string, more: () => string): ReadPath => ({
    name: `${name} by id${how}`,
    types,
    fields: [`Query.${name}`],
    seen: async (user, looked) => {
      const given = more();
      return { ids: await askForEach(user, idsOf(looked, types), { type: argument, field: (id) => `${name}(id: ${id}${given}) { id }` }) };
    },
  });
  const hasPast = field.args.some((each) => each.name === "asOf");
  return [way("", () => ""), ...(hasPast ? [way(", as of now", () => `, asOf: "${new Date().toISOString()}"`)] : [])];
}

interface Explained {
  readonly type: IdType;
  readonly permission: Permission;
}

/** Asks the administrator's explanations for all objects of a type. Several mutations need the same permission, and are compared with the same answers. */
const explanations = askedOnce(
  ({ userId, type, permission }: Explained & { readonly userId: string }, looked) =>
    answersFor(looked.fixture.admin, idsOf(looked, [type]), {
      field: (id) => `explainAccess(userId: "${userId}", permission: "${permission}", objectId: ${id}) { isAllowed decidedBy }`,
    }),
  ({ userId, type, permission }) => `${userId} ${type} ${permission}`,
);

/**
 * Returns the objects on which a user can use a permission, according to the explanations that the administrator gets. `decidedBy` selects the
 * explanations with that deciding factor instead.
 */
export async function explained(
  { id: userId }: TestUser,
  looked: Looked,
  { type, permission, decidedBy }: Explained & { readonly decidedBy?: string },
): Promise<string[]> {
  const isSeen: IsSeen = (answer) => {
    const explanation = answer as { isAllowed: boolean; decidedBy: string } | null;
    return decidedBy === undefined ? explanation?.isAllowed === true : explanation?.decidedBy === decidedBy;
  };
  return seenIn(await explanations({ userId, type, permission }, looked), isSeen, `explainAccess of ${permission}`);
}

/** Asks the administrator's lists of users who can use a permission, for all objects of a type. Every user is looked up in the same lists. */
const usersWhoCan = askedOnce(
  ({ type, permission }: Explained, looked) =>
    answersFor(looked.fixture.admin, idsOf(looked, [type]), {
      field: (id) => `whoCan(permission: "${permission}", objectId: ${id}, first: 100) { edges { node { user { id } } } }`,
    }),
  ({ type, permission }) => `${type} ${permission}`,
);

/** An error about the data proves that the definition was found. */
const wasLookedInto: IsSeen = (answer, error) => answer !== null || error?.extensions?.code === "BAD_USER_INPUT";

/** Queries that return a part of an object by its ID: type of the object, and field for the name of a variable. */
const partsOfObjects: Readonly<Record<string, readonly [type: IdType, field: (id: string) => string, isSeen?: IsSeen]>> = {
  exportDefinition: ["definition", (id) => `exportDefinition(id: ${id}, format: JSON) { __typename }`],
  explainTransition: ["instance", (id) => `explainTransition(instanceId: ${id}, transition: "none") { __typename }`],
  simulateWorkflow: ["definition", (id) => `simulateWorkflow(definitionId: ${id}, steps: []) { __typename }`, wasLookedInto],
  testCondition: ["definition", (id) => `testCondition(condition: true, definitionId: ${id}) { __typename }`],
  runScenarios: ["definition", (id) => `runScenarios(definitionId: ${id}) { __typename }`],
  diffDefinitions: ["definition", (id) => `diffDefinitions(from: ${id}, to: ${id}) { __typename }`],
};

function wayByPart(name: string): ReadPath[] {
  const [type, field, isSeen] = partsOfObjects[name] ?? [];
  if (type === undefined || field === undefined) return [];
  return [
    {
      name: `${name} by id`,
      types: [type],
      fields: [`Query.${name}`],
      seen: async (user, looked) => ({ ids: await askForEach(user, idsOf(looked, [type]), { field, ...(isSeen && { isSeen }) }) }),
    },
  ];
}

function waysExplained(type: IdType, permission: Permission): ReadPath[] {
  return [
    {
      name: `explainAccess of ${permission}`,
      types: [type],
      fields: ["Query.explainAccess"],
      seen: async (user, looked) => ({ ids: await explained(user, looked, { type, permission }) }),
    },
    {
      name: `whoCan use ${permission}`,
      types: [type],
      fields: ["Query.whoCan"],
      seen: async (user, looked) => ({
        ids: seenIn(
          await usersWhoCan({ type, permission }, looked),
          (answer) => JSON.stringify(answer).includes(user.id),
          `whoCan use ${permission}`,
        ),
      }),
    },
  ];
}

/** Permission that a mutation on an object requires. Mutations that are not listed have types whose access is not explained per object. */
const permissionsOfMutations: Readonly<Record<string, Permission>> = {
  ...changesOfTenantWide(),
  updateVendor: "vendor.update",
  updateProject: "project.update",
  deleteProject: "project.delete",
  updateUser: "user.update",
  deactivateUser: "user.update",
  reactivateUser: "user.update",
  publishDefinition: "definition.publish",
  promoteDefinition: "definition.publish",
  deprecateDefinition: "definition.publish",
  retireDefinition: "definition.publish",
  fireTransition: "workflow.fire",
  cancelWorkflow: "workflow.cancel",
  commentOnWorkflow: "workflow.fire",
  suspendWorkflow: "workflow.cancel",
  resumeWorkflow: "workflow.cancel",
  rollbackWorkflow: "workflow.cancel",
  completeTask: "task.complete",
  delegateTask: "task.claim",
  assignTask: "task.assign",
  updateTask: "task.assign",
  updateChecklistItem: "task.complete",
  askForInformation: "task.complete",
  answerQuestion: "task.read",
  withdrawQuestion: "task.complete",
  updateRequest: "request.update",
  submitRequest: "request.submit",
  cancelRequest: "request.cancel",
  assignRequest: "request.assign",
  triageRequest: "request.triage",
  deleteRequest: "request.delete",
  deactivateVendor: "vendor.deactivate",
  suspendVendor: "vendor.approve",
  blockVendor: "vendor.approve",
  reinstateVendor: "vendor.approve",
  updateContract: "contract.update",
  deleteContract: "contract.update",
  createContractVersion: "contract.update",
  submitContract: "contract.sign",
  renewContract: "contract.sign",
  terminateContract: "contract.sign",
  updateVendorDocument: "vendorDocument.update",
  removeVendorDocument: "vendorDocument.update",
  reviewVendorDocument: "vendorDocument.review",
};

/** Returns the permissions of such mutations: `updateBuilding` requires `building.update`, and so on. */
function changesOfTenantWide(): Record<string, Permission> {
  const changes = tenantWideTypes.flatMap((type) =>
    ["update", "delete"].flatMap((verb): [string, Permission][] => {
      const permission = `${type}.${verb}`;
      return isPermission(permission) ? [[`${verb}${objectTypes[type].typeName}`, permission]] : [];
    }),
  );
  return Object.fromEntries(changes);
}

/** Mutations that act on an object without checking its version, or whose permission does not apply to single objects. */
export const actsOtherwise: Readonly<Record<string, string>> = {
  claimTask: "takes no version: would claim",
  releaseTask: "takes no version: would release",
  commentOnTask: "takes no version: would comment",
  announceRequestActivity: "takes no version: would announce",
  commentOnRequest: "takes no version: would comment",
  editRequestComment: "access to single comments is not explained",
  deleteRequestComment: "access to single comments is not explained",
  deleteComplianceReport: "access to single reports is not explained",
  deleteComplianceReportSchedule: "access to single schedules of reports is not explained",
  exportPerson: "takes no version: would request an export",
  anonymisePerson: "takes no version: would request to anonymize",
  erasePerson: "takes no version: would request an erasure",
  approvePrivacyRequest: "access to single privacy requests is not explained",
  declinePrivacyRequest: "access to single privacy requests is not explained",
  withdrawPrivacyRequest: "access to single privacy requests is not explained",
  createLegalHold: "takes no version: would create a hold",
  endLegalHold: "access to single holds is not explained",
  cancelAuditExport: "access to single exports is not explained",
  cancelExport: "access to single exports is not explained",
  startImport: "access to single imports is not explained",
  cancelImport: "access to single imports is not explained",
  updateApplication: "access to single applications is not explained",
  deleteApplication: "access to single applications is not explained",
  pushOperations: "access to single applications is not explained",
  retireOperations: "access to single applications is not explained",
  updateView: "access to single views is not explained",
  deleteView: "access to single views is not explained",
  attachFile: "takes no version: would attach",
  deleteAttachment: "access to single attachments is not explained",
  linkRequests: "takes no version: would link",
  unlinkRequests: "takes no version: would remove a link",
  convertRequest: "request.triage is explained for triageRequest",
  mergeRequests: "acts on two requests",
  splitRequest: "takes no version: would create a request",
  watchRequest: "takes no version: would watch",
  unwatchRequest: "takes no version: would stop watching",
  revokeRequestFormLink: "access to single links is not explained",
  revokeVendorRegistrationLink: "access to single links is not explained",
  addVendorContact: "takes no version: would add a contact",
  updateVendorContact: "access to single contacts is not explained",
  removeVendorContact: "access to single contacts is not explained",
  setVendorRates: "vendor.update is explained for updateVendor",
  setVendorServiceAreas: "vendor.update is explained for updateVendor",
  createTaskLink: "takes no version: would mail a link",
  updateSpace: "access to single spaces is not explained",
  moveSpace: "access to single spaces is not explained",
  deleteSpace: "access to single spaces is not explained",
  restoreSpace: "access to single spaces is not explained",
  addProjectMember: "project.update is explained for updateProject",
  updateProjectMember: "project.update is explained for updateProject",
  removeProjectMember: "project.update is explained for updateProject",
  assignProjectVendor: "project.update is explained for updateProject",
  unassignProjectVendor: "project.update is explained for updateProject",
  setVendorAvailability: "vendor.update is explained for updateVendor",
  offerToVendor: "takes no version: would offer the request",
  acceptOffer: "access to single offers is not explained",
  declineOffer: "access to single offers is not explained",
  setBuildingContact: "takes no version: would add a contact",
  removeBuildingContact: "takes no version: would remove a contact",
  assignBuildingUsers: "requires user.update in addition",
  unassignBuildingUsers: "requires user.update in addition",
  restoreBuilding: "acts on deleted buildings, which are not explained",
  closeRequest: "workflow.fire is explained for the request's instance",
  reopenRequest: "workflow.fire is explained for the request's instance",
  updateAbsence: "access to single absences is not explained",
  endAbsence: "access to single absences is not explained",
  updateRoutingRule: "routing.update reaches all rules or none",
  deleteRoutingRule: "routing.update reaches all rules or none",
  pauseMaintenancePlan: "maintenancePlan.update reaches all plans or none",
  resumeMaintenancePlan: "maintenancePlan.update reaches all plans or none",
  skipOccurrence: "maintenancePlan.update reaches all plans or none",
  shiftOccurrence: "maintenancePlan.update reaches all plans or none",
  updateSchedule: "schedule.manage reaches all schedules or none",
  deleteSchedule: "schedule.manage reaches all schedules or none",
  pauseSchedule: "schedule.manage reaches all schedules or none",
  resumeSchedule: "schedule.manage reaches all schedules or none",
  runScheduleNow: "schedule.manage reaches all schedules or none",
  backfillSchedule: "schedule.manage reaches all schedules or none",
  reactivateRequestType: "requestType.update reaches all types or none",
  transferAsset: "asset.update is explained for updateAsset",
  startAssetLifecycle: "asset.update is explained for updateAsset",
  restoreAsset: "finds only deleted assets",
  restoreRequest: "finds only deleted requests",
  restoreProject: "finds only deleted projects",
  restoreContract: "finds only deleted contracts",
  updateMilestone: "access to single milestones is not explained",
  deleteMilestone: "access to single milestones is not explained",
  restoreMilestone: "access to single milestones is not explained",
  submitMilestone: "access to single milestones is not explained",
  correctProjectCost: "access to single costs is not explained",
  voidProjectCost: "access to single costs is not explained",
  updateProjectRisk: "access to single risks is not explained",
  closeProjectRisk: "access to single risks is not explained",
  updateProjectDecision: "access to single decisions is not explained",
  closeProjectDecision: "access to single decisions is not explained",
  deleteProjectTemplate: "project.create reaches all templates or none",
  updateProjectPlan: "projectTask.update is not explained for single projects",
  addVendorDocument: "takes no version: would add a document",
  addContractObligation: "contract.update is explained for updateContract",
  updateContractObligation: "access to single obligations is not explained",
  completeContractObligation: "access to single obligations is not explained",
  removeContractObligation: "access to single obligations is not explained",
  rateVendor: "depends on who requested the work and whether it is completed",
  updateProjectTask: "access to single project tasks is not explained",
  moveProjectTask: "access to single project tasks is not explained",
  deleteProjectTask: "access to single project tasks is not explained",
  restoreProjectTask: "access to single project tasks is not explained",
  reportProjectTaskProgress: "access to single project tasks is not explained",
  createScopeItem: "takes no version: would create an item",
  proposeScopeChange: "takes no version: would propose a change",
  updateScopeItem: "access to single scope items is not explained",
  deleteScopeItem: "access to single scope items is not explained",
  approveScope: "scope.approve is not explained for single projects",
  refreshScopeChange: "access to single changes of scopes is not explained",
  withdrawScopeChange: "access to single changes of scopes is not explained",
  setProjectBaseline: "projectTask.update is not explained for single projects",
  updateTaskDependency: "access to single dependencies is not explained",
  removeTaskDependency: "access to single dependencies is not explained",
  startVendorOnboarding: "vendor.create is not explained for single vendors",
  updateAssetType: "assetType.update reaches all types or none",
  reactivateAssetType: "assetType.update reaches all types or none",
  deactivateAssetType: "assetType.update reaches all types or none",
  updateMeter: "access to single meters is not explained",
  recordMeterReading: "access to single meters is not explained",
  correctMeterReading: "access to single meters is not explained",
  deactivateRequestType: "requestType.update reaches all types or none",
  updateModelProvider: "agent.manage reaches all providers or none",
  deleteModelProvider: "agent.manage reaches all providers or none",
  updateAgent: "agent.manage reaches all agents and providers or none",
  deleteAgent: "agent.manage reaches all agents or none",
  decideAgentToolCall: "by one of the roles of the tool",
  updateIntegration: "integration.manage reaches all integrations or none",
  deleteIntegration: "integration.manage reaches all integrations or none",
  checkIntegration: "integration.manage reaches all integrations or none",
  callIntegration: "integration.manage reaches all integrations or none",
  retryIntegrationCall: "integration.manage reaches all integrations or none",
  createIntegrationTrigger: "integration.manage reaches all integrations or none",
  updateIntegrationTrigger: "integration.manage reaches all integrations or none",
  pollIntegrationTrigger: "integration.manage reaches all integrations or none",
  deleteIntegrationTrigger: "integration.manage reaches all integrations or none",
  acceptDefinitionShare: "definitionShare.manage reaches all shares or none",
  declineDefinitionShare: "definitionShare.manage reaches all shares or none",
  revokeDefinitionShare: "definitionShare.manage reaches all shares or none",
  updateDefinitionShare: "definitionShare.manage reaches all shares or none",
  startSharedWorkflow: "definitionShare.use reaches all shares or none",
  copySharedDefinition: "definitionShare.use reaches all shares or none",
  updateSecret: "secret.manage reaches all secrets or none",
  deleteSecret: "secret.manage reaches all secrets or none",
  updateSecurityProfile: "securityProfile.manage reaches all profiles or none",
  deleteSecurityProfile: "securityProfile.manage reaches all profiles or none",
  updateTrigger: "trigger.manage reaches all triggers or none",
  activateTrigger: "trigger.manage reaches all triggers or none",
  deactivateTrigger: "trigger.manage reaches all triggers or none",
  deleteTrigger: "trigger.manage reaches all triggers or none",
  updateNotificationTemplate: "notification.manage reaches all templates or none",
  publishNotificationTemplate: "notification.manage reaches all templates or none",
  unpublishNotificationTemplate: "notification.manage reaches all templates or none",
  sendTestNotification: "notification.manage reaches all templates or none",
  deleteNotificationTemplate: "notification.manage reaches all templates or none",
  updateNotificationRule: "notification.manage reaches all rules or none",
  deleteNotificationRule: "notification.manage reaches all rules or none",
  retryTriggerRun: "trigger.manage reaches all triggers or none",
  replayEventsToTrigger: "trigger.manage reaches all triggers or none",
  createApiKey: "takes no version: would create",
  updateApiKey: "apiKey.manage reaches all service accounts or none",
  rotateApiKey: "apiKey.manage reaches all service accounts or none",
  revokeApiKey: "apiKey.manage reaches all keys or none",
  updateAuditStream: "auditStream.manage reaches all streams or none",
  deleteAuditStream: "auditStream.manage reaches all streams or none",
  updateWebhook: "webhook.manage reaches all webhooks or none",
  pauseWebhook: "webhook.manage reaches all webhooks or none",
  resumeWebhook: "webhook.manage reaches all webhooks or none",
  rotateWebhookSecret: "webhook.manage reaches all webhooks or none",
  deleteWebhook: "webhook.manage reaches all webhooks or none",
  testWebhook: "webhook.manage reaches all webhooks or none",
  replayEvents: "webhook.manage reaches all webhooks or none",
  discardWaitingDeliveries: "configuration.update reaches all webhooks or none",
  redeliverWebhook: "webhook.manage reaches all webhooks or none",
  updateInboundMailAddress: "requestType.update reaches all addresses or none",
  deleteInboundMailAddress: "requestType.update reaches all addresses or none",
  updateIdentityProvider: "identityProvider.manage reaches all providers or none",
  activateIdentityProvider: "identityProvider.manage reaches all providers or none",
  deactivateIdentityProvider: "identityProvider.manage reaches all providers or none",
  deleteIdentityProvider: "identityProvider.manage reaches all providers or none",
  rotateIdentityProviderKey: "identityProvider.manage reaches all providers or none",
  activateIdentityProviderKey: "identityProvider.manage reaches all providers or none",
  testIdentityProvider: "takes no version: would ask the provider",
  verifyDomain: "identityProvider.manage reaches all domains or none",
  removeDomain: "identityProvider.manage reaches all domains or none",
  setBreakGlass: "identityProvider.manage reaches all people or none",
  startSingleSignOn: "takes no version: would begin a login",
  receiveLogoutToken: "takes no version: would log out",
  receiveSamlResponse: "takes no version: would log in",
  loginWithDirectory: "takes no version: would log in",
  updateInboundWebhook: "inboundWebhook.manage reaches all webhooks or none",
  rotateInboundWebhookSecret: "inboundWebhook.manage reaches all webhooks or none",
  retryInboundMessages: "takes no version: would retry",
  deleteInboundWebhook: "inboundWebhook.manage reaches all webhooks or none",
  updateEventType: "eventType.update reaches all types or none",
  deleteEventType: "eventType.update reaches all types or none",
  retryParkedEvents: "event.retry reaches all parked events or none",
  skipParkedEvents: "event.retry reaches all parked events or none",
  setUserSkills: "routing.update reaches all people or none",
  pauseSla: "takes no version: would pause",
  resumeSla: "takes no version: would resume",
  updateSlaPolicy: "sla.manage reaches all policies or none",
  deleteSlaPolicy: "sla.manage reaches all policies or none",
  resolveIncident: "access to single incidents is not explained",
  pauseRun: "access to single runs is not explained",
  resumeRun: "access to single runs is not explained",
  cancelRun: "access to single runs is not explained",
  rerunWorkflow: "access to single runs is not explained",
  retryFromStep: "access to single runs is not explained",
  cancelTimer: "access to single timers is not explained",
  rescheduleTimer: "access to single timers is not explained",
  cancelBulkOperation: "access to single operations is not explained",
  undoMigration: "access to single operations is not explained",
  migrateInstances: "takes no version: would migrate",
  updateDefinition: "definition.create is explained without an object",
  deleteDefinition: "definition.create is explained without an object",
  cloneDefinition: "takes no version: would copy",
  markNotificationRead: "one's own",
  archiveNotification: "one's own",
  removeNotificationDestination: "one's own",
  renamePasskey: "one's own",
  removePasskey: "one's own",
  confirmNotificationDestination: "one's own",
  addTeamNotificationDestination: "access to single teams is not explained",
  updateTeamNotificationDestination: "access to single chats of teams is not explained",
  removeTeamNotificationDestination: "access to single chats of teams is not explained",
  testTeamNotificationDestination: "takes no version: would send",
  resendNotificationDelivery: "notification.manage reaches all deliveries or none",
  liftMailSuppression: "notification.manage reaches all people or none",
  setRolePermissions: "role.update reaches all roles or none",
  updateRole: "role.update reaches all roles or none",
  deleteRole: "role.update reaches all roles or none",
  updateTeam: "access to single teams is not explained",
  deleteTeam: "access to single teams is not explained",
  addTeamMember: "access to single teams is not explained",
  removeTeamMember: "access to single teams is not explained",
  updateConfiguration: "access to single teams is not explained",
  rollbackConfiguration: "access to single teams is not explained",
  setUserPermissions: "refuses people of vendors, and oneself, before it looks",
  resendInvitation: "user.create is explained without an object",
  startPasswordReset: "takes no version: would email",
  resetSecondFactors: "takes no version: would remove them",
  revokeInvitation: "user.create is explained without an object",
  endOperatorSession: "a session",
  revokeSession: "a session of one's own",
  unlinkIdentity: "an account of one's own",
  unlinkUserIdentity: "takes no version: would unlink",
  revokeUserSessions: "takes no version: would end sessions",
  ...Object.fromEntries(
    [
      "actAsTenant",
      "archiveTenant",
      "deactivateTenant",
      "reactivateTenant",
      "restoreTenant",
      "setTenantPlan",
      "updateContractConfiguration",
      "updateTenant",
    ].map((name) => [name, "one's own tenant, or any for operators"]),
  ),
};

/** Other arguments that these inputs require to be processed. Other updates take a name. */
const restOfInput: Readonly<Record<string, string>> = {
  promoteDefinition: ", to: PROD",
  fireTransition: ', transition: "none"',
  completeTask: ', transition: "none"',
  delegateTask: `, userId: "${encodeId("user", newId())}"`,
  updateChecklistItem: ', itemKey: "none"',
  askForInformation: `, text: "Which?", askedId: "${encodeId("user", newId())}"`,
  answerQuestion: ', text: "This"',
  commentOnWorkflow: ', audience: PUBLIC, comment: "Said"',
  suspendWorkflow: ', reason: "Audit"',
  suspendVendor: ', reason: "Audit"',
  blockVendor: ', reason: "Audit"',
  reinstateVendor: ', reason: "Audit"',
  rollbackWorkflow: ', reason: "Wrong", toVersion: 1, data: RESTORED',
  updateRequest: ", data: {}",
  triageRequest: ", tags: []",
  updateTask: "",
  updateContract: ', title: "Renamed"',
  renewContract: ', endsOn: "2100-01-01"',
  terminateContract: ', reason: "None"',
  updateVendorDocument: ', title: "Renamed"',
  reviewVendorDocument: ", decision: ACCEPT",
};

/** Message about a user who was found: the user has more rights, or represents an operator. */
const refusedWhenFound = /^(You cannot change this user|This user stands for a platform operator)/;

/** Objects of a type that a mutation finds. */
export interface SearchPath {
  readonly name: string;
  readonly permission: Permission;
  readonly type: IdType;
  /** Returns those of the objects that the mutation finds for the user. */
  readonly found: (user: TestUser, ids: readonly string[]) => Promise<string[]>;
}

/** Returns the mutations that act on an object. With a version that never existed they return CONFLICT, but only for objects that they find. */
export function searchPaths(schema: GraphQLSchema): SearchPath[] {
  return rootFieldsOf(schema)
    .filter(({ kind, name }) => kind === "mutation" && name in permissionsOfMutations)
    .map((root) => {
      const permission = permissionsOfMutations[root.name];
      const [path = ""] = Object.entries(mutationCases[root.name]?.ids ?? {}).find(([, refusal]) => refusal === "object") ?? [];
      const resource = permission?.split(".")[0] ?? "";
      const type = Object.keys(readPermissions).find((each) => readPermissions[each as IdType] === `${resource}.read`) as IdType;
      const more = restOfInput[root.name] ?? (root.name.startsWith("update") ? ', name: "Renamed"' : "");
      if (!isPermission(permission)) throw new Error(`${root.name} has no permission here.`);
      return {
        name: root.name,
        permission,
        type,
        found: (user, ids) =>
          askForEach(user, ids, {
            kind: "mutation",
            field: (id) => `${root.name}(input: { ${path}: ${id}, expectedVersion: 1000000${more} }) { __typename }`,
            isSeen: (_answer, error) => error?.extensions?.code === "CONFLICT" || refusedWhenFound.test(error?.message ?? ""),
          }),
      };
    });
}

/** Returns the names of all root fields that read, in the format of the read paths. */
export const rootNames = (schema: GraphQLSchema): string[] =>
  rootFieldsOf(schema)
    .filter(({ kind }) => kind !== "mutation")
    .map(({ kind, name }) => `${kind === "query" ? "Query" : "Subscription"}.${name}`);
