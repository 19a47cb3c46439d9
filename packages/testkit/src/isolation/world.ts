import { decodeId, encodeId, entityIdTypes, idPrefixes, type IdType, newId, parseAnyId } from "@weft/shared";
import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { Sql } from "postgres";
import { familyDefinition, memberDefinition, newFamily } from "../family-definition.js";
import { loopingDefinition, newIncident } from "../looping-definition.js";
import { newAbsence } from "../new-absence.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** A tenant with one of everything, and for most things a second that not everybody sees. All ids are TypeIDs. */
export interface World {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly requester: TestUser;
  /** Whose request is the hidden one. */
  readonly otherRequester: TestUser;
  readonly operations: TestUser;
  readonly vendorUser: TestUser;
  readonly vendorId: string;
  readonly otherVendorId: string;
  readonly teamId: string;
  readonly buildingId: string;
  readonly assetId: string;
  readonly definitionId: string;
  readonly requestTypeId: string;
  readonly projectId: string;
  /** Of the requester, assigned to the vendor. */
  readonly given: Piece;
  /** Of somebody else, about other places: neither the requester nor the vendor sees it. */
  readonly hidden: Piece & { readonly buildingId: string; readonly assetId: string };
  /** An instance with an incident. */
  readonly stopped: string;
  /** Somebody new with a role, whose email counts as verified: an address is sent one mail a minute. */
  readonly newVerifiedUser: (role: string) => Promise<TestUser>;
  /** Every id of the tenant that the database holds, by type. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /** Ids that the requester must not be able to tell from ids that were never issued. */
  readonly hiddenFromRequester: readonly string[];
  /** The same for the vendor's user. */
  readonly hiddenFromVendor: readonly string[];
}

export interface Piece {
  readonly requestId: string;
  readonly instanceId: string;
}

/** An id of a type, or of the type of another id, that nobody ever got. */
export const neverIssued = (like: string): string => encodeId(typeOfId(like), newId());

export function typeOfId(id: string): IdType {
  const found = Object.entries(idPrefixes).find(([, prefix]) => prefix === id.slice(0, 3));
  if (found === undefined) throw new Error(`${id} is no id.`);
  return found[0] as IdType;
}

/** Makes a request of `user` and submits it. */
export async function submittedRequest(
  user: TestUser,
  places: { readonly buildingId?: string; readonly assetId?: string } = {},
): Promise<Piece> {
  const draft = await draftRequest(user, places);
  await user.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: draft.requestId });
  return draft;
}

/** Makes a request of `user` that somebody new has done, since nobody approves their own: its owner may close or reopen it. */
export async function doneRequest(user: TestUser, { newVerifiedUser }: World): Promise<Piece> {
  const piece = await submittedRequest(user);
  const operations = await newVerifiedUser("operations");
  const fire = (transition: string, input?: object) =>
    operations.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId: piece.instanceId, transition, input },
    });
  await fire("approve");
  await operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id: piece.requestId, assignee: { userId: operations.id } },
  });
  await fire("start");
  await fire("complete", { outcome: "fixed" });
  return piece;
}

/** Makes a draft of `user`. */
export async function draftRequest(
  user: TestUser,
  places: { readonly buildingId?: string; readonly assetId?: string } = {},
): Promise<Piece> {
  const { createRequest } = await user.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "maintenance", data: { summary: "A noise", estimate: 100 }, ...places } },
  );
  return { requestId: createRequest.request.id, instanceId: createRequest.request.workflow.id };
}

export async function makeWorld(tenant: TestTenant, owner: Sql): Promise<World> {
  const { admin } = tenant;
  const { definitionId, typeId: requestTypeId, buildingId, assetId } = await tenant.maintenance();
  // Two versions: instances may move from one to the other.
  await tenant.definition(await loadExampleDefinition("project"));
  await tenant.definition(await loadExampleDefinition("project"));
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(seedOperations.createProject, {
    input: { code: "P1", name: "Lobby" },
  });
  const [vendor, otherVendor, teamId] = [await tenant.vendor("Kone"), await tenant.vendor("Otis"), await tenant.team("facilities")];
  for (const team of [null, teamId]) {
    const input = { teamId: team, patch: { branding: { name: tenant.name } }, message: "The world's" };
    await admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
      input,
    });
  }
  const [requester, otherRequester, operations] = [
    await tenant.user("requester"),
    await tenant.user("requester"),
    await tenant.user("operations"),
  ];
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(seedOperations.createBuilding, {
    input: { code: "ANNEX", name: "Annex" },
  });
  const hiddenBuilding = createBuilding.building.id;
  const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(seedOperations.createAsset, {
    input: { buildingId: hiddenBuilding, tag: "HVAC-1", name: "Chiller", type: "hvac" },
  });
  const given = await submittedRequest(requester, { buildingId, assetId });
  const hidden = await submittedRequest(otherRequester, { buildingId: hiddenBuilding, assetId: createAsset.asset.id });
  await operations.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }', {
    id: given.instanceId,
  });
  await operations.run(
    "mutation ($id: ID!, $vendorId: ID!) { assignRequest(input: { id: $id, assignee: { vendorId: $vendorId } }) { request { id } } }",
    {
      id: given.requestId,
      vendorId: vendor.id,
    },
  );
  await (await tenant.platform()).actAs(tenant);
  await admin.run('mutation { createRoutingRule(input: { route: "facilities", name: "North", roles: ["operations"] }) { rule { id } } }');
  await tenant.definition(loopingDefinition);
  await newIncident(admin);
  await tenant.definition(memberDefinition);
  await tenant.definition(familyDefinition);
  const family = await newFamily(admin, ["a", "b"]);
  // Refused for the one that it is about: nothing moves.
  await bulkOperation(admin, hidden.instanceId);
  await commentOnTaskOf(operations, hidden);
  await newAbsence({ admin, operations });
  await admin.run("mutation { startAuditVerification(input: {}) { verification { id } } }");
  await until(() => isAtRest(owner, tenant.id), {
    what: `${tenant.name}'s events are published, its consumers are done and its audit entries sealed`,
    deadlineMs: 30_000,
  });
  const ids = await idsOfTenant(owner, tenant.id);
  const related = await idsAbout(owner, tenant.id, hidden);
  const notHisNotifications = (user: TestUser) => foreignNotifications(owner, tenant.id, user);
  const entries = ids.get("auditEntry") ?? [];
  const projectParts = [createProject.project.id, ...(await projectInstances(owner, tenant.id))];
  const stopped = await stoppedInstances(owner, tenant.id);
  const neverTheirs = [
    ...related,
    ...projectParts,
    ...entries,
    ...stopped,
    family.id,
    ...family.children,
    ...(ids.get("incident") ?? []),
    ...(ids.get("routingRule") ?? []),
    ...(ids.get("bulkOperation") ?? []),
    ...(ids.get("taskRemark") ?? []),
    ...(ids.get("absence") ?? []),
    ...(ids.get("auditVerification") ?? []),
  ];
  const people = [admin.id, otherRequester.id, otherVendor.user.id];
  return {
    tenant,
    admin,
    requester,
    otherRequester,
    operations,
    vendorUser: vendor.user,
    vendorId: vendor.id,
    otherVendorId: otherVendor.id,
    teamId,
    buildingId,
    assetId,
    definitionId,
    requestTypeId,
    projectId: createProject.project.id,
    given,
    hidden: { ...hidden, buildingId: hiddenBuilding, assetId: createAsset.asset.id },
    stopped: stopped[0] ?? "",
    newVerifiedUser: async (role) => {
      const user = await tenant.user(role);
      await owner`update identity.users set email_verified_at = now() where tenant_id = ${tenant.id} and id = ${decodeId("user", user.id)}`;
      return user;
    },
    ids,
    // The vendor that works on it stands on the requester's own request.
    hiddenFromRequester: [...neverTheirs, otherVendor.id, ...(await notHisNotifications(requester))],
    hiddenFromVendor: [
      ...neverTheirs,
      hiddenBuilding,
      createAsset.asset.id,
      otherVendor.id,
      ...people,
      ...(await notHisNotifications(vendor.user)),
    ],
  };
}

/** Asks for a transition that there is not. */
export async function bulkOperation(user: TestUser, instanceId: string): Promise<string> {
  const { bulkFireTransition } = await user.run<{ bulkFireTransition: { operation: { id: string } } }>(
    "mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { id } } }",
    { input: { transition: "none", instanceIds: [instanceId] } },
  );
  return bulkFireTransition.operation.id;
}

/** Says something about the open task of a request. */
async function commentOnTaskOf(user: TestUser, { instanceId }: Piece): Promise<void> {
  const { workflowInstance } = await user.run<{ workflowInstance: { tasks: { id: string }[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: instanceId },
  );
  await user.run('mutation ($id: ID!) { commentOnTask(input: { id: $id, text: "A remark" }) { task { id } } }', {
    id: workflowInstance.tasks[0]?.id,
  });
}

/** Nothing waits in the background for this tenant. */
export async function isAtRest(owner: Sql, tenantId: string): Promise<boolean> {
  const [row] = await owner<{ waiting: number }[]>`
    select ((select count(*) from events.outbox where tenant_id = ${tenantId}) + (select count(*) from audit.unsealed where tenant_id = ${tenantId})
      + (select count(*) from workflows.bulk_operations where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from audit.verifications where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where tenant_id = ${tenantId} and c.position < h.position))::int as waiting`;
  return row?.waiting === 0;
}

const tables: Readonly<Partial<Record<IdType, string>>> = {
  user: "identity.users",
  team: "identity.teams",
  role: "identity.roles",
  session: "identity.sessions",
  definition: "workflows.definitions",
  instance: "workflows.instances",
  history: "workflows.history",
  task: "workflows.tasks",
  incident: "workflows.incidents",
  routingRule: "workflows.routing_rules",
  taskRemark: "workflows.task_remarks",
  absence: "workflows.absences",
  bulkOperation: "workflows.bulk_operations",
  requestType: "requests.request_types",
  request: "requests.requests",
  building: "requests.buildings",
  asset: "requests.assets",
  vendor: "vendors.vendors",
  project: "vendors.projects",
  auditEntry: "audit.entries",
  event: "events.log",
  notification: "audit.notifications",
  auditVerification: "audit.verifications",
};

/** Every id of a tenant, by type; fails for a type of id that is in no table here. */
export async function idsOfTenant(owner: Sql, tenantId: string): Promise<Map<IdType, string[]>> {
  const ids = new Map<IdType, string[]>([["tenant", [encodeId("tenant", tenantId)]]]);
  const types = [...new Set([...Object.values(entityIdTypes), "auditVerification" as const])];
  for (const type of types.filter((each) => each !== "tenant")) {
    const table = tables[type];
    if (table === undefined) throw new Error(`Tell the isolation tests in which table the ids of a ${type} are.`);
    const rows = await owner.unsafe<{ id: string }[]>(`select id from ${table} where tenant_id = $1 order by id`, [tenantId]);
    if (rows.length === 0) throw new Error(`The world of the isolation tests has no ${type}: let makeWorld make one.`);
    ids.set(
      type,
      rows.map(({ id }) => encodeId(type, id)),
    );
  }
  return ids;
}

/** The request, and what hangs on its instance. */
async function idsAbout(owner: Sql, tenantId: string, { requestId, instanceId }: Piece): Promise<string[]> {
  const instance = parseAnyId(instanceId)?.uuid ?? "";
  const rows = await owner<{ type: IdType; id: string }[]>`
    select 'task' as type, id from workflows.tasks where tenant_id = ${tenantId} and instance_id = ${instance}
    union all select 'history', id from workflows.history where tenant_id = ${tenantId} and instance_id = ${instance}`;
  return [requestId, instanceId, ...rows.map(({ type, id }) => encodeId(type, id))];
}

async function projectInstances(owner: Sql, tenantId: string): Promise<string[]> {
  const rows = await owner<{ instance_id: string }[]>`select instance_id from vendors.projects where tenant_id = ${tenantId}`;
  return rows.map(({ instance_id }) => encodeId("instance", instance_id));
}

async function stoppedInstances(owner: Sql, tenantId: string): Promise<string[]> {
  const rows = await owner<{ instance_id: string }[]>`select instance_id from workflows.incidents where tenant_id = ${tenantId}`;
  return rows.map(({ instance_id }) => encodeId("instance", instance_id));
}

async function foreignNotifications(owner: Sql, tenantId: string, user: TestUser): Promise<string[]> {
  const rows = await owner<{ id: string; user_id: string }[]>`select id, user_id from audit.notifications where tenant_id = ${tenantId}`;
  return rows.filter((row) => encodeId("user", row.user_id) !== user.id).map(({ id }) => encodeId("notification", id));
}
