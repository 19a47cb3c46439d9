import { decodeId, encodeId, idPrefixes, type IdType, newId, objectTypes, parseAnyId, tenantWideTypes } from "@weft/shared";
import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { Sql } from "postgres";
import { hierarchyDefinition, memberDefinition, newHierarchy } from "../tenants/hierarchy-definition.js";
import { newTrigger, publishTriggered } from "../tenants/new-trigger.js";
import { newTimer, timedDefinition } from "../tenants/timed-definition.js";
import { newSlaClock, newSlaPolicy, pauseAndResume, slaDefinition } from "../tenants/sla-definition.js";
import { escalatingDefinition, newEscalation } from "../tenants/escalation-definition.js";
import { loopingDefinition, newIncident } from "../tenants/looping-definition.js";
import { newAbsence } from "../tenants/new-absence.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** A tenant with one object of every type, and for most types a second object that not all users can see. All IDs are TypeIDs. */
export interface Fixture {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly requester: TestUser;
  /** Owner of the hidden request. */
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
  /** A request of the requester, assigned to the vendor. */
  readonly given: Piece;
  /** A request of another user about other places, which neither the requester nor the vendor can see. */
  readonly hidden: Piece & { readonly buildingId: string; readonly assetId: string };
  /** An instance with an incident. */
  readonly stopped: string;
  /** An instance with an SLA clock that was paused and resumed. */
  readonly measured: string;
  /** An instance that has escalated. */
  readonly escalated: string;
  /** An event on which a trigger acted. */
  readonly triggeringEventId: string;
  /** Creates a user with a role and a verified email address. Needed because each address gets at most one mail per minute. */
  readonly newVerifiedUser: (role: string) => Promise<TestUser>;
  /** All IDs of the tenant in the database, by type. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /** IDs that the requester must not be able to distinguish from IDs that were never issued. */
  readonly hiddenFromRequester: readonly string[];
  /** IDs that the vendor's user must not be able to distinguish from IDs that were never issued. */
  readonly hiddenFromVendor: readonly string[];
}

export interface Piece {
  readonly requestId: string;
  readonly instanceId: string;
}

/** Returns an ID that was never issued, of the given type or of the type of the given ID. */
export const neverIssued = (like: string): string => encodeId(typeOfId(like), newId());

export function typeOfId(id: string): IdType {
  const found = Object.entries(idPrefixes).find(([, prefix]) => prefix === id.slice(0, 3));
  if (found === undefined) throw new Error(`${id} is no id.`);
  return found[0] as IdType;
}

/** Creates a request as `user` and submits it. */
export async function submittedRequest(
  user: TestUser,
  places: { readonly buildingId?: string; readonly assetId?: string } = {},
): Promise<Piece> {
  const draft = await draftRequest(user, places);
  await user.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: draft.requestId });
  return draft;
}

/** Creates a request as `user`, which a new user completes because users cannot approve their own requests. The owner can then close or reopen it. */
export async function doneRequest(user: TestUser, { newVerifiedUser }: Fixture): Promise<Piece> {
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

/** Creates a draft request as `user`. */
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

export async function makeFixture(tenant: TestTenant, owner: Sql): Promise<Fixture> {
  const { admin } = tenant;
  const { definitionId, typeId: requestTypeId, buildingId, assetId } = await tenant.maintenance();
  // Two versions, so that instances can be migrated between them.
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
  await publishTriggered((source) => tenant.definition(source));
  await newTrigger(admin);
  await admin.run('mutation ($id: ID!) { updateBuilding(input: { id: $id, name: "Renamed" }) { building { id } } }', {
    id: hiddenBuilding,
  });
  await tenant.definition(loopingDefinition);
  await newIncident(admin);
  await tenant.definition(timedDefinition);
  await newTimer(admin);
  await tenant.definition(slaDefinition);
  const measured = await pauseAndResume(admin, await newSlaClock(admin));
  await newSlaPolicy(admin);
  await tenant.definition(escalatingDefinition);
  const escalated = await newEscalation(admin);
  await tenant.definition(memberDefinition);
  await admin.run('mutation { createSchedule(input: { name: "Nightly", definitionKey: "member", every: "PT8000H" }) { schedule { id } } }');
  await tenant.definition(hierarchyDefinition);
  const hierarchy = await newHierarchy(admin, ["a", "b"]);
  // Rejected for its only instance, so no transition takes place.
  await bulkOperation(admin, hidden.instanceId);
  await commentOnTaskOf(operations, hidden);
  await newAbsence({ admin, operations });
  await admin.run("mutation { startAuditVerification(input: {}) { verification { id } } }");
  await owner`update identity.tenants set is_sandbox = true where tenant_id = ${tenant.id}`;
  await admin.run('mutation { advanceClock(input: { by: "PT1S" }) { advance { id } } }');
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
    hierarchy.id,
    ...hierarchy.children,
    ...(ids.get("incident") ?? []),
    ...(ids.get("timer") ?? []),
    ...(ids.get("slaClock") ?? []),
    ...(ids.get("slaPolicy") ?? []),
    ...(ids.get("slaRecomputation") ?? []),
    ...(ids.get("escalation") ?? []),
    ...(ids.get("routingRule") ?? []),
    ...(ids.get("schedule") ?? []),
    ...(ids.get("trigger") ?? []),
    ...(ids.get("triggerRun") ?? []),
    ...(ids.get("bulkOperation") ?? []),
    ...(ids.get("taskComment") ?? []),
    ...(ids.get("absence") ?? []),
    ...(ids.get("auditVerification") ?? []),
    ...(ids.get("clockAdvance") ?? []),
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
    measured,
    escalated,
    triggeringEventId: await triggeringEvent(owner, tenant.id),
    newVerifiedUser: async (role) => {
      const user = await tenant.user(role);
      await owner`update identity.users set email_verified_at = now() where tenant_id = ${tenant.id} and id = ${decodeId("user", user.id)}`;
      return user;
    },
    ids,
    // The requester can see the assigned vendor on their own request.
    hiddenFromRequester: [...neverTheirs, otherVendor.id, ...(await notHisNotifications(requester))],
    hiddenFromVendor: [
      ...neverTheirs,
      ...(await notGivenToVendors(owner, tenant.id)),
      otherVendor.id,
      ...people,
      ...(await notHisNotifications(vendor.user)),
    ],
  };
}

/** Starts a bulk operation with a transition that does not exist. */
export async function bulkOperation(user: TestUser, instanceId: string): Promise<string> {
  const { bulkFireTransition } = await user.run<{ bulkFireTransition: { operation: { id: string } } }>(
    "mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { id } } }",
    { input: { transition: "none", instanceIds: [instanceId] } },
  );
  return bulkFireTransition.operation.id;
}

/** Adds a comment to the open task of a request. */
async function commentOnTaskOf(user: TestUser, { instanceId }: Piece): Promise<void> {
  const { workflowInstance } = await user.run<{ workflowInstance: { tasks: { id: string }[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: instanceId },
  );
  await user.run('mutation ($id: ID!) { commentOnTask(input: { id: $id, text: "A comment" }) { task { id } } }', {
    id: workflowInstance.tasks[0]?.id,
  });
}

/** Returns whether no background work is pending for this tenant. */
export async function isAtRest(owner: Sql, tenantId: string): Promise<boolean> {
  const [row] = await owner<{ waiting: number }[]>`
    select ((select count(*) from events.outbox where tenant_id = ${tenantId}) + (select count(*) from audit.unsealed where tenant_id = ${tenantId})
      + (select count(*) from workflows.bulk_operations where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from audit.verifications where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where tenant_id = ${tenantId} and c.position < h.position))::int as waiting`;
  return row?.waiting === 0;
}

/** Returns all IDs of a tenant, by type. Fails if the fixture has no object of a type. */
export async function idsOfTenant(owner: Sql, tenantId: string): Promise<Map<IdType, string[]>> {
  const ids = new Map<IdType, string[]>([["tenant", [encodeId("tenant", tenantId)]]]);
  for (const [type, { table }] of Object.entries(objectTypes) as [IdType, { table: string }][]) {
    if (type === "tenant") continue;
    const rows = await owner.unsafe<{ id: string }[]>(`select id from ${table} where tenant_id = $1 order by id`, [tenantId]);
    if (rows.length === 0)
      throw new Error(`The fixture of the isolation tests has no object of the type ${type}. Create one in makeFixture.`);
    ids.set(
      type,
      rows.map(({ id }) => encodeId(type, id)),
    );
  }
  return ids;
}

/** Returns the IDs of a request and of everything that belongs to its instance. */
async function idsAbout(owner: Sql, tenantId: string, { requestId, instanceId }: Piece): Promise<string[]> {
  const instance = parseAnyId(instanceId)?.uuid ?? "";
  const rows = await owner<{ type: IdType; id: string }[]>`
    select 'task' as type, id from workflows.tasks where tenant_id = ${tenantId} and instance_id = ${instance}
    union all select 'history', id from workflows.history where tenant_id = ${tenantId} and instance_id = ${instance}`;
  return [requestId, instanceId, ...rows.map(({ type, id }) => encodeId(type, id))];
}

/** Returns the IDs that no vendor was given, for the types of objects that are given to vendors individually. */
async function notGivenToVendors(owner: Sql, tenantId: string): Promise<string[]> {
  const found: string[] = [];
  // Vendors can see all request types.
  for (const type of tenantWideTypes.filter((each) => each !== "requestType")) {
    const rows = await owner.unsafe<{ id: string }[]>(
      `select id from ${objectTypes[type].table} where tenant_id = $1 and id not in (select object_id from app.object_access where tenant_id = $1)`,
      [tenantId],
    );
    found.push(...rows.map(({ id }) => encodeId(type, id)));
  }
  return found;
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

async function triggeringEvent(owner: Sql, tenantId: string): Promise<string> {
  const [run] = await owner<{ event_id: string }[]>`select event_id from workflows.trigger_runs where tenant_id = ${tenantId}`;
  if (!run) throw new Error("no trigger acted");
  return encodeId("event", run.event_id);
}
