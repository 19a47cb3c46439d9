import { encodeId, entityIdTypes, newId, type IdType, isPermission, type Permission } from "@weft/shared";
import { getNamedType, type GraphQLSchema } from "graphql";
import type { TestUser } from "../../test-user.js";
import { type RootField, rootFieldsOf } from "../api-schema.js";
import { mutationCases } from "../cases.js";
import { waysThroughList } from "./lists.js";
import { waysLive } from "./live.js";
import { nodeTypesOf, waysByReference } from "./references.js";
import { askForEach, idsOf, type Looked, type WayOfReading } from "./way.js";

/** The permission to read objects of a type, where access to single ones is explained. */
const readPermissions: Partial<Record<IdType, Permission>> = {
  request: "request.read",
  instance: "workflow.read",
  task: "task.read",
  definition: "definition.read",
  requestType: "requestType.read",
  building: "building.read",
  asset: "asset.read",
  vendor: "vendor.read",
  project: "project.read",
  user: "user.read",
};

/**
 * Every way of reading objects that the schema has. What the schema adds joins by itself; what joins no way has a line in
 * `readsNoObjects`, or fails the test by its name.
 */
export function waysOfReading(schema: GraphQLSchema): WayOfReading[] {
  const roots = rootFieldsOf(schema);
  const types = nodeTypesOf(schema).map(({ name }) => entityIdTypes[name] as IdType);
  return [
    wayByNode(types),
    ...roots.filter(isLookup).map(wayByLookup),
    ...roots.flatMap(({ name }) => wayByPart(name)),
    ...roots.filter(({ kind }) => kind === "query").flatMap(waysThroughList),
    ...waysByReference(schema),
    ...roots.filter(({ kind }) => kind === "subscription").flatMap(waysLive),
    ...Object.entries(readPermissions).flatMap(([type, permission]) => waysExplained(type as IdType, permission)),
  ];
}

/** Root fields that show no objects with ids of their own, or none that others could see, and why. */
export const readsNoObjects: Readonly<Record<string, string>> = {
  "Query.nodes": "what all are held against",
  "Query.planMigration": "of two definitions and instances of them, for who may see both",
  "Query.previewBulkTransition": "a count and a sample of what the list of instances shows",
  "Query.testRouting": "of work that is imagined, for who sees all rules",
  "Query.userSkills": "of all people, for who sees all rules",
  "Query.me": "oneself, whatever one may see",
  "Query.liveCursor": "a place in the tenant's events, without any of them",
  "Query.operatorSessions": "sessions, which nothing else shows",
  "Query.permissions": "a catalogue",
  "Query.unreadNotificationCount": "a number about oneself",
  "Query.configuration": "values without ids, of the tenant or a team",
  "Query.configurationChanged": "values without ids",
  "Query.contractConfiguration": "values without ids, for operators",
  "Query.configurationDiff": "values without ids",
  "Query.configurationSchema": "one for everybody",
  "Query.configurationVersions": "values without ids",
  "Query.effectiveConfiguration": "values without ids",
  "Subscription.configurationChanged": "values without ids",
  "Query.validateDefinition": "of what is sent",
  "Query.verifyAuditTrail": "the whole chain",
  "Query.auditVerification": "for those who may verify the whole chain",
  "Query.auditVerifications": "for those who may verify the whole chain",
  "Query.taskCounts": "numbers of the queues of tasks",
  "Query.absences": "access to single absences is not explained",
};

const nodeTypeNames = new Set(Object.keys(entityIdTypes));

/** `thing(id)`. */
const isLookup = ({ kind, name, field }: RootField): boolean =>
  kind === "query" &&
  name !== "node" &&
  field.args.length === 1 &&
  field.args[0]?.name === "id" &&
  nodeTypeNames.has(getNamedType(field.type).name);

const wayByNode = (types: readonly IdType[]): WayOfReading => ({
  name: "node by id",
  types,
  fields: ["Query.node"],
  seen: async (user, looked) => ({ ids: await askForEach(user, idsOf(looked, types), { field: (id) => `node(id: ${id}) { id }` }) }),
});

function wayByLookup({ name, field }: RootField): WayOfReading {
  const types = [entityIdTypes[getNamedType(field.type).name] as IdType];
  const argument = String(field.args[0]?.type);
  return {
    name: `${name} by id`,
    types,
    fields: [`Query.${name}`],
    seen: async (user, looked) => ({
      ids: await askForEach(user, idsOf(looked, types), { type: argument, field: (id) => `${name}(id: ${id}) { id }` }),
    }),
  };
}

/** On what somebody may use a permission, as it is explained to the administrator; `decidedBy` chooses what was decided by something. */
export const explained = (
  user: TestUser,
  looked: Looked,
  { type, permission, decidedBy }: { readonly type: IdType; readonly permission: Permission; readonly decidedBy?: string },
): Promise<string[]> =>
  askForEach(looked.world.admin, idsOf(looked, [type]), {
    field: (id) => `explainAccess(userId: "${user.id}", permission: "${permission}", objectId: ${id}) { isAllowed decidedBy }`,
    isSeen: (answer) => {
      const explanation = answer as { isAllowed: boolean; decidedBy: string } | null;
      return decidedBy === undefined ? explanation?.isAllowed === true : explanation?.decidedBy === decidedBy;
    },
  });

type IsSeen = NonNullable<Parameters<typeof askForEach>[2]["isSeen"]>;

/** What the definition says about the data shows that it was found. */
const wasLookedInto: IsSeen = (answer, error) => answer !== null || error?.extensions?.code === "BAD_USER_INPUT";

/** Queries that give something of an object, by its id: with the type of the object and, for a variable's name, the field. */
const partsOfObjects: Readonly<Record<string, readonly [type: IdType, field: (id: string) => string, isSeen?: IsSeen]>> = {
  exportDefinition: ["definition", (id) => `exportDefinition(id: ${id}, format: JSON) { __typename }`],
  explainTransition: ["instance", (id) => `explainTransition(instanceId: ${id}, transition: "none") { __typename }`],
  simulateWorkflow: ["definition", (id) => `simulateWorkflow(definitionId: ${id}, steps: []) { __typename }`, wasLookedInto],
  testCondition: ["definition", (id) => `testCondition(condition: true, definitionId: ${id}) { __typename }`],
  runScenarios: ["definition", (id) => `runScenarios(definitionId: ${id}) { __typename }`],
  diffDefinitions: ["definition", (id) => `diffDefinitions(from: ${id}, to: ${id}) { __typename }`],
};

function wayByPart(name: string): WayOfReading[] {
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

function waysExplained(type: IdType, permission: Permission): WayOfReading[] {
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
        ids: await askForEach(looked.world.admin, idsOf(looked, [type]), {
          field: (id) => `whoCan(permission: "${permission}", objectId: ${id}, first: 100) { edges { node { user { id } } } }`,
          isSeen: (answer) => JSON.stringify(answer).includes(user.id),
        }),
      }),
    },
  ];
}

/** What a mutation that acts on an object asks for; those that are not listed are of types whose access is not explained by object. */
const permissionsOfMutations: Readonly<Record<string, Permission>> = {
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
  tickTask: "task.complete",
  askForInformation: "task.complete",
  answerQuestion: "task.read",
  withdrawQuestion: "task.complete",
  updateRequest: "request.update",
  submitRequest: "request.submit",
  cancelRequest: "request.cancel",
  assignRequest: "request.assign",
  updateBuilding: "building.update",
  updateAsset: "asset.update",
  updateVendor: "vendor.update",
  deactivateVendor: "vendor.deactivate",
};

/** Mutations that act on an object without asking about its version, or whose permission is not about single objects. */
export const actsOtherwise: Readonly<Record<string, string>> = {
  claimTask: "takes no version: would claim",
  releaseTask: "takes no version: would release",
  commentOnTask: "takes no version: would comment",
  createTaskLink: "takes no version: would mail a link",
  closeRequest: "workflow.fire is explained for the request's instance",
  reopenRequest: "workflow.fire is explained for the request's instance",
  updateAbsence: "access to single absences is not explained",
  endAbsence: "access to single absences is not explained",
  updateRoutingRule: "routing.update reaches all rules or none",
  deleteRoutingRule: "routing.update reaches all rules or none",
  setUserSkills: "routing.update reaches all people or none",
  resolveIncident: "access to single incidents is not explained",
  cancelBulkOperation: "access to single operations is not explained",
  undoMigration: "access to single operations is not explained",
  migrateInstances: "takes no version: would migrate",
  updateDefinition: "definition.create is explained without an object",
  deleteDefinition: "definition.create is explained without an object",
  cloneDefinition: "takes no version: would copy",
  markNotificationRead: "one's own",
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
  revokeInvitation: "user.create is explained without an object",
  endOperatorSession: "a session",
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

/** What else these inputs need to be worth looking at. */
const restOfInput: Readonly<Record<string, string>> = {
  promoteDefinition: ", to: PROD",
  fireTransition: ', transition: "none"',
  completeTask: ', transition: "none"',
  delegateTask: `, userId: "${encodeId("user", newId())}"`,
  tickTask: ', itemKey: "none"',
  askForInformation: `, text: "Which?", askedId: "${encodeId("user", newId())}"`,
  answerQuestion: ', text: "This"',
  commentOnWorkflow: ', comment: "Said"',
  suspendWorkflow: ', reason: "Audit"',
  rollbackWorkflow: ', reason: "Wrong", toVersion: 1, data: THEN',
  updateRequest: ", data: {}",
  updateUser: ', name: "Renamed"',
  updateVendor: ', name: "Renamed"',
  updateBuilding: ', name: "Renamed"',
  updateAsset: ', name: "Renamed"',
};

/** What is said of a user who has been found: he may do more, or stands for an operator. */
const refusedWhenFound = /^(You cannot change this user|This user stands for a platform operator)/;

/** What a mutation finds among the objects of a type. */
export interface WayOfFinding {
  readonly name: string;
  readonly permission: Permission;
  readonly type: IdType;
  readonly found: (user: TestUser, looked: Looked) => Promise<string[]>;
}

/** The mutations that act on an object: to a version that never was they say CONFLICT, but only of what they have found. */
export function waysOfFinding(schema: GraphQLSchema): WayOfFinding[] {
  return rootFieldsOf(schema)
    .filter(({ kind, name }) => kind === "mutation" && name in permissionsOfMutations)
    .map((root) => {
      const permission = permissionsOfMutations[root.name];
      const [path = ""] = Object.entries(mutationCases[root.name]?.ids ?? {}).find(([, refusal]) => refusal === "object") ?? [];
      const resource = permission?.split(".")[0] ?? "";
      const type = Object.keys(readPermissions).find((each) => readPermissions[each as IdType] === `${resource}.read`) as IdType;
      const more = restOfInput[root.name] ?? "";
      if (!isPermission(permission)) throw new Error(`${root.name} has no permission here.`);
      return {
        name: root.name,
        permission,
        type,
        found: (user, looked) =>
          askForEach(user, idsOf(looked, [type]), {
            kind: "mutation",
            field: (id) => `${root.name}(input: { ${path}: ${id}, expectedVersion: 1000000${more} }) { __typename }`,
            isSeen: (_answer, error) => error?.extensions?.code === "CONFLICT" || refusedWhenFound.test(error?.message ?? ""),
          }),
      };
    });
}

/** All root fields that read, as the ways name them. */
export const rootNames = (schema: GraphQLSchema): string[] =>
  rootFieldsOf(schema)
    .filter(({ kind }) => kind !== "mutation")
    .map(({ kind, name }) => `${kind === "query" ? "Query" : "Subscription"}.${name}`);
