import type { IdType } from "@weft/shared";
import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import { bulkLookupCases, bulkMutationCases } from "./bulk-cases.js";
import { taskFilterCases, taskMutationCases } from "./task-cases.js";
import { routingLookupCases, routingMutationCases } from "./routing-cases.js";
import { incidentLookupCases, incidentMutationCases } from "./incident-cases.js";
import { draftRequest, submittedRequest, type World } from "./world.js";

/**
 * What an id of somebody else's, or one that was never issued, is answered with. `object`: what is acted on, NOT_FOUND. `input`: what is named inside,
 * BAD_USER_INPUT. `null`: a place of the answer is null, without an error.
 */
export type Refusal = "object" | "input" | "null";

export interface MutationCase {
  /** Who may do it; the administrator when absent. */
  readonly as?: "operations" | "requester";
  /** Done by the administrator of a tenant of its own, which it ends. */
  readonly inOwnTenant?: true;
  /** Done in a session of its own, which it ends. */
  readonly inOwnSession?: true;
  /** Done by an operator of the platform tenant; everybody else is refused, whatever the ids. */
  readonly byOperator?: true;
  /** A valid input of one's own. What it needs is made by `actor` when that is his, else by the administrator. */
  readonly input: (world: World, actor: TestUser) => Promise<Record<string, unknown>>;
  /** Every path below `input` at which an id stands. */
  readonly ids: Readonly<Record<string, Exclude<Refusal, "null">>>;
}

let made = 0;
/** Unique within the run. */
const fresh = (prefix: string): string => `${prefix}-${++made}`;

async function create<T>(
  { admin }: World,
  operation: keyof typeof seedOperations,
  type: string,
  input: Record<string, unknown>,
): Promise<T> {
  const data = await admin.run<Record<string, Record<string, T>>>(seedOperations[operation], { input });
  return (data[operation] as Record<string, T>)[type] as T;
}
type HasId = { readonly id: string };

const newUser = (world: World) =>
  create<HasId>(world, "createUser", "user", { email: `${fresh("person")}@example.com`, name: "Person", roleKeys: ["viewer"] });
const newVendor = (world: World) => create<HasId>(world, "createVendor", "vendor", { code: fresh("V"), name: "A vendor" });
const newDefinition = async (key: string) =>
  (await loadExampleDefinition("maintenance-request")).replace("key: maintenance-request", `key: ${key}`);
const newDraft = async (world: World) =>
  (await create<HasId>(world, "createDefinition", "definition", { source: await newDefinition(fresh("definition")) })).id;
const newPublished = async (world: World, environment = "PROD") => {
  const id = await newDraft(world);
  await create(world, "publishDefinition", "definition", { id, environment, acceptWarnings: true });
  return id;
};
const newBuilding = (world: World) => create<HasId>(world, "createBuilding", "building", { code: fresh("B"), name: "A building" });
const newAsset = ({ buildingId }: World) => ({ buildingId, tag: fresh("T"), name: "An asset", type: "pump" });
/** Somebody's request, submitted: it has an earlier state. */
const movedOn = async (actor: TestUser) => (await submittedRequest(actor)).instanceId;
/** Somebody's draft, held by the administrator. */
const heldInstance = async (admin: TestUser, actor: TestUser) => {
  const { instanceId } = await draftRequest(actor);
  await admin.run(`mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Audit" }) { instance { id } } }`, {
    id: instanceId,
  });
  return instanceId;
};
const vendorRole = async ({ admin }: World) => {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === "vendor_user")?.node.id;
};
const newTask = async (world: World) => {
  const { instanceId } = await submittedRequest(world.requester);
  const { workflowInstance } = await world.operations.run<{ workflowInstance: { tasks: HasId[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    {
      id: instanceId,
    },
  );
  return workflowInstance.tasks[0]?.id;
};
const claimedTask = async (world: World) => {
  const id = await newTask(world);
  await world.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  return id;
};
const grants = [{ permission: "request.read", scope: "TENANT" }];
const newRole = async ({ admin }: World) => {
  const { createRole } = await admin.run<{ createRole: { role: HasId } }>(
    "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
    { input: { key: fresh("role"), name: "A role", permissions: grants } },
  );
  return createRole.role.id;
};

const newInvitation = async ({ admin, tenant }: World) => {
  const email = `${fresh("guest")}@${tenant.slug}.example`;
  await admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", { input: { email, name: "Guest" } });
  return (await tenant.mails(email)).at(-1)?.token;
};
const newVerification = async (tenant: World["tenant"]) => {
  const user = await tenant.user("viewer");
  await user.run("mutation { requestEmailVerification { user { id } } }");
  return (await tenant.mails(user.login)).at(-1)?.token;
};

const tenantOf = async (user: TestUser) => (await user.run<{ tenant: HasId }>("{ tenant { id } }")).tenant.id;
const aTenantToMake = () => {
  const slug = fresh("tenant");
  return { slug, name: "A tenant", admin: { name: "First", email: `first@${slug}.example`, password: "a quiet river 42" } };
};
const newTenant = async ({ tenant }: World) => {
  const { createTenant } = await (
    await tenant.platform()
  ).operator.run<{ createTenant: { tenant: HasId } }>(
    "mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }",
    { input: aTenantToMake() },
  );
  return createTenant.tenant.id;
};
async function aTenantToMove(world: World): Promise<Record<string, unknown>> {
  return { tenantId: await newTenant(world), reason: "A test" };
}
const newOperatorSession = async ({ tenant, admin }: World) => {
  await (await tenant.platform()).actAs(tenant);
  const { operatorSessions } = await admin.run<{ operatorSessions: { edges: { node: HasId }[] } }>(
    "{ operatorSessions(first: 1) { edges { node { id } } } }",
  );
  return operatorSessions.edges[0]?.node.id;
};

/** Every mutation: an addition to the schema without a line here fails the walk. */
export const mutationCases: Readonly<Record<string, MutationCase>> = {
  // identity
  login: { input: async (_world, { login, password }) => ({ login, password }), ids: {} },
  refreshSession: { input: async (_world, actor) => ({ refreshToken: (await actor.again()).refreshToken }), ids: {} },
  logout: { inOwnSession: true, input: async () => ({}), ids: {} },
  registerOrganization: {
    input: async () => {
      const name = fresh("organisation");
      return { name, admin: { name: "First", email: `first@${name}.example`, password: "a quiet river 42" } };
    },
    ids: {},
  },
  deactivateTenant: {
    inOwnTenant: true,
    input: async (_world, actor) => ({ tenantId: await tenantOf(actor), reason: "A test" }),
    ids: { tenantId: "object" },
  },
  updateTenant: {
    input: async ({ tenant }, actor) => ({ tenantId: await tenantOf(actor), name: `${tenant.name} ${fresh("again")}` }),
    ids: { tenantId: "object" },
  },
  createTenant: { byOperator: true, input: async () => aTenantToMake(), ids: {} },
  setTenantPlan: {
    byOperator: true,
    input: async (world) => ({ tenantId: await newTenant(world), plan: "PRO", reason: "A test" }),
    ids: { tenantId: "object" },
  },
  reactivateTenant: { byOperator: true, input: aTenantToMove, ids: { tenantId: "object" } },
  archiveTenant: { byOperator: true, input: aTenantToMove, ids: { tenantId: "object" } },
  restoreTenant: { byOperator: true, input: aTenantToMove, ids: { tenantId: "object" } },
  actAsTenant: { byOperator: true, input: aTenantToMove, ids: { tenantId: "object" } },
  endOperatorSession: { input: async (world) => ({ id: await newOperatorSession(world) }), ids: { id: "object" } },
  createPermission: { input: async () => ({ name: `custom.${fresh("own").replace("-", "")}`, description: "A test." }), ids: {} },
  createRole: {
    input: async (world) => ({ key: fresh("role"), name: "A role", permissions: grants, parentIds: [await newRole(world)] }),
    ids: { parentIds: "input" },
  },
  setRolePermissions: {
    input: async (world) => ({ roleId: await newRole(world), permissions: [] }),
    ids: { roleId: "object" },
  },
  updateRole: {
    input: async (world) => ({ id: await newRole(world), name: "Renamed", parentIds: [await newRole(world)] }),
    ids: { id: "object", parentIds: "input" },
  },
  deleteRole: { input: async (world) => ({ id: await newRole(world) }), ids: { id: "object" } },
  createTeam: { input: async () => ({ key: fresh("team"), name: "A team" }), ids: {} },
  updateTeam: { input: async ({ teamId }) => ({ id: teamId, name: fresh("Team") }), ids: { id: "object" } },
  addTeamMember: {
    input: async (world) => ({ teamId: world.teamId, userId: (await newUser(world)).id }),
    ids: { teamId: "object", userId: "input" },
  },
  removeTeamMember: {
    input: async (world) => {
      const { id } = await newUser(world);
      await world.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
        input: { teamId: world.teamId, userId: id },
      });
      return { teamId: world.teamId, userId: id };
    },
    ids: { teamId: "object", userId: "input" },
  },
  createUser: {
    input: async (world) => ({
      email: `${fresh("new")}@example.com`,
      name: "New",
      type: "VENDOR",
      vendorId: world.vendorId,
      roleIds: [await vendorRole(world)],
      teamIds: [world.teamId],
    }),
    ids: { vendorId: "input", roleIds: "input", teamIds: "input" },
  },
  updateProfile: { input: async () => ({ title: fresh("Caretaker") }), ids: {} },
  updateUser: {
    input: async (world) => ({ id: (await newUser(world)).id, name: "Renamed", roleIds: [await vendorRole(world)] }),
    ids: { id: "object", roleIds: "input" },
  },
  inviteUser: {
    input: async (world) => ({
      email: `${fresh("invited")}@example.com`,
      name: "Invited",
      vendorId: world.vendorId,
      roleIds: [await vendorRole(world)],
      teamIds: [world.teamId],
    }),
    ids: { vendorId: "input", roleIds: "input", teamIds: "input" },
  },
  resendInvitation: { input: async (world) => ({ userId: (await newUser(world)).id }), ids: { userId: "object" } },
  revokeInvitation: { input: async (world) => ({ userId: (await newUser(world)).id }), ids: { userId: "object" } },
  acceptInvitation: { input: async (world) => ({ token: await newInvitation(world), password: "a quiet river 42" }), ids: {} },
  requestEmailVerification: { input: async () => ({}), ids: {} },
  verifyEmail: { input: async ({ tenant }) => ({ token: await newVerification(tenant) }), ids: {} },
  setUserPermissions: {
    input: async (world) => ({
      userId: (await newUser(world)).id,
      grants,
      denials: [{ permission: "task.complete", scope: "OWN" }],
      reason: "A test",
    }),
    ids: { userId: "object" },
  },
  deactivateUser: { input: async (world) => ({ id: (await newUser(world)).id }), ids: { id: "object" } },
  reactivateUser: { input: async (world) => ({ id: (await newUser(world)).id }), ids: { id: "object" } },
  updateConfiguration: {
    input: async ({ teamId }) => ({ teamId, patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    ids: { teamId: "object" },
  },
  updatePlatformConfiguration: {
    byOperator: true,
    input: async () => ({ patch: { branding: { supportEmail: `${fresh("help")}@weft.example` } }, message: "A test" }),
    ids: {},
  },
  updatePlanConfiguration: {
    byOperator: true,
    input: async () => ({ plan: "PRO", patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    ids: {},
  },
  updateContractConfiguration: {
    byOperator: true,
    input: async (world) => ({ tenantId: await newTenant(world), patch: { branding: { name: fresh("Name") } }, message: "A test" }),
    ids: { tenantId: "object" },
  },
  rollbackConfiguration: { input: async ({ teamId }) => ({ teamId, toVersion: 0, message: "A test" }), ids: { teamId: "object" } },

  // workflows
  createDefinition: { input: async () => ({ source: await newDefinition(fresh("definition")) }), ids: {} },
  updateDefinition: { input: async (world) => ({ id: await newDraft(world), message: "A test", tags: ["test"] }), ids: { id: "object" } },
  deleteDefinition: { input: async (world) => ({ id: await newDraft(world) }), ids: { id: "object" } },
  cloneDefinition: { input: async (world) => ({ id: await newDraft(world), key: fresh("copy") }), ids: { id: "object" } },
  publishDefinition: { input: async (world) => ({ id: await newDraft(world), acceptWarnings: true }), ids: { id: "object" } },
  promoteDefinition: { input: async (world) => ({ id: await newPublished(world, "DEV"), to: "STAGING" }), ids: { id: "object" } },
  deprecateDefinition: { input: async (world) => ({ id: await newPublished(world) }), ids: { id: "object" } },
  retireDefinition: { input: async (world) => ({ id: await newPublished(world) }), ids: { id: "object" } },
  startWorkflow: { input: async ({ teamId }) => ({ definitionKey: "project", data: { name: "Roof" }, teamId }), ids: { teamId: "input" } },
  fireTransition: {
    input: async (_world, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, transition: "submit" }),
    ids: { instanceId: "object" },
  },
  cancelWorkflow: {
    input: async (_world, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, comment: "Not needed" }),
    ids: { instanceId: "object" },
  },
  commentOnWorkflow: {
    input: async (_world, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, comment: "The roof first" }),
    ids: { instanceId: "object" },
  },
  suspendWorkflow: {
    input: async (_world, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, reason: "Audit" }),
    ids: { instanceId: "object" },
  },
  rollbackWorkflow: {
    input: async (_world, actor) => ({ instanceId: await movedOn(actor), toVersion: 1, data: "THEN", reason: "The wrong pump" }),
    ids: { instanceId: "object" },
  },
  resumeWorkflow: { input: async ({ admin }, actor) => ({ instanceId: await heldInstance(admin, actor) }), ids: { instanceId: "object" } },
  claimTask: { as: "operations", input: async (world) => ({ id: await newTask(world) }), ids: { id: "object" } },
  releaseTask: { as: "operations", input: async (world) => ({ id: await claimedTask(world) }), ids: { id: "object" } },
  completeTask: { as: "operations", input: async (world) => ({ id: await newTask(world), transition: "approve" }), ids: { id: "object" } },
  ...bulkMutationCases,
  ...incidentMutationCases,
  ...routingMutationCases,
  ...taskMutationCases,

  // requests
  createBuilding: { input: async () => ({ code: fresh("B"), name: "A building" }), ids: {} },
  updateBuilding: { input: async (world) => ({ id: (await newBuilding(world)).id, name: "Renamed" }), ids: { id: "object" } },
  createAsset: { input: async (world) => newAsset(world), ids: { buildingId: "input" } },
  updateAsset: {
    input: async (world) => ({
      id: (await create<HasId>(world, "createAsset", "asset", newAsset(world))).id,
      buildingId: (await newBuilding(world)).id,
    }),
    ids: { id: "object", buildingId: "input" },
  },
  createRequestType: {
    input: async () => ({
      key: fresh("type"),
      name: "A type",
      definitionKey: "maintenance-request",
      numberPrefix: fresh("AT").replace("-", ""),
      fields: ["summary", "estimate"],
    }),
    ids: {},
  },
  createRequest: {
    as: "requester",
    input: async ({ buildingId, assetId }) => ({ typeKey: "maintenance", data: { summary: "A noise", estimate: 1 }, buildingId, assetId }),
    ids: { buildingId: "input", assetId: "input" },
  },
  updateRequest: {
    as: "requester",
    input: async ({ buildingId, assetId }, actor) => ({
      id: (await draftRequest(actor)).requestId,
      data: { summary: "Louder", estimate: 2 },
      buildingId,
      assetId,
    }),
    ids: { id: "object", buildingId: "input", assetId: "input" },
  },
  submitRequest: {
    as: "requester",
    input: async (_world, actor) => ({ id: (await draftRequest(actor)).requestId }),
    ids: { id: "object" },
  },
  cancelRequest: {
    as: "requester",
    input: async (_world, actor) => ({ id: (await draftRequest(actor)).requestId }),
    ids: { id: "object" },
  },
  assignRequest: {
    input: async ({ requester, operations }) => ({
      id: (await submittedRequest(requester)).requestId,
      assignee: { userId: operations.id },
    }),
    ids: { id: "object", "assignee.userId": "input", "assignee.teamId": "input", "assignee.vendorId": "input" },
  },

  // vendors
  createVendor: { input: async () => ({ code: fresh("V"), name: "A vendor" }), ids: {} },
  updateVendor: { input: async (world) => ({ id: (await newVendor(world)).id, name: "Renamed" }), ids: { id: "object" } },
  deactivateVendor: { input: async (world) => ({ id: (await newVendor(world)).id }), ids: { id: "object" } },
  createProject: { input: async () => ({ code: fresh("P"), name: "A project" }), ids: {} },

  // audit
  markNotificationRead: {
    as: "operations",
    input: async (_world, actor) => {
      const { notifications } = await actor.run<{ notifications: { edges: { node: HasId }[] } }>(
        "{ notifications(first: 1) { edges { node { id } } } }",
      );
      return { id: notifications.edges[0]?.node.id };
    },
    ids: { id: "object" },
  },
};

export interface LookupCase {
  /** An id of one's own that is answered. */
  readonly own: (world: World) => unknown;
  readonly refusal: Refusal;
  /** No other thing of its type would do: everybody is asked about this one. */
  readonly isOnly?: true;
  /** What else the field needs, when that depends on who asks. */
  readonly with?: (actor: TestUser, world: World) => Record<string, unknown>;
}

const configurationOfTeam: LookupCase = { own: ({ teamId }) => teamId, refusal: "object" };
const byType = (type: Parameters<World["ids"]["get"]>[0]): LookupCase => ({ own: ({ ids }) => ids.get(type)?.[0], refusal: "object" });

/** Every id argument of queries and subscriptions, as `field.argument`. */
export const lookupCases: Readonly<Record<string, LookupCase>> = {
  "node.id": { own: ({ given }) => given.requestId, refusal: "null" },
  "nodes.ids": { own: ({ given }) => [given.requestId], refusal: "null" },
  "role.id": byType("role"),
  "team.id": byType("team"),
  "tenant.id": byType("tenant"),
  "operatorSessions.tenantId": byType("tenant"),
  "user.id": byType("user"),
  "definition.id": byType("definition"),
  "exportDefinition.id": byType("definition"),
  "diffDefinitions.from": { ...byType("definition"), with: (_actor, { ids }) => ({ to: ids.get("definition")?.[0] }) },
  "diffDefinitions.to": { ...byType("definition"), with: (_actor, { ids }) => ({ from: ids.get("definition")?.[0] }) },
  ...bulkLookupCases,
  ...incidentLookupCases,
  ...routingLookupCases,
  "workflowInstance.id": byType("instance"),
  "explainTransition.instanceId": byType("instance"),
  "simulateWorkflow.definitionId": { own: ({ definitionId }) => definitionId, refusal: "object" },
  "runScenarios.definitionId": { own: ({ definitionId }) => definitionId, refusal: "object" },
  "task.id": byType("task"),
  "workflowTransitioned.instanceId": byType("instance"),
  "requestType.id": byType("requestType"),
  "request.id": byType("request"),
  "requestChanged.id": byType("request"),
  "building.id": byType("building"),
  "asset.id": byType("asset"),
  "vendor.id": byType("vendor"),
  "project.id": byType("project"),
  "explainAccess.userId": { ...byType("user"), own: ({ admin }) => admin.id },
  "explainAccess.objectId": { ...byType("request"), with: ({ id }) => ({ userId: id }) },
  "whoCan.objectId": byType("request"),
  "configuration.teamId": configurationOfTeam,
  "configurationVersions.teamId": configurationOfTeam,
  "configurationDiff.teamId": configurationOfTeam,
  "effectiveConfiguration.teamId": configurationOfTeam,
  "contractConfiguration.tenantId": byType("tenant"),
};

/** What kinds of ids each field of a filter takes; each of its operators is tried with them. */
export const filterCases: Readonly<Record<string, readonly IdType[]>> = {
  ...taskFilterCases,
  "assets.filter.building": ["building"],
  "bulkOperations.filter.createdBy": ["user"],
  "previewBulkTransition.filter.assigneeId": ["user", "team", "vendor"],
  "previewBulkTransition.filter.definitionId": ["definition"],
  "previewBulkTransition.filter.ownerId": ["user"],
  "previewBulkTransition.filter.parentId": ["instance"],
  "previewBulkTransition.filter.teamId": ["team"],
  "auditEntries.filter.actorId": ["user"],
  "auditEntries.filter.entityId": ["request", "instance", "task", "user", "vendor", "building", "asset", "project"],
  "projects.filter.createdBy": ["user"],
  "requests.filter.asset": ["asset"],
  "requests.filter.assignee": ["user", "team", "vendor"],
  "requests.filter.building": ["building"],
  "requests.filter.createdBy": ["user"],
  "requests.filter.type": ["requestType"],
  "tasks.filter.assigneeId": ["user"],
  "incidents.filter.instanceId": ["instance"],
  "tasks.filter.instanceId": ["instance"],
  "users.filter.team": ["team"],
  "users.filter.vendor": ["vendor"],
  "workflowInstances.filter.assigneeId": ["user", "team", "vendor"],
  "workflowInstances.filter.definitionId": ["definition"],
  "workflowInstances.filter.ownerId": ["user"],
  "workflowInstances.filter.parentId": ["instance"],
  "workflowInstances.filter.teamId": ["team"],
};

/** Other arguments that a query needs to succeed. */
export const queryArguments: Readonly<Record<string, Record<string, unknown>>> = {
  validateDefinition: { source: "weft: 1" },
  previewBulkTransition: { transition: "submit" },
  definitionVersions: { key: "maintenance-request" },
  exportDefinition: { format: "JSON" },
  explainAccess: { permission: "request.read" },
  whoCan: { permission: "request.read" },
  configurationDiff: { from: 0, to: 0 },
  explainTransition: { transition: "submit" },
  testRouting: { input: { route: "facilities", data: {} } },
  simulateWorkflow: { data: { summary: "Lift", estimate: 7 }, steps: [{ transition: "submit" }] },
};

/** Lists in which the administrator has nothing, and who has. */
export const listsOf: Readonly<Record<string, "operations">> = { notifications: "operations" };

/** Queries of the platform's operators: everybody else is refused. */
export const operatorsQueries: ReadonlySet<string> = new Set(["tenants"]);
