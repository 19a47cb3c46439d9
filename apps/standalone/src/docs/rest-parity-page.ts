import { type Area, areas } from "@weft/api/subgraph";
import type { GraphQLSchema } from "graphql";
import { prose, table } from "./markdown.js";

/** Routes of a REST API for the same purposes, each with the operation that takes its place. */
const operationsOfRoutes = [
  ["POST auth/register", "registerOrganization"],
  ["POST auth/login", "login"],
  ["POST auth/logout", "logout"],
  ["GET auth/me", "me"],
  ["GET tenants", "tenants"],
  ["POST tenants", "createTenant"],
  ["GET tenants/:id", "tenant"],
  ["PUT tenants/:id", "updateTenant"],
  ["DELETE tenants/:id", "deactivateTenant"],
  ["GET users", "users"],
  ["POST users", "createUser"],
  ["GET users/:id", "user"],
  ["PUT users/:id", "updateUser"],
  ["DELETE users/:id", "deactivateUser"],
  ["GET roles", "roles"],
  ["POST roles", "createRole"],
  ["GET roles/:id", "role"],
  ["PUT roles/:id", "updateRole"],
  ["DELETE roles/:id", "deleteRole"],
  ["PUT roles/:id/permissions", "setRolePermissions"],
  ["GET permissions", "permissions"],
  ["POST permissions", "createPermission"],
  ["GET workflows/definitions", "definitions"],
  ["POST workflows/definitions", "createDefinition"],
  ["GET workflows/definitions/:id", "definition"],
  ["PUT workflows/definitions/:id", "updateDefinition"],
  ["DELETE workflows/definitions/:id", "deleteDefinition"],
  ["POST workflows/definitions/validate", "validateDefinition"],
  ["GET workflows/instances", "workflowInstances"],
  ["POST workflows/instances", "startWorkflow"],
  ["GET workflows/instances/:id", "workflowInstance"],
  ["POST workflows/instances/:id/transitions", "fireTransition"],
  ["DELETE workflows/instances/:id", "cancelWorkflow"],
  ["GET requests", "requests"],
  ["POST requests", "createRequest"],
  ["GET requests/:id", "request"],
  ["PUT requests/:id", "updateRequest"],
  ["POST requests/:id/submit", "submitRequest"],
  ["POST requests/:id/cancel", "cancelRequest"],
  ["GET buildings", "buildings"],
  ["POST buildings", "createBuilding"],
  ["GET buildings/:id", "building"],
  ["PUT buildings/:id", "updateBuilding"],
  ["DELETE buildings/:id", "deleteBuilding"],
  ["GET assets", "assets"],
  ["POST assets", "createAsset"],
  ["GET assets/:id", "asset"],
  ["PUT assets/:id", "updateAsset"],
  ["DELETE assets/:id", "deleteAsset"],
  ["GET vendors", "vendors"],
  ["POST vendors", "createVendor"],
  ["GET vendors/:id", "vendor"],
  ["PUT vendors/:id", "updateVendor"],
  ["DELETE vendors/:id", "deactivateVendor"],
  ["GET projects", "projects"],
  ["POST projects", "createProject"],
  ["GET projects/:id", "project"],
  ["PUT projects/:id", "updateProject"],
  ["DELETE projects/:id", "deleteProject"],
  ["GET audit-logs", "auditEntries"],
] as const satisfies readonly (readonly [route: string, operation: string])[];

/** What else such an API offers, without a common route. */
const operationsOfServices = [
  ["Delete a team", "deleteTeam"],
  ["Change a request type", "updateRequestType"],
  ["Deactivate a request type", "deactivateRequestType"],
  ["Close a request", "closeRequest"],
  ["Reopen a request", "reopenRequest"],
  ["Delete a request", "deleteRequest"],
  ["Restore a request", "restoreRequest"],
  ["Comment on a request", "commentOnRequest"],
  ["Link requests", "linkRequests"],
  ["Watch a request", "watchRequest"],
  ["Publish an event", "publishEvent"],
  ["List events", "events"],
  ["Save a view", "saveView"],
  ["List saved views", "savedViews"],
  ["Upload a file", "createUpload"],
  ["Attach a file", "attachFile"],
  ["Delete a file", "deleteAttachment"],
  ["Export requests", "exportRequests"],
  ["Restore a building", "restoreBuilding"],
  ["Assign users to a building", "assignBuildingUsers"],
  ["Create a space", "createSpace"],
  ["Transfer an asset", "transferAsset"],
  ["Restore an asset", "restoreAsset"],
  ["Record a meter reading", "recordMeterReading"],
  ["Create a maintenance plan", "createMaintenancePlan"],
  ["Apply as a vendor", "registerVendor"],
  ["Rate a vendor", "rateVendor"],
  ["Add a document of a vendor", "addVendorDocument"],
  ["Review a document of a vendor", "reviewVendorDocument"],
  ["View the performance of a vendor", "vendorPerformance"],
  ["Set the availability of a vendor", "setVendorAvailability"],
  ["Suggest vendors", "suggestVendors"],
  ["Offer a request to a vendor", "offerToVendor"],
  ["Accept an offer", "acceptOffer"],
  ["Assign a vendor to a project", "assignProjectVendor"],
  ["Create a contract", "createContract"],
  ["Create a version of a contract", "createContractVersion"],
  ["Submit a contract for approval", "submitContract"],
  ["Add an obligation to a contract", "addContractObligation"],
  ["Complete an obligation of a contract", "completeContractObligation"],
  ["Create a milestone of a project", "createMilestone"],
  ["Submit a milestone for approval", "submitMilestone"],
  ["Record a cost of a project", "recordProjectCost"],
  ["Record a risk of a project", "createProjectRisk"],
  ["Record a decision of a project", "createProjectDecision"],
  ["Save a project as a template", "saveProjectTemplate"],
  ["Create a project task", "createProjectTask"],
  ["Add a dependency between project tasks", "addTaskDependency"],
  ["Compute the schedule of a project", "projectSchedule"],
  ["Create a scope item", "createScopeItem"],
  ["Approve the scope of a project", "approveScope"],
  ["Propose a change of a scope", "proposeScopeChange"],
  ["List changes of scopes", "scopeChanges"],
  ["Set a baseline of a project", "setProjectBaseline"],
  ["View the workload of a project", "projectWorkload"],
  ["List SLA clocks", "slaTimers"],
  ["Pause SLA clocks", "pauseSla"],
  ["Resume SLA clocks", "resumeSla"],
  ["List breached SLA clocks", "slaBreaches"],
  ["Report on SLAs", "slaReport"],
  ["List escalations", "escalations"],
  ["Create a schedule", "createSchedule"],
  ["List the next runs of a schedule", "nextRuns"],
  ["View statistics of workflows", "workflowStatistics"],
  ["Create a trigger", "createTrigger"],
] as const satisfies readonly (readonly [service: string, operation: string])[];

/**
 * Returns `docs/reference/rest-parity.md`: where users of a REST API find each of its routes.
 * @param areaOf area of a root field, by `Type.field`
 * @throws for an operation that the schema does not contain
 */
export function restParityPage(schema: GraphQLSchema, areaOf: ReadonlyMap<string, Area>): string {
  return [
    introduction,
    ...table(["route", "operation", "kind", "area", "what it does"], operationsOfRoutes.map(rowOf)),
    "",
    "## Services without a common route",
    "",
    ...table(["service", "operation", "kind", "area", "what it does"], operationsOfServices.map(rowOf)),
    "",
  ].join("\n");

  function rowOf([from, operation]: readonly [string, string]): string[] {
    const kind = (["query", "mutation"] as const).find((each) => fieldsOf(schema, each)[operation] !== undefined);
    if (kind === undefined) throw new Error(`The schema has no query or mutation ${operation}.`);
    const [summary = ""] = prose(fieldsOf(schema, kind)[operation]?.description).split(/(?<=\.) /);
    const area = areaOf.get(`${kind === "query" ? "Query" : "Mutation"}.${operation}`);
    if (area === undefined) throw new Error(`${operation} belongs to no area.`);
    return [from.includes("/") || /^[A-Z]+ /.test(from) ? `\`${from}\`` : from, `\`${operation}\``, kind, areas[area], summary];
  }
}

const fieldsOf = (schema: GraphQLSchema, kind: "query" | "mutation") =>
  (kind === "query" ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {};

const introduction = `# From REST routes to operations

<!-- Generated by \`pnpm run docs\` from apps/standalone/src/docs/rest-parity-page.ts. -->

If you know workflow systems with a REST API, this page shows where to find each of their routes, and the area under which the [reference](schema/index.md#operations-by-area) describes it. Every operation is tested: the schema walk (\`testkit/src/isolation/schema-walk.ts\`) runs it with valid input, and with the IDs of another tenant.
`;
