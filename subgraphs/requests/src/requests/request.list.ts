import { visibleInstances } from "@weft/platform/rights";
import { requests as tables, sla, workflows } from "@weft/drizzle";
import { Forbidden } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { isOfVendor, requestAccess } from "@weft/platform/access";
import { externalIdField } from "@weft/api/external-ids";
import {
  anyIdField,
  enumField,
  type FilterField,
  filterInput,
  idField,
  nestedField,
  numberField,
  onlyWith,
  tagsField,
  textField,
  timeField,
  wordsField,
} from "@weft/api/filters";
import { Priority } from "@weft/api/inputs";
import { connectionOf, orderByInput } from "@weft/api/pages";
import { containsWords, partsField } from "@weft/api/search";
import { hasSlaStatus, SlaStatus, slaStatusOf } from "@weft/api/sla-status";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { type SQL, sql } from "drizzle-orm";
import { RequestLevel } from "../triage/triage.type.js";
import { nextDue, type RequestRow } from "./request.store.js";
import { Request } from "./request.type.js";

const { requests, requestTypes, watchers } = tables;
const { instanceHeads } = workflows;
const { slaHeads } = sla;

export const { Connection: RequestConnection } = connectionOf(Request, "Request");

const assigneeColumns = {
  user: instanceHeads.assigneeUserId,
  team: instanceHeads.assigneeTeamId,
  vendor: instanceHeads.assigneeVendorId,
};

/** Not `WorkflowInstanceFilter`: if two subgraphs define inputs of the same name, only their common fields remain. */
const RequestWorkflowFilter = filterInput("RequestWorkflowFilter", {
  id: idField("instance", instanceHeads.id),
  definitionKey: textField(instanceHeads.definitionKey, "Key of the definition, common to all its versions."),
  definitionId: onlyWith("definition.read", idField("definition", instanceHeads.definitionId, "Version of the definition.")),
  state: textField(instanceHeads.state, "Name of the current state, for example `triage`."),
  status: enumField("WorkflowStatus", WorkflowStatus, instanceHeads.status),
  ownerId: idField("user", instanceHeads.ownerId),
  teamId: idField("team", instanceHeads.teamId),
  assigneeId: anyIdField(assigneeColumns, "ID of a user, a team, or a vendor."),
  version: numberField(instanceHeads.version),
  updatedAt: timeField(instanceHeads.updatedAt),
  finishedAt: timeField(instanceHeads.finishedAt),
});

const typeKey = textField(requestTypes.key);

/**
 * Conditions on the key of the type. A single type is also looked up by its key, so that its requests are read from their index. The joined table
 * alone would be compared with every request of the tenant, if the type has few or none.
 */
const typeKeyField: FilterField = {
  ...typeKey,
  condition: (operator, operand, path) => {
    const hasKey = typeKey.condition(operator, operand, path);
    if (operator !== "eq") return hasKey;
    return sql`(${hasKey} and ${requests.typeId} = (select named.id from ${requestTypes} as named where named.key = ${operand}))`;
  },
};

const slaStatus = enumField("SlaStatus", SlaStatus, slaStatusOf(slaHeads));
const slaDueAt = timeField(slaHeads.dueAt);
const isRunning = sql`(${slaHeads.phase} = 'RUN' and ${slaHeads.endedAt} is null)`;

const RequestSlaFilter = filterInput("RequestSlaFilter", {
  name: textField(slaHeads.name, "Name of the SLA in the definition. For a state or a task, the name of that."),
  status: {
    ...slaStatus,
    // A single status is compared so that the clocks can be read from their indexes: late requests are few among many.
    condition: (operator, operand, path) =>
      operator === "eq" ? hasSlaStatus(slaHeads, operand as SlaStatus) : slaStatus.condition(operator, operand, path),
  },
  dueAt: {
    ...slaDueAt,
    description: "Time when a running clock reaches its target. Clocks that are paused or have ended have none.",
    condition: (operator, operand, path) => {
      const hasTime = sql`(${isRunning} and ${slaHeads.dueAt} is not null)`;
      if (operator === "isNull") return operand === true ? sql`(not ${hasTime})` : hasTime;
      return sql`(${isRunning} and ${slaDueAt.condition(operator, operand, path)})`;
    },
  },
});

/** Viewers who can see the workflow see its clocks, as `slaStatus` shows them. */
const ofVisibleWorkflow = {
  permission: "workflow.read",
  visible: (viewer: Viewer) => visibleInstances(viewer, "workflow.read", instanceHeads),
} as const;

const dueOrder = timeField(requests.dueOrder);

/** Reads the column that contains `infinity` in place of no due date, because it has the index. */
const dueAtField: FilterField = {
  ...dueOrder,
  description: "Due date. Requests without one match only `isNull: true`.",
  condition: (operator, operand, path) => {
    const isSet = sql`${requests.dueOrder} < 'infinity'`;
    if (operator === "isNull") return operand === true ? sql`${requests.dueOrder} = 'infinity'` : isSet;
    return sql`(${isSet} and ${dueOrder.condition(operator, operand, path)})`;
  },
};

/** Tags are words of a type of their own in `app.search_words`: a condition on the array could not use an index under row-level security. */
const tags = tagsField({
  description: "Tags. Users of a vendor cannot filter by tags.",
  hasAny: (given) =>
    sql`${requests.id} in (select s.object_id from app.search_words s
      where s.tenant_id = app.tenant() and s.object_type = 'requestTag' and s.word = any(${sql.param([...given])}::text[]))`,
  isEmpty: sql`(${requests.tags} = '{}')`,
  assertAllowed: (by, path) => {
    if (!by || isOfVendor(by.viewer)) throw new Forbidden(`${path} is only for users of the organization.`);
  },
});

const watcher = idField("user", watchers.userId, "User who watches the request. Users of a vendor find only what they watch themselves.");

/** Conditions on any of the request's watchers. */
const watcherField: FilterField = {
  ...watcher,
  condition: (operator, operand, path) => {
    const isWatched = (by: SQL): SQL =>
      sql`${requests.id} in (select ${watchers.requestId} from ${watchers} where ${watchers.tenantId} = app.tenant() and ${watchers.endedAt} is null and ${by})`;
    if (operator === "isNull") return operand === true ? sql`(${isWatched(sql`true`)} is not true)` : isWatched(sql`true`);
    if (operator === "ne") return sql`(${isWatched(watcher.condition("eq", operand, path))} is not true)`;
    return isWatched(watcher.condition(operator, operand, path));
  },
};

const searched = { objectType: "request", id: requests.id, permission: "request.read", columns: requestAccess } as const;

export const RequestFilter = filterInput("RequestFilter", {
  search: wordsField((words, by) => {
    if (!by) throw new Error("search: toSql requires the viewer");
    return containsWords(searched, words, by);
  }, "Full-text search in the number, the fields, and the comments that you can read. Each word, its beginning, or another grammatical form of it must occur."),
  number: partsField("requestNumber", requests.id, requests.number),
  state: textField(
    instanceHeads.state,
    "State of the workflow, for example `triage`. Definitions define their own states; an unknown state matches nothing.",
  ),
  status: enumField("WorkflowStatus", WorkflowStatus, instanceHeads.status, "Status of the workflow."),
  closedAt: timeField(
    instanceHeads.closedAt,
    "Time when the work ended. `isNull: true` finds open requests, `isNull: false` closed, completed, rejected, and canceled ones.",
  ),
  type: onlyWith("requestType.read", idField("requestType", requests.typeId)),
  typeKey: onlyWith("requestType.read", typeKeyField),
  building: onlyWith("building.read", idField("building", requests.buildingId)),
  asset: onlyWith("asset.read", idField("asset", requests.assetId)),
  space: onlyWith("building.read", idField("space", requests.spaceId, "Floor, room, or area that the request is about.")),
  createdBy: idField("user", requests.createdBy),
  assignee: anyIdField(assigneeColumns, "A user, a team, or a vendor."),
  workflow: nestedField(RequestWorkflowFilter, {
    ...ofVisibleWorkflow,
    description: "Conditions on the workflow. Workflows that you cannot read never match.",
  }),
  sla: nestedField(RequestSlaFilter, {
    ...ofVisibleWorkflow,
    description: "Conditions that one SLA clock of the workflow meets. Clocks of workflows that you cannot read never match.",
    within: (condition) =>
      sql`exists (select from ${slaHeads} where ${slaHeads.tenantId} = ${requests.tenantId} and ${slaHeads.instanceId} = ${requests.instanceId} and ${condition})`,
  }),
  priority: enumField("Priority", Priority, requests.priority),
  impact: enumField("RequestLevel", RequestLevel, requests.impact, "Impact. Requests without one match only `ne`."),
  urgency: enumField("RequestLevel", RequestLevel, requests.urgency, "Urgency. Requests without one match only `ne`."),
  dueAt: dueAtField,
  tags,
  watcher: watcherField,
  version: numberField(instanceHeads.version),
  externalId: externalIdField("REQUESTS", requests.id),
  createdAt: timeField(requests.createdAt),
  updatedAt: timeField(instanceHeads.updatedAt),
});

export const RequestOrder = orderByInput<
  RequestRow,
  "CREATED_AT" | "UPDATED_AT" | "STATE" | "NUMBER" | "PRIORITY" | "DUE_AT" | "SLA_DUE_AT"
>("RequestOrder", {
  CREATED_AT: { column: requests.createdAt, valueOf: (row) => row.createdAt },
  UPDATED_AT: { column: instanceHeads.updatedAt, valueOf: (row) => row.transitionedAt },
  // Within a state by the age of the instance, as its index has them. Otherwise, each page would sort all requests.
  STATE: {
    column: instanceHeads.state,
    valueOf: (row) => row.state,
    thenBy: { column: instanceHeads.createdAt, valueOf: (row) => row.startedAt },
  },
  NUMBER: { column: requests.number, valueOf: (row) => row.number, description: "By the number as text: MR-10 comes before MR-9." },
  PRIORITY: {
    column: requests.priority,
    valueOf: (row) => String(row.priority),
    thenBy: { column: requests.createdAt, valueOf: (row) => row.createdAt },
    description: "By priority, and within one by creation time. Descending: the most urgent first.",
  },
  DUE_AT: {
    column: requests.dueOrder,
    valueOf: (row) => row.dueOrder,
    description: "By due date. In ascending order, requests without one come last.",
  },
  SLA_DUE_AT: {
    column: nextDue.dueAt,
    valueOf: (row) => row.slaDueAt ?? "infinity",
    description:
      "By the time when the next SLA clock that runs reaches its target. Requests without a running clock come last, as do those whose workflow you cannot read.",
  },
});

export const requestId = { column: requests.id, valueOf: (row: RequestRow) => row.id };
