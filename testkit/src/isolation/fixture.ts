import { randomUUID } from "node:crypto";
import { decodeId, encodeId, idPrefixes, type IdType, newId, objectTypes, parseAnyId } from "@weft/shared/ids";
import { customerPermissions, type Permission } from "@weft/shared/viewer";
import { tenantWideTypes } from "@weft/platform/access";
import { loadExampleDefinition, seedOperations } from "@weft/standalone";
import type { Sql } from "@weft/pg-driver";
import { hierarchyDefinition, memberDefinition, newHierarchy } from "../tenants/hierarchy-definition.js";
import { contractApproval, decideContract, newContract } from "../tenants/new-contract.js";
import { newObligation } from "../tenants/new-obligation.js";
import { newVendorDocument } from "../tenants/new-vendor-document.js";
import { newAuditStream } from "../tenants/new-audit-stream.js";
import { newEventReplay, newWebhookDelivery } from "../tenants/new-webhook.js";
import { newInboundMailAddress } from "../tenants/new-inbound-mail-address.js";
import { newDomain, newIdentityProvider } from "../tenants/new-identity-provider.js";
import { newApiKey } from "../tenants/new-api-key.js";
import { newInboundWebhook, sendInboundMessage } from "../tenants/new-inbound-webhook.js";
import { newGivenShare, newReceivedShare, newSharedStart } from "../tenants/new-share.js";
import { newApplication, newOperations } from "../tenants/new-application.js";
import { newSecret, newSecurityProfile } from "../tenants/new-secret.js";
import { newAgent, newAwaitedToolCall, startWaiting, waitingDefinition } from "../tenants/new-agent.js";
import { newIntegration, newIntegrationCall, newIntegrationTrigger } from "../tenants/new-integration.js";
import { newTrigger, newTriggerReplay, publishTriggered } from "../tenants/new-trigger.js";
import { newTimer, timedDefinition } from "../tenants/timed-definition.js";
import { newSlaClock, newSlaPolicy, pauseAndResume, slaDefinition } from "../tenants/sla-definition.js";
import { describeVendor } from "../tenants/describe-vendor.js";
import { escalatingDefinition, newEscalation } from "../tenants/escalation-definition.js";
import { workerDefinition } from "../tenants/external-worker.js";
import { newFailedRun, newRestingRun, refusedDefinition, restingDefinition } from "../tenants/runs-definition.js";
import { loopingDefinition, newIncident } from "../tenants/looping-definition.js";
import { attachText } from "../files/upload-file.js";
import { newEventType } from "../tenants/new-event-type.js";
import { newDestination, newTeamDestination } from "../tenants/new-destination.js";
import { newNotificationRule } from "../tenants/new-notification-rule.js";
import { newComplianceReport, newComplianceReportSchedule } from "../tenants/new-compliance-report.js";
import { newAuditExport, newExport } from "../tenants/new-export.js";
import { newRequestFormLink } from "../tenants/new-request-form-link.js";
import { newVendorRegistrationLink } from "../tenants/new-vendor-registration-link.js";
import { newImport } from "../tenants/new-import.js";
import { newTemplate } from "../tenants/new-template.js";
import { newView, type ViewedList } from "../tenants/new-view.js";
import { newAbsence } from "../tenants/new-absence.js";
import { newPlannedTasks } from "../tenants/project-plan.js";
import { newScopeWithChanges } from "../tenants/project-scope.js";
import { milestoneApproval, newProjectRecords } from "../tenants/project-records.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { addPasskey } from "../second-factor.js";
import { newErasure, newHold, newPerson } from "../tenants/new-privacy-request.js";
import { until } from "../until.js";
import { createExample } from "./example-input.js";
import { tenantWideAccess } from "./tenant-wide.js";

/** A tenant with one object of every type, and for most types a second object that not all users can see. All IDs are TypeIDs. */
export interface Fixture extends Acts {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly requester: TestUser;
  /** Owner of the hidden request. */
  readonly otherRequester: TestUser;
  readonly operations: TestUser;
  readonly vendorUser: TestUser;
  /** A user whose permissions are limited to the building of `given`. */
  readonly caretaker: TestUser;
  readonly vendorId: string;
  readonly otherVendorId: string;
  readonly teamId: string;
  /** A chat of the team. */
  readonly teamDestinationId: string;
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
  /** A saved view of each list, for everybody in the tenant. */
  readonly viewIds: Readonly<Record<ViewedList, string>>;
  /** Token of a request form link. */
  readonly formLinkToken: string;
  /** Returns the token of the link to unsubscribe in an email. */
  readonly unsubscribeToken: () => Promise<string>;
  /** An event on which a trigger acted. */
  readonly triggeringEventId: string;
  /** All IDs of the tenant in the database, by type. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /** IDs of a deleted request and of everything that belongs to it, which nobody must be able to distinguish from IDs that were never issued. */
  readonly hiddenFromAll: readonly string[];
  /** IDs that the requester must not be able to distinguish from IDs that were never issued. */
  readonly hiddenFromRequester: readonly string[];
  /** IDs that the vendor's user must not be able to distinguish from IDs that were never issued. */
  readonly hiddenFromVendor: readonly string[];
  /** IDs of the hidden building and of everything in it, which the caretaker must not be able to distinguish from IDs that were never issued. */
  readonly hiddenFromCaretaker: readonly string[];
}

/** What happens to the objects of a fixture without the API. */
interface Acts {
  /** Lets a call of an integration fail, as a sender would. Returns its ID. */
  readonly failedCall: (id: string) => Promise<string>;
  /** Lets an agent wait for a decision about a tool, as a worker would. Returns the ID of the call of the tool. */
  readonly awaitedToolCall: (agentId: string) => Promise<string>;
  /** Shares an automation with a tenant that does not exist, under a slug, as if it had accepted. Returns the ID of the share. */
  readonly givenShare: (recipient: string) => Promise<string>;
  /** Lets another tenant share an automation. Returns the ID of the share. */
  readonly receivedShare: (mode: "COPY" | "START", status: "OFFERED" | "ACCEPTED") => Promise<string>;
  /** Creates a user with a role and a verified email address. Needed because each address gets at most one mail per minute. */
  readonly newVerifiedUser: (role: string) => Promise<TestUser>;
  /** Links a user to an account of a new identity provider. Returns the ID of the link. */
  readonly newIdentityOf: (user: TestUser) => Promise<string>;
  /** Lets an hour pass for the limits of emails. Needed because each address gets at most one a minute. */
  readonly ageMails: () => Promise<void>;
  /** Returns a delivery of a notification that an administrator can resend. */
  readonly newFailedDelivery: () => Promise<string>;
}

export interface Piece {
  readonly requestId: string;
  readonly instanceId: string;
}

/** Returns an ID that was never issued, of the given type or of the type of the given ID. */
export const neverIssued = (like: string): string => encodeId(typeOfId(like), newId());

const typesByPrefix: ReadonlyMap<string, IdType> = new Map(Object.entries(idPrefixes).map(([type, prefix]) => [prefix, type as IdType]));

export function typeOfId(id: string): IdType {
  const found = typesByPrefix.get(id.slice(0, 3));
  if (found === undefined) throw new Error(`${id} is no id.`);
  return found;
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

/** Creates a request as `user`, which the vendor completes and the user closes. Returns its ID. */
export async function completedRequest(
  user: TestUser,
  { operations, vendorUser, vendorId }: Pick<Fixture, "operations" | "vendorUser" | "vendorId">,
): Promise<string> {
  const { requestId, instanceId } = await submittedRequest(user);
  const fire = (actor: TestUser, transition: string, input?: object) =>
    actor.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId, transition, input },
    });
  await fire(operations, "approve");
  await operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id: requestId, assignee: { vendorId } },
  });
  await fire(vendorUser, "start");
  await fire(vendorUser, "complete", { outcome: "fixed" });
  await fire(user, "close");
  return requestId;
}

/** Creates a draft request as `user`. */
/** Offers a new request of the requester to the vendor, and returns the ID of the offer. */
export async function offerToVendor({
  requester,
  operations,
  vendorId,
}: Pick<Fixture, "requester" | "operations" | "vendorId">): Promise<string> {
  const { requestId } = await submittedRequest(requester);
  const { offerToVendor: made } = await operations.run<{ offerToVendor: { offer: { id: string } } }>(
    "mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }",
    { input: { requestId, vendorId, expiresInMinutes: 40_000, title: "A defect" } },
  );
  return made.offer.id;
}

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
  const acts = actsOf(tenant, owner);
  const { definitionId, typeId: requestTypeId, buildingId, assetId } = await tenant.maintenance();
  // Two versions, so that instances can be migrated between them.
  await tenant.definition(await loadExampleDefinition("project"));
  await tenant.definition(await loadExampleDefinition("project"));
  await tenant.definition(await loadExampleDefinition("vendor-onboarding"));
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(seedOperations.createProject, {
    input: { code: "P1", name: "Lobby" },
  });
  const [vendor, otherVendor, teamId] = [await tenant.vendor("Kone"), await tenant.vendor("Otis"), await tenant.team("facilities")];
  await tenant.definition(contractApproval);
  await decideContract(admin, await newContract(admin, { vendorId: vendor.id }));
  await newObligation(admin, { contractId: await newContract(admin, { vendorId: otherVendor.id }) });
  for (const team of [null, teamId]) {
    const input = { teamId: team, patch: { branding: { name: tenant.name } }, message: "The world's" };
    await admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
      input,
    });
  }
  await newPlannedTasks({ admin, projectId: createProject.project.id, vendor });
  await newScopeWithChanges(tenant, createProject.project.id);
  await tenant.definition(milestoneApproval);
  await newProjectRecords(admin, createProject.project.id);
  const [requester, otherRequester, operations] = [
    await tenant.user("requester"),
    await tenant.user("requester"),
    await tenant.user("operations"),
  ];
  await operations.run(
    "mutation { updateNotificationPreferences(input: { preferences: [{ channel: EMAIL, isEnabled: true }, { channel: CHAT, isEnabled: false }] }) { notificationPreferences { timeZone } } }",
  );
  await newDestination(operations);
  const teamDestinationId = await newTeamDestination(admin, teamId);
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(seedOperations.createBuilding, {
    input: { code: "ANNEX", name: "Annex" },
  });
  const hiddenBuilding = createBuilding.building.id;
  const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(seedOperations.createAsset, {
    input: { buildingId: hiddenBuilding, tag: "HVAC-1", name: "Chiller", type: "hvac" },
  });
  const caretaker = await newCaretaker(tenant, buildingId);
  for (const place of [buildingId, hiddenBuilding]) {
    await newFloor(admin, place);
    await admin.run("mutation ($input: SetBuildingContactInput!) { setBuildingContact(input: $input) { building { id } } }", {
      input: { buildingId: place, principalId: admin.id, role: "Caretaker" },
    });
  }
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
  const rated = await completedRequest(requester, { operations, vendorUser: vendor.user, vendorId: vendor.id });
  await requester.run("mutation ($input: RateVendorInput!) { rateVendor(input: $input) { rating { id } } }", {
    input: { requestId: rated, stars: 4, comment: "On time" },
  });
  await offerToVendor({ requester, operations, vendorId: vendor.id });
  await admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
    input: { projectId: createProject.project.id, vendorId: otherVendor.id, role: "Paint" },
  });
  await (await tenant.platform()).actAs(tenant);
  await admin.run('mutation { createRoutingRule(input: { route: "facilities", name: "North", roles: ["operations"] }) { rule { id } } }');
  await publishTriggered((source) => tenant.definition(source));
  await newTriggerReplay(admin, await newTrigger(admin));
  const { webhookId } = await newWebhookDelivery(admin);
  await newEventReplay(admin, webhookId);
  await newAuditStream(admin);
  await tenant.definition(waitingDefinition);
  await acts.awaitedToolCall(await newAgent(admin, "helper"));
  const integrationId = await newIntegration(admin, "orders");
  await newIntegrationCall(admin, integrationId);
  await admin.run('mutation ($id: ID!) { updateBuilding(input: { id: $id, name: "Renamed" }) { building { id } } }', {
    id: hiddenBuilding,
  });
  await tenant.definition(loopingDefinition);
  await newIncident(admin);
  await tenant.definition(restingDefinition);
  await tenant.definition(workerDefinition);
  await tenant.definition(refusedDefinition);
  await newRestingRun(admin);
  await newFailedRun(admin);
  await tenant.definition(timedDefinition);
  await newTimer(admin);
  await tenant.definition(slaDefinition);
  const measured = await pauseAndResume(admin, await newSlaClock(admin));
  await newSlaPolicy(admin);
  await tenant.definition(escalatingDefinition);
  const escalated = await newEscalation(admin);
  await tenant.definition(memberDefinition);
  await newTemplate(admin);
  await admin.run('mutation { createSchedule(input: { name: "Nightly", definitionKey: "member", every: "PT8000H" }) { schedule { id } } }');
  await tenant.definition(hierarchyDefinition);
  const hierarchy = await newHierarchy(admin, ["a", "b"]);
  // Rejected for its only instance, so no transition takes place.
  await bulkOperation(admin, hidden.instanceId);
  await commentOnTaskOf(operations, hidden);
  // Comments notify the caretaker, who can read the request.
  await operations.run("mutation ($input: WatchRequestInput!) { watchRequest(input: $input) { request { id } } }", {
    input: { id: given.requestId, userId: caretaker.id },
  });
  for (const piece of [given, hidden]) await commentOnPiece(operations, piece);
  for (const { requestId } of [given, hidden]) await attachToRequest(operations, requestId);
  for (const { id: vendorId } of [vendor, otherVendor]) await newVendorDocument(admin, { vendorId });
  for (const asset of [assetId, createAsset.asset.id]) await newMeter(operations, asset);
  const formLink = await newRequestFormLink(admin, assetId);
  await newInboundMailAddress(admin);
  await newVendorRegistrationLink(admin);
  await describeVendor(admin, vendor.id, buildingId);
  const otherContact = await describeVendor(admin, otherVendor.id, hiddenBuilding);
  await newDeletedAsset(operations, hiddenBuilding);
  await newPlan(admin, assetId);
  const deleted = await newDeletedRequest({ requester, operations });
  const deletedProject = await newDeletedProject(admin);
  await newAbsence({ admin, operations });
  const viewIds = {
    REQUESTS: await newView(admin, "REQUESTS"),
    BUILDINGS: await newView(admin, "BUILDINGS"),
    ASSETS: await newView(admin, "ASSETS"),
  };
  await newEventType(admin, "custom.fixture");
  await newIntegrationTrigger(admin, integrationId);
  await newSharedStart(admin, await acts.receivedShare("START", "ACCEPTED"));
  await newSecret(admin, "deploy-token");
  await newSecurityProfile(admin, "web-only");
  await newOperations(admin, await newApplication(admin));
  await countUnlistedOperation(owner, tenant.id);
  await sendInboundMessage(admin.url, (await newInboundWebhook(admin)).path, { text: "T" });
  await newNotificationRule(admin);
  await newIdentityProvider(admin);
  await acts.newIdentityOf(admin);
  await newDomain(admin);
  await newApiKey(admin);
  // Of a user who does nothing else, because passkeys change how their user logs in.
  await addPasskey(await tenant.user("viewer"));
  await newExport(admin);
  await newComplianceReport(admin);
  await newComplianceReportSchedule(admin);
  await newAuditExport(admin);
  await newImport(admin);
  // Lists are filtered and ordered by `zone`.
  const schema = { properties: { zone: { type: "string", index: true, visibleToVendors: true } } };
  for (const owner of [{ kind: "BUILDING" }, { kind: "VENDOR" }, { kind: "PROJECT" }, { kind: "ASSET", typeKey: "elevator" }])
    await admin.run("mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }", {
      input: { ...owner, schema },
    });
  await newErasure(admin, await newPerson(admin, vendor.id));
  await newHold(admin, await newPerson(admin, vendor.id));
  await admin.run("mutation { startAuditVerification(input: {}) { verification { id } } }");
  await owner`update identity.tenants set is_sandbox = true where tenant_id = ${tenant.id}`;
  await admin.run('mutation { advanceClock(input: { by: "PT1S" }) { advance { id } } }');
  await until(() => isAtRest(owner, tenant.id), {
    what: `${tenant.name}'s events are published, its consumers are done and its audit entries sealed`,
    deadlineMs: 120_000,
  });
  await parkEvents(owner, tenant.id);
  for (const type of await typesWithoutObjects(owner, tenant.id)) await createExamples(type, { owner, tenant, vendorId: vendor.id });
  const ids = await idsOfTenant(owner, tenant.id);
  const related = await idsAbout(owner, tenant.id, hidden);
  const hiddenFromAll = [
    ...(await idsAbout(owner, tenant.id, deleted)),
    ...(await commentsOf(owner, tenant.id, deleted)),
    ...(await attachmentsOf(owner, tenant.id, deleted)),
    ...(await idsAbout(owner, tenant.id, deletedProject)),
  ];
  // A closed request ends by a timer, which its requester sees.
  const ownTimers = await timersOfInstancesOf(owner, tenant.id, requester);
  const notHisNotifications = (user: TestUser) => foreignNotifications(owner, tenant.id, user);
  const entries = ids.get("auditEntry") ?? [];
  const hiddenTasks = await tasksNotGiven(owner, tenant.id, vendor.id);
  const scopeParts = (["scopeItem", "scopeVersion", "scopeChange", "projectBaseline"] as const).flatMap((type) => ids.get(type) ?? []);
  const instances = [...(await projectInstances(owner, tenant.id)), ...(await scopeInstances(owner, tenant.id))];
  const recordTypes = ["milestone", "projectCost", "projectRisk", "projectDecision", "projectTemplate"] as const;
  const records = recordTypes.flatMap((type) => ids.get(type) ?? []);
  const projectParts = [createProject.project.id, ...instances, ...hiddenTasks, ...scopeParts, ...records];
  const stopped = await stoppedInstances(owner, tenant.id);
  const neverTheirs = [
    ...(await closedComments(owner, tenant.id, hidden)),
    ...(await closedAttachments(owner, tenant.id, hidden)),
    ...(ids.get("internalComment") ?? []),
    ...related,
    ...hiddenFromAll,
    ...projectParts,
    ...entries,
    ...stopped,
    hierarchy.id,
    ...hierarchy.children,
    ...(await runInstances(owner, tenant.id)),
    ...(ids.get("run") ?? []),
    ...(ids.get("runStep") ?? []),
    ...(ids.get("incident") ?? []),
    ...(ids.get("timer") ?? []),
    ...(ids.get("slaClock") ?? []),
    ...(ids.get("slaPolicy") ?? []),
    ...(ids.get("slaRecomputation") ?? []),
    ...(ids.get("escalation") ?? []),
    ...(ids.get("routingRule") ?? []),
    ...(ids.get("schedule") ?? []),
    ...(ids.get("notificationTemplate") ?? []),
    ...(ids.get("maintenancePlan") ?? []),
    ...(ids.get("maintenanceOccurrence") ?? []),
    ...(ids.get("trigger") ?? []),
    ...(ids.get("modelProvider") ?? []),
    ...(ids.get("agent") ?? []),
    ...(ids.get("agentToolCall") ?? []),
    ...(ids.get("integration") ?? []),
    ...(ids.get("integrationCall") ?? []),
    ...(ids.get("integrationTrigger") ?? []),
    ...(ids.get("definitionShare") ?? []),
    ...(ids.get("definitionShareUse") ?? []),
    ...(ids.get("secret") ?? []),
    ...(ids.get("securityProfile") ?? []),
    ...(ids.get("triggerRun") ?? []),
    ...(ids.get("triggerReplay") ?? []),
    ...(ids.get("webhook") ?? []),
    ...(ids.get("auditStream") ?? []),
    ...(ids.get("webhookDelivery") ?? []),
    ...(ids.get("eventReplay") ?? []),
    ...(ids.get("identityProvider") ?? []),
    ...(ids.get("userIdentity") ?? []),
    ...(ids.get("domain") ?? []),
    ...(ids.get("inboundWebhook") ?? []),
    ...(ids.get("apiKey") ?? []),
    ...(ids.get("application") ?? []),
    ...(ids.get("operationManifest") ?? []),
    ...(ids.get("passkey") ?? []),
    ...(ids.get("inboundMessage") ?? []),
    ...(ids.get("bulkOperation") ?? []),
    ...(ids.get("export") ?? []),
    ...(ids.get("complianceReport") ?? []),
    ...(ids.get("complianceReportSchedule") ?? []),
    ...(ids.get("auditExport") ?? []),
    ...(ids.get("requestFormLink") ?? []),
    ...(ids.get("inboundMailAddress") ?? []),
    ...(ids.get("vendorRegistrationLink") ?? []),
    otherContact,
    ...(ids.get("import") ?? []),
    ...(ids.get("taskComment") ?? []),
    ...(ids.get("absence") ?? []),
    ...(ids.get("auditVerification") ?? []),
    ...(ids.get("privacyRequest") ?? []),
    ...(ids.get("legalHold") ?? []),
    ...(ids.get("eventType") ?? []),
    ...(ids.get("notificationRule") ?? []),
    ...(ids.get("parkedEvent") ?? []),
    ...(ids.get("clockAdvance") ?? []),
    ...(ids.get("notificationDelivery") ?? []),
    ...(ids.get("notificationDestination") ?? []),
  ];
  const people = [admin.id, otherRequester.id, otherVendor.user.id, caretaker.id];
  return {
    ...acts,
    tenant,
    admin,
    requester,
    otherRequester,
    operations,
    vendorUser: vendor.user,
    caretaker,
    vendorId: vendor.id,
    otherVendorId: otherVendor.id,
    teamId,
    teamDestinationId,
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
    viewIds,
    formLinkToken: formLink.token,
    unsubscribeToken: () => unsubscribeTokenOf(operations, tenant, owner),
    triggeringEventId: await triggeringEvent(owner, tenant.id),
    ids,
    // The requester can see the assigned vendor on their own request.
    hiddenFromAll,
    hiddenFromRequester: [
      ...neverTheirs.filter((id) => !ownTimers.includes(id)),
      otherVendor.id,
      ...(await notHisNotifications(requester)),
    ],
    hiddenFromVendor: [
      ...neverTheirs,
      ...(ids.get("savedView") ?? []),
      ...(await notGivenToVendors(owner, tenant.id)),
      ...(await closedMeters(owner, tenant.id, assetId)),
      otherVendor.id,
      ...people,
      ...(await notHisNotifications(vendor.user)),
    ],
    hiddenFromCaretaker: [
      ...related,
      ...projectParts,
      ...stopped,
      ...(await idsOfBuilding(owner, tenant.id, hiddenBuilding)),
      ...(await notHisNotifications(caretaker)),
    ],
  };
}

/** Returns the same fixture at another Weft with a clone of the database. All its users are logged in again. */
export async function fixtureAt(fixture: Fixture, weft: Parameters<TestTenant["at"]>[0], owner: Sql): Promise<Fixture> {
  const tenant = await fixture.tenant.at(weft);
  const { requester, otherRequester, operations, vendorUser, caretaker } = fixture;
  const again = Object.fromEntries(
    await Promise.all(
      Object.entries({ requester, otherRequester, operations, vendorUser, caretaker }).map(
        async ([name, user]) => [name, await user.at(weft.url)] as const,
      ),
    ),
  ) as Pick<Fixture, "requester" | "otherRequester" | "operations" | "vendorUser" | "caretaker">;
  const unsubscribeToken = (): Promise<string> => unsubscribeTokenOf(again.operations, tenant, owner);
  return { ...fixture, ...actsOf(tenant, owner), ...again, tenant, admin: tenant.admin, unsubscribeToken };
}

async function unsubscribeTokenOf(user: TestUser, tenant: TestTenant, owner: Sql): Promise<string> {
  const [row] = await owner<{ email: string }[]>`
    select email from identity.users where tenant_id = ${tenant.id} and id = ${decodeId("user", user.id)}`;
  const [mail] = await tenant.mails(row?.email ?? "");
  return /[?]token=(wnu_[\w-]+)/.exec(mail?.text ?? "")?.[1] ?? "";
}

function actsOf(tenant: TestTenant, owner: Sql): Acts {
  const { admin } = tenant;
  return {
    awaitedToolCall: async (agentId) => newAwaitedToolCall(owner, tenant, { agentId, instanceId: await startWaiting(admin) }),
    receivedShare: (mode, status) => newReceivedShare(owner, tenant, { mode, status }),
    givenShare: (recipient) => newGivenShare(owner, admin, "resting", recipient),
    failedCall: async (id) => {
      await owner`update events.integration_calls set status = 'FAILED', finished_at = now() where id = ${decodeId("integrationCall", id)}`;
      return id;
    },
    newVerifiedUser: async (role) => {
      const user = await tenant.user(role);
      await owner`update identity.users set email_verified_at = now() where tenant_id = ${tenant.id} and id = ${decodeId("user", user.id)}`;
      return user;
    },
    newIdentityOf: async ({ id: userId }) => {
      // A user has one account per issuer.
      const issuer = `https://${randomUUID()}.example`;
      const [row] = await owner<{ id: string }[]>`
        insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id)
          select ${tenant.id}, gen_random_uuid(), min(id::text)::uuid, ${issuer}, ${userId}, ${decodeId("user", userId)}
            from identity.identity_providers where tenant_id = ${tenant.id} returning id`;
      return encodeId("userIdentity", row?.id ?? "");
    },
    ageMails: async () => {
      // Others age them at the same time, and the sender writes them.
      await owner`
        update app.mails set created_at = created_at - interval '1 hour' where tenant_id = ${tenant.id} and id in (
          select id from app.mails where tenant_id = ${tenant.id} and created_at > now() - interval '1 hour' for update skip locked)`;
    },
    newFailedDelivery: async () => {
      const [row] = await owner<{ id: string }[]>`
        update audit.notification_deliveries set status = 'FAILED', due_at = null, next_attempt_at = null
          where tenant_id = ${tenant.id} and id = (select min(id::text)::uuid from audit.notification_deliveries where tenant_id = ${tenant.id}) returning id`;
      return encodeId("notificationDelivery", row?.id ?? "");
    },
  };
}

/** Assigns users to a building. */
export async function assignToBuilding(admin: TestUser, buildingId: string, userIds: readonly string[]): Promise<void> {
  await admin.run("mutation ($input: BuildingUsersInput!) { assignBuildingUsers(input: $input) { building { id } } }", {
    input: { buildingId, userIds },
  });
}

/** Permissions that are not about objects in a building, with which the caretaker names types and people. */
const withoutBuilding: readonly Permission[] = ["requestType.read", "definition.read", "user.read", "file.create"];

/** Permissions that the caretaker does not have, because filters and fields require them in any scope. */
const notHeld: readonly Permission[] = ["role.read", "team.read"];

/** Creates a user with the permissions in scope BUILDING, who is assigned to the building. */
async function newCaretaker(tenant: TestTenant, buildingId: string): Promise<TestUser> {
  const held = customerPermissions.filter((permission) => !notHeld.includes(permission));
  const permissions = held.map((permission) => ({
    permission,
    scope: withoutBuilding.includes(permission) ? "TENANT" : permission === "notification.read" ? "OWN" : "BUILDING",
  }));
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "caretaker", name: "Caretaker", permissions },
  });
  const caretaker = await tenant.user("caretaker");
  await assignToBuilding(tenant.admin, buildingId, [caretaker.id]);
  return caretaker;
}

/** Returns the IDs of a building and of everything in it. */
async function idsOfBuilding(owner: Sql, tenantId: string, buildingId: string): Promise<string[]> {
  const building = decodeId("building", buildingId);
  const rows = await owner<{ type: IdType; id: string }[]>`
    with placed as (
      select 'building' as type, id from requests.buildings where tenant_id = ${tenantId} and id = ${building}
      union all select 'space', id from requests.spaces where tenant_id = ${tenantId} and building_id = ${building}
      union all select 'asset', id from requests.assets where tenant_id = ${tenantId} and building_id = ${building}
      union all select 'request', id from requests.requests where tenant_id = ${tenantId} and building_id = ${building})
    select type, id from placed
    union all select 'meter', m.id from requests.meters m join placed on m.asset_id = placed.id where m.tenant_id = ${tenantId}
    union all select 'meterReading', r.id from requests.meter_readings r join requests.meters m on m.tenant_id = r.tenant_id and m.id = r.meter_id
      join placed on m.asset_id = placed.id where r.tenant_id = ${tenantId}
    union all select 'requestComment', c.id from requests.comments c join placed on c.request_id = placed.id where c.tenant_id = ${tenantId}
    union all select 'attachment', a.id from app.attachments a join placed on a.object_id = placed.id where a.tenant_id = ${tenantId}
    union all select 'file', a.file_id from app.attachments a join placed on a.object_id = placed.id where a.tenant_id = ${tenantId}
    union all select 'auditEntry', e.id from audit.entries e join placed on e.entity_id = placed.id where e.tenant_id = ${tenantId}`;
  return rows.map(({ type, id }) => encodeId(type, id));
}

/** Counts an operation that is not stored, as a gateway would. */
async function countUnlistedOperation(owner: Sql, tenantId: string): Promise<void> {
  await owner`insert into identity.unlisted_operations (tenant_id, id, client, name, kind, run_count, first_at, last_at)
    values (${tenantId}, ${newId()}, 'script', 'Mine', 'QUERY', 1, now(), now())`;
}

/** Parks events that the consumer can handle without an effect. */
async function parkEvents(owner: Sql, tenantId: string): Promise<void> {
  await owner`insert into events.parked (tenant_id, consumer, event_id, position, attempts)
    select p.tenant_id, 'notifications', p.event_id, p.position, 8
      from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
     where p.tenant_id = ${tenantId} and l.type not like 'notification.%' order by p.position limit 60`;
}

/** Starts a bulk operation with a transition that does not exist. */
export async function bulkOperation(user: TestUser, instanceId: string): Promise<string> {
  const { bulkFireTransition } = await user.run<{ bulkFireTransition: { operation: { id: string } } }>(
    "mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { id } } }",
    { input: { transition: "none", instanceIds: [instanceId] } },
  );
  return bulkFireTransition.operation.id;
}

async function newDeletedAsset(user: TestUser, buildingId: string): Promise<void> {
  const input = { buildingId, tag: "GONE-1", name: "Old chiller", type: "hvac" };
  const made = await user.run<{ createAsset: { asset: { id: string } } }>(seedOperations.createAsset, { input });
  await user.run("mutation ($input: VersionedIdInput!) { deleteAsset(input: $input) { id } }", {
    input: { id: made.createAsset.asset.id },
  });
}

/** Deletes a request of the requester that has comments and files. */
async function newDeletedRequest({ requester, operations }: Pick<Fixture, "requester" | "operations">): Promise<Piece> {
  const piece = await submittedRequest(requester);
  await commentOnTaskOf(operations, piece);
  await commentOnPiece(operations, piece);
  await attachToRequest(operations, piece.requestId);
  await operations.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
    input: { instanceId: piece.instanceId, transition: "reject", comment: "Not ours" },
  });
  await operations.run("mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }", {
    input: { id: piece.requestId },
  });
  return piece;
}

/** Creates a project, cancels its workflow, and deletes it. */
async function newDeletedProject(user: TestUser): Promise<Piece> {
  const { createProject } = await user.run<{ createProject: { project: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id workflow { id } } } }",
    { input: { code: "GONE", name: "Old project" } },
  );
  const { id, workflow } = createProject.project;
  await user.run("mutation ($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId: workflow.id, comment: "Not needed" },
  });
  await user.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }", { id });
  return { requestId: id, instanceId: workflow.id };
}

/** Creates a meter of an asset, and records a reading. */
async function newMeter(user: TestUser, assetId: string): Promise<void> {
  const { createMeter } = await user.run<{ createMeter: { meter: { id: string } } }>(
    "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
    { input: { assetId, name: "Hours", unit: "h", kind: "CUMULATIVE" } },
  );
  await readMeter(user, createMeter.meter.id);
}

/** Creates a maintenance plan, and skips its next occurrence. */
async function newPlan(user: TestUser, assetId: string): Promise<void> {
  const template = { typeKey: "maintenance", data: { summary: "Service", estimate: 1 }, assetId };
  const { createMaintenancePlan } = await user.run<{
    createMaintenancePlan: { plan: { id: string; nextOccurrences: { plannedAt: string }[] } };
  }>(
    "mutation ($input: CreateMaintenancePlanInput!) { createMaintenancePlan(input: $input) { plan { id nextOccurrences(first: 1) { plannedAt } } } }",
    { input: { name: "Service", template, every: "PT8000H" } },
  );
  const { id, nextOccurrences } = createMaintenancePlan.plan;
  await user.run("mutation ($input: SkipOccurrenceInput!) { skipOccurrence(input: $input) { plan { id } } }", {
    input: { planId: id, plannedAt: nextOccurrences[0]?.plannedAt, reason: "Holiday" },
  });
}

/** Records a reading, and returns its ID. */
export async function readMeter(user: TestUser, meterId: string): Promise<string> {
  const { recordMeterReading } = await user.run<{ recordMeterReading: { reading: { id: string } } }>(
    "mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }",
    { input: { meterId, value: "5" } },
  );
  return recordMeterReading.reading.id;
}

/** Returns the IDs of the meters, and of their readings, that the vendor cannot see: those of other assets. */
async function closedMeters(owner: Sql, tenantId: string, assetId: string): Promise<string[]> {
  const rows = await owner<{ id: string; reading_id: string }[]>`
    select m.id, r.id as reading_id from requests.meters m join requests.meter_readings r on r.tenant_id = m.tenant_id and r.meter_id = m.id
     where m.tenant_id = ${tenantId} and m.asset_id <> ${decodeId("asset", assetId)}`;
  return rows.flatMap(({ id, reading_id }) => [encodeId("meter", id), encodeId("meterReading", reading_id)]);
}

/** Adds a floor with a room to a building. */
async function newFloor(admin: TestUser, buildingId: string): Promise<void> {
  const mutation = "mutation ($input: CreateSpaceInput!) { createSpace(input: $input) { space { id } } }";
  const floor = { buildingId, kind: "FLOOR", code: "GF", name: "Ground floor" };
  const { createSpace } = await admin.run<{ createSpace: { space: { id: string } } }>(mutation, { input: floor });
  await admin.run(mutation, { input: { buildingId, parentId: createSpace.space.id, kind: "ROOM", code: "GF-1", name: "Lobby" } });
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

/** Adds a public comment and internal ones to a request and its workflow. */
export async function commentOnPiece(user: TestUser, { requestId, instanceId }: Piece, word = "comment"): Promise<void> {
  const onRequest = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
  for (const audience of ["PUBLIC", "INTERNAL"])
    await user.run(onRequest, { input: { id: requestId, audience, text: `A ${audience} ${word}` } });
  await user.run("mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId, audience: "INTERNAL", comment: `An INTERNAL ${word}` },
  });
}

/** Returns the IDs of the comments that neither the requester nor the vendor can read: internal ones, and all on the hidden request. */
async function closedComments(owner: Sql, tenantId: string, { requestId }: Piece): Promise<string[]> {
  const rows = await owner<{ id: string }[]>`
    select id from requests.comments
     where tenant_id = ${tenantId} and (audience = 'INTERNAL' or request_id = ${decodeId("request", requestId)})`;
  return rows.map(({ id }) => encodeId("requestComment", id));
}

/** Attaches a shared file and an internal one to a request. */
export async function attachToRequest(user: TestUser, requestId: string, word = "file"): Promise<void> {
  for (const visibility of ["SHARED", "INTERNAL"] as const)
    await attachText(user, { objectId: requestId, visibility, name: `${visibility} ${word}.txt` });
}

/** Returns the IDs of the attachments, and of their files, that neither the requester nor the vendor can see: internal ones, and those of the hidden request. */
async function closedAttachments(owner: Sql, tenantId: string, { requestId }: Piece): Promise<string[]> {
  const rows = await owner<{ id: string; file_id: string }[]>`
    select id, file_id from app.attachments
     where tenant_id = ${tenantId} and (visibility = 'INTERNAL' or object_id = ${decodeId("request", requestId)})`;
  return rows.flatMap(({ id, file_id }) => [encodeId("attachment", id), encodeId("file", file_id)]);
}

/** Returns the IDs of the comments on a request. */
async function commentsOf(owner: Sql, tenantId: string, { requestId }: Piece): Promise<string[]> {
  const rows = await owner<{ id: string }[]>`
    select id from requests.comments where tenant_id = ${tenantId} and request_id = ${decodeId("request", requestId)}`;
  return rows.map(({ id }) => encodeId("requestComment", id));
}

/** Returns the IDs of the attachments of a request, and of their files. */
async function attachmentsOf(owner: Sql, tenantId: string, { requestId }: Piece): Promise<string[]> {
  const rows = await owner<{ id: string; file_id: string }[]>`
    select id, file_id from app.attachments where tenant_id = ${tenantId} and object_id = ${decodeId("request", requestId)}`;
  return rows.flatMap(({ id, file_id }) => [encodeId("attachment", id), encodeId("file", file_id)]);
}

/** Returns whether no background work is pending for this tenant. */
export async function isAtRest(owner: Sql, tenantId: string): Promise<boolean> {
  const isActive = owner`exists (select from identity.tenants where tenant_id = ${tenantId} and status = 'ACTIVE')`;
  const [row] = await owner<{ waiting: number }[]>`
    select ((select count(*) from events.outbox where tenant_id = ${tenantId}) + (select count(*) from audit.unsealed where tenant_id = ${tenantId})
      + (select count(*) from workflows.bulk_operations where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from audit.verifications where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from app.exports where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from audit.compliance_reports where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from identity.privacy_requests where tenant_id = ${tenantId} and status = 'APPROVED' and message is null and ${isActive})
      + (select count(*) from audit.exports where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from identity.clock_advances where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from events.replays where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from workflows.trigger_replays where tenant_id = ${tenantId} and status = 'RUNNING')
      + (select count(*) from workflows.runs where tenant_id = ${tenantId} and due_at <= now() and ${isActive})
      + (select count(*) from workflows.run_steps where tenant_id = ${tenantId} and due_at <= now() and ${isActive})
      + (select count(*) from app.mails where tenant_id = ${tenantId} and status = 'PENDING' and ${isActive})
      + (select count(*) from audit.notification_deliveries d where tenant_id = ${tenantId} and status in ('READY', 'SENDING') and ${isActive}
          and not exists (select from events.delivery_pauses p where p.tenant_id = d.tenant_id and p.channel = 'NOTIFICATION' and p.resumed_at is null))
      + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where tenant_id = ${tenantId} and c.position < h.position))::int as waiting`;
  return row?.waiting === 0;
}

/** Returns all IDs of a tenant, by type. */
export async function idsOfTenant(owner: Sql, tenantId: string): Promise<Map<IdType, string[]>> {
  const ids = new Map<IdType, string[]>([["tenant", [encodeId("tenant", tenantId)]]]);
  for (const [type, { table }] of Object.entries(objectTypes) as [IdType, { table: string }][]) {
    if (type === "tenant") continue;
    const rows = await owner.unsafe<{ id: string }[]>(`select id from ${table} where tenant_id = $1 order by id`, [tenantId]);
    ids.set(
      type,
      rows.map(({ id }) => encodeId(type, id)),
    );
  }
  return ids;
}

/** Returns the types of which a tenant has no object. */
const typesWithoutObjects = async (owner: Sql, tenantId: string): Promise<IdType[]> =>
  [...(await idsOfTenant(owner, tenantId))].filter(([, ids]) => ids.length === 0).map(([type]) => type);

/** Creates an object of a type. If vendors see only what they were given, the vendor is given it, and a second object is hidden from the vendor. */
async function createExamples(
  type: IdType,
  { owner, tenant, vendorId }: { readonly owner: Sql; readonly tenant: TestTenant; readonly vendorId: string },
): Promise<void> {
  const id = await createExample(type, tenant.admin);
  const access = tenantWideAccess[type];
  if (access === undefined || access.vendorsSee !== undefined) return;
  await owner`
    insert into app.object_access (tenant_id, object_id, vendor_id)
    values (${tenant.id}, ${decodeId(type, id)}, ${decodeId("vendor", vendorId)})`;
  await createExample(type, tenant.admin);
}

/** Returns the IDs of a request or project, and of everything that belongs to its instance. */
async function idsAbout(owner: Sql, tenantId: string, { requestId: subjectId, instanceId }: Piece): Promise<string[]> {
  const instance = parseAnyId(instanceId)?.uuid ?? "";
  const rows = await owner<{ type: IdType; id: string }[]>`
    select 'task' as type, id from workflows.tasks where tenant_id = ${tenantId} and instance_id = ${instance}
    union all select 'history', id from workflows.history where tenant_id = ${tenantId} and instance_id = ${instance}`;
  return [subjectId, instanceId, ...rows.map(({ type, id }) => encodeId(type, id))];
}

/** Returns the IDs that no vendor was given, for the types of objects that are given to vendors individually. */
async function notGivenToVendors(owner: Sql, tenantId: string): Promise<string[]> {
  const found: string[] = [];
  for (const type of tenantWideTypes.filter((each) => tenantWideAccess[each]?.vendorsSee !== "all")) {
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

/** Returns the approvals of changes of scopes. */
async function scopeInstances(owner: Sql, tenantId: string): Promise<string[]> {
  const rows = await owner<{ instance_id: string }[]>`select instance_id from vendors.scope_changes where tenant_id = ${tenantId}`;
  return rows.map(({ instance_id }) => encodeId("instance", instance_id));
}

/** Returns the tasks of projects that are not assigned to the vendor, their reports, and all dependencies. */
async function tasksNotGiven(owner: Sql, tenantId: string, vendorId: string): Promise<string[]> {
  const rows = await owner<{ type: IdType; id: string }[]>`
    with hidden as (select id from vendors.project_tasks
      where tenant_id = ${tenantId} and assignee_vendor_id is distinct from ${decodeId("vendor", vendorId)})
    select 'projectTask' as type, id from hidden
    union all select 'projectTaskReport', r.id from vendors.project_task_reports r join hidden h on h.id = r.task_id where r.tenant_id = ${tenantId}
    union all select 'taskDependency', id from vendors.project_task_dependencies where tenant_id = ${tenantId}`;
  return rows.map(({ type, id }) => encodeId(type, id));
}

async function stoppedInstances(owner: Sql, tenantId: string): Promise<string[]> {
  const rows = await owner<{ instance_id: string }[]>`select instance_id from workflows.incidents where tenant_id = ${tenantId}`;
  return rows.map(({ instance_id }) => encodeId("instance", instance_id));
}

async function runInstances(owner: Sql, tenantId: string): Promise<string[]> {
  const rows = await owner<{ instance_id: string }[]>`select instance_id from workflows.runs where tenant_id = ${tenantId}`;
  return rows.map(({ instance_id }) => encodeId("instance", instance_id));
}

async function timersOfInstancesOf(owner: Sql, tenantId: string, user: TestUser): Promise<string[]> {
  const rows = await owner<{ id: string }[]>`
    select t.id from workflows.timers t join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
     where t.tenant_id = ${tenantId} and i.owner_id = ${decodeId("user", user.id)}`;
  return rows.map(({ id }) => encodeId("timer", id));
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
