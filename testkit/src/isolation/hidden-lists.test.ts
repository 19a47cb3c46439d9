import { getNamedType, type GraphQLField, isCompositeType, isInputObjectType, isObjectType } from "graphql";
import { isPermission, type Permission } from "@weft/shared/viewer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestUser } from "../test-user.js";
import { besideFilter } from "./beside-filter.js";
import { codesOf } from "./answers.js";
import { composedApi, type RootField, rootFieldsOf } from "./api-schema.js";
import { listsOf, queryArguments } from "./cases.js";
import { listedType, someCondition } from "./reading/lists.js";
import { drawn } from "../sizes.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import type { Fixture } from "./fixture.js";

// Queries on a list must not reveal anything that its objects do not show. Tests every filter and order against the corresponding field, and every
// list against cursors of other lists.

const schema = composedApi();
const lists = rootFieldsOf(schema).filter(({ kind, field }) => kind === "query" && field.args.some(({ name }) => name === "after"));

let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;
beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
});
afterAll(() => tenants.stop());

/** The only permission that each list requires. */
const permissionOf: Readonly<Record<string, Permission>> = {
  slaTimers: "sla.read",
  slaBreaches: "sla.read",
  slaPolicies: "sla.read",
  slaRecomputations: "sla.read",
  escalations: "sla.read",
  workflowInstances: "workflow.read",
  runs: "workflow.read",
  workflowTimers: "workflow.read",
  bulkOperations: "workflow.read",
  routingRules: "routing.read",
  triggerRuns: "trigger.read",
  inboundMessages: "inboundWebhook.read",
  domains: "identityProvider.read",
  integrationCalls: "integration.read",
  sharedStarts: "definitionShare.use",
  absences: "task.assign",
  auditEntries: "audit.read",
  complianceReportSchedules: "complianceReport.read",
  parkedEvents: "event.retry",
  notificationRules: "notification.manage",
  inboundMailAddresses: "requestType.update",
  definitionVersions: "definition.read",
  definitionTemplates: "definition.read",
  assetTypes: "asset.read",
  spaces: "building.read",
  vendorOffers: "request.read",
  scopeChanges: "scope.read",
  milestones: "project.read",
  webhookDeliveries: "webhook.read",
  unlistedOperations: "application.read",
  privacyRequests: "privacy.read",
  legalHolds: "privacy.read",
};
const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");
const opens = ({ name }: RootField): Permission | undefined => {
  if (otherwise.includes(name)) return undefined;
  const guess = `${singular(name)}.read`;
  return permissionOf[name] ?? (isPermission(guess) ? guess : undefined);
};

/** Lists whose access is not decided by a single read permission. */
const otherwise: readonly string[] = [
  "whoCan",
  "apiKeys",
  "tenants",
  "configurationVersions",
  "operatorSessions",
  "projectTemplates",
  "auditVerifications",
  "auditExports",
  "notificationTemplates",
  "notificationDeliveries",
  "deletedAssets",
  "deletedRequests",
  "deletedProjects",
  "savedViews",
  "exports",
  "requestFormLinks",
  "vendorRegistrationLinks",
  "imports",
  "importProblems",
  // Of one manifest, which must be named.
  "storedDocuments",
];

/** Lists in which the users of this test cannot see any row. */
const forOthers: readonly string[] = [
  "apiKeys",
  "tenants",
  "operatorSessions",
  "configurationVersions",
  "auditVerifications",
  "auditExports",
  "notificationTemplates",
  "notificationDeliveries",
  "exports",
  "requestFormLinks",
  "vendorRegistrationLinks",
  "imports",
  "importProblems",
  "storedDocuments",
  "unlistedOperations",
  "privacyRequests",
  "legalHolds",
];

/** Fields of filters and orders that correspond to a field of another name, or to several fields. */
const shownAs: Readonly<Record<string, readonly string[]>> = {
  "apiKeys.userId": ["user"],
  "auditEntries.actorId": ["actor"],
  "auditEntries.onBehalfOfId": ["onBehalfOf"],
  "auditEntries.changed": ["before", "after"],
  "auditEntries.text": ["action", "requestId", "clientName", "code", "operation", "before", "after"],
  "events.actorId": ["actor"],
  "assets.field": ["fields"],
  "buildings.field": ["fields"],
  "buildings.user": ["users"],
  "projects.field": ["fields"],
  "vendors.field": ["fields"],
  // Both follow from the state that the object shows.
  "projects.status": ["state"],
  "vendors.category": ["categories"],
  "vendors.region": ["serviceAreas"],
  "vendors.building": ["serviceAreas"],
  "vendorRegistrationLinks.isRevoked": ["revokedAt"],
  "vendorRegistrationLinks.isInvitation": ["email"],
  "definitions.environment": ["environments"],
  "definitions.tag": ["tags"],
  "tasks.assigneeId": ["assignee"],
  "tasks.isWaitingForAnswer": ["question"],
  "absences.userId": ["user"],
  "absences.substituteId": ["substitute"],
  "absences.isNow": ["startsAt", "endsAt"],
  "tasks.instanceId": ["instance"],
  "incidents.instanceId": ["instance"],
  "sharedStarts.startedById": ["startedBy"],
  "runs.instanceId": ["instance"],
  "runs.ownerId": ["instance"],
  "runs.shareId": ["instance"],
  "runs.definitionId": ["definition"],
  "runs.failedStep": ["steps"],
  "runs.queue": ["steps"],
  "runs.priority": ["steps"],
  "runs.costMicros": ["usage"],
  "triggerRuns.triggerId": ["trigger"],
  "inboundMessages.webhookId": ["webhook"],
  "integrationCalls.integrationId": ["integration"],
  "integrationCalls.instanceId": ["instance"],
  "workflowTimers.instanceId": ["instance"],
  "workflowTimers.definitionKey": ["instance"],
  "slaTimers.instanceId": ["instance"],
  "slaTimers.taskId": ["task"],
  "slaBreaches.instanceId": ["instance"],
  "slaBreaches.taskId": ["task"],
  "escalations.instanceId": ["instance"],
  "escalations.startedInstanceId": ["actions"],
  "workflowInstances.assigneeId": ["assignee"],
  "workflowInstances.definitionId": ["definition"],
  "workflowInstances.ownerId": ["owner"],
  "workflowInstances.parentId": ["parent"],
  "workflowInstances.subjectId": ["subject"],
  "workflowInstances.teamId": ["team"],
  "requestFormLinks.assetId": ["asset"],
  "requestFormLinks.isRevoked": ["revokedAt"],
  "webhookDeliveries.webhookId": ["webhook"],
  "notificationDeliveries.userId": ["user"],
  "notificationDeliveries.teamId": ["team"],
  "requests.typeKey": ["type"],
  "requests.sla": ["slaStatus"],
  "requests.watcher": ["watchers"],
  "requests.slaDueAt": ["slaStatus"],
  "users.role": ["roles"],
  "users.team": ["teams"],
};

/** Fields that depend only on what the object itself shows: its own leaves, or their text. */
const overItself: readonly string[] = ["search"];

/** Filters that require a permission, although the field shows the bare ID, or the number of users, without it. */
const stricter: readonly string[] = [
  "users.vendor",
  "requests.workflow",
  "buildings.user",
  "vendorOffers.vendor",
  "runs.definitionId",
  "runs.shareId",
];

const camel = (name: string): string => name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

interface Asked {
  readonly list: RootField;
  readonly argument: "filter" | "orderBy";
  readonly name: string;
  readonly value: unknown;
  readonly shown: readonly GraphQLField<unknown, unknown>[];
}

/** Returns every field of every filter and order with the corresponding fields of the object. */
function everythingAsked(list: RootField): Asked[] {
  const node = schema.getType(listedType(list) ?? "");
  const fields = isObjectType(node) ? node.getFields() : {};
  const shown = (name: string) =>
    (shownAs[`${list.name}.${name}`] ?? [name]).flatMap((each) => (fields[each] === undefined ? [] : [fields[each]]));
  const typeOf = (argument: string) => {
    const type = list.field.args.find(({ name }) => name === argument)?.type;
    return type && getNamedType(type);
  };
  const [filter, order] = [typeOf("filter"), typeOf("orderBy")];
  const filters = isInputObjectType(filter)
    ? Object.values(filter.getFields()).filter(({ name }) => !["and", "or", "not"].includes(name))
    : [];
  const orders = isInputObjectType(order) ? getNamedType(order.getFields()["field"]?.type as never) : undefined;
  return [
    ...filters.map(({ name, type }): Asked => ({
      list,
      argument: "filter",
      name,
      value: { [name]: someCondition(type), ...besideFilter[`${list.name}.${name}`] },
      shown: shown(name),
    })),
    ...((orders as { getValues?: () => { name: string }[] } | undefined)?.getValues?.() ?? []).map(({ name }): Asked => ({
      list,
      argument: "orderBy",
      name: camel(name),
      value: { field: name, ...(name === "FIELD" && { name: "zone" }) },
      shown: shown(camel(name)),
    })),
  ];
}

test("for every filter and order it is known which field of the object it compares", () => {
  const unknown = lists.flatMap(everythingAsked).filter(({ name, shown }) => shown.length === 0 && !overItself.includes(name));
  expect(unknown.map(({ list, name }) => `${list.name}.${name}`)).toEqual([]);
  expect(
    lists
      .filter((list) => opens(list) === undefined)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(otherwise.filter((name) => lists.some((list) => list.name === name)).toSorted());
});

describe.each(
  drawn(
    lists.filter((list) => opens(list) !== undefined),
    { of: 1 },
  ),
)("$name, for a user who has only the permission to read it", (list) => {
  let narrow: TestUser;
  beforeAll(async () => {
    const key = `only_${list.name.toLowerCase()}`;
    const input = { key, name: key, permissions: [{ permission: opens(list), scope: "TENANT" }] };
    await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
    narrow = await acme.tenant.user(key);
  });

  test("no filter or sort order reveals a field that the user cannot read", async () => {
    for (const { argument, name, value, shown } of everythingAsked(list)) {
      const type = String(list.field.args.find((each) => each.name === argument)?.type);
      // Each type of asset has fields of its own.
      const within = list.name === "assets" && name === "field" ? 'filter: { type: { eq: "elevator" } }, ' : "";
      const asked = await narrow.send(`query ($value: ${type}) { ${list.name}(${within}first: 5, ${argument}: $value) { totalCount } }`, {
        value,
      });
      const selections = shown.map((field) => `${field.name}${selectionOf(field)}`).join(" ");
      const answer = await narrow.send(`{ ${list.name}(first: 20) { edges { node { id ${selections} } } } }`);
      const isHidden = codesOf(answer).includes("FORBIDDEN");
      const isRefused = isHidden || stricter.includes(`${list.name}.${name}`);
      expect([argument, name, codesOf(asked)]).toEqual([argument, name, isRefused ? ["FORBIDDEN"] : []]);
    }
  });
});

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return "";
  return isObjectType(type) && Object.hasOwn(type.getFields(), "id") ? " { id }" : " { __typename }";
}

test("every list refuses cursors of another tenant, list, or order, and edited cursors, forward and backward", async () => {
  const cursors = new Map<string, string>();
  const whoOf = (list: RootField, fixture: Fixture) => fixture[listsOf[list.name] ?? "admin"];
  const needed = (list: RootField) =>
    Object.entries(queryArguments[list.name] ?? {})
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}, `)
      .join("");
  for (const list of lists) {
    const page = await whoOf(list, acme).send<Record<string, { pageInfo: { endCursor: string | null } }>>(
      `{ ${list.name}(${needed(list)}first: 1) { pageInfo { endCursor } } }`,
    );
    const cursor = page.data?.[list.name]?.pageInfo.endCursor;
    if (typeof cursor === "string") cursors.set(list.name, cursor);
  }
  const withoutRows = lists.filter(({ name }) => !cursors.has(name)).map(({ name }) => name);
  expect(withoutRows.filter((name) => !forOthers.includes(name))).toEqual([]);
  for (const list of drawn(lists, { of: 1 })) {
    const own = cursors.get(list.name);
    if (own === undefined) continue;
    const other = [...cursors].find(([name]) => name !== list.name)?.[1];
    const attempts = {
      foreign: [whoOf(list, globex), own],
      "of another list": [whoOf(list, acme), other],
      edited: [whoOf(list, acme), `${own.slice(0, 5)}${own[5] === "A" ? "B" : "A"}${own.slice(6)}`],
      "cut off": [whoOf(list, acme), own.slice(0, -2)],
      empty: [whoOf(list, acme), ""],
    } as const;
    for (const [what, [who, cursor]] of Object.entries(attempts)) {
      for (const argument of ["after", "before"] as const) {
        const answer = await who.send(`query ($cursor: String) { ${list.name}(${needed(list)}${argument}: $cursor) { __typename } }`, {
          cursor,
        });
        expect([list.name, what, argument, codesOf(answer)]).toEqual([list.name, what, argument, ["BAD_USER_INPUT"]]);
      }
    }
  }
}, 60_000);
