import { requests as tables, sla, workflows } from "@weft/drizzle";
import {
  anyIdField,
  connectionOf,
  enumField,
  type FilterField,
  filterInput,
  hasSlaStatus,
  idField,
  nestedField,
  numberField,
  onlyWith,
  orderByInput,
  SlaStatus,
  slaStatusOf,
  textField,
  timeField,
  type Viewer,
  visibleInstances,
  WorkflowStatus,
} from "@weft/shared";
import { sql } from "drizzle-orm";
import { nextDue, type RequestRow } from "./request.store.js";
import { Request } from "./request.type.js";

const { requests, requestTypes } = tables;
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

export const RequestFilter = filterInput("RequestFilter", {
  number: textField(requests.number),
  state: textField(
    instanceHeads.state,
    "State of the workflow, for example `triage`. Definitions define their own states; an unknown state matches nothing.",
  ),
  status: enumField("WorkflowStatus", WorkflowStatus, instanceHeads.status, "Status of the workflow."),
  type: onlyWith("requestType.read", idField("requestType", requests.typeId)),
  typeKey: onlyWith("requestType.read", typeKeyField),
  building: onlyWith("building.read", idField("building", requests.buildingId)),
  asset: onlyWith("asset.read", idField("asset", requests.assetId)),
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
  version: numberField(instanceHeads.version),
  createdAt: timeField(requests.createdAt),
  updatedAt: timeField(instanceHeads.updatedAt),
});

export const RequestOrder = orderByInput<RequestRow, "CREATED_AT" | "UPDATED_AT" | "STATE" | "NUMBER" | "SLA_DUE_AT">("RequestOrder", {
  CREATED_AT: { column: requests.createdAt, valueOf: (row) => row.createdAt },
  UPDATED_AT: { column: instanceHeads.updatedAt, valueOf: (row) => row.transitionedAt },
  // Within a state by the age of the instance, as its index has them. Otherwise, each page would sort all requests.
  STATE: {
    column: instanceHeads.state,
    valueOf: (row) => row.state,
    thenBy: { column: instanceHeads.createdAt, valueOf: (row) => row.startedAt },
  },
  NUMBER: { column: requests.number, valueOf: (row) => row.number, description: "By the number as text: MR-10 comes before MR-9." },
  SLA_DUE_AT: {
    column: nextDue.dueAt,
    valueOf: (row) => row.slaDueAt ?? "infinity",
    description:
      "By the time when the next SLA clock that runs reaches its target. Requests without a running clock come last, as do those whose workflow you cannot read.",
  },
});

export const requestId = { column: requests.id, valueOf: (row: RequestRow) => row.id };
