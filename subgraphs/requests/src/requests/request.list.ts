import { requests as tables, workflows } from "@weft/drizzle";
import {
  anyIdField,
  connectionOf,
  enumField,
  filterInput,
  idField,
  nestedField,
  numberField,
  onlyWith,
  orderByInput,
  textField,
  timeField,
  visibleInstances,
  WorkflowStatus,
} from "@weft/shared";
import type { RequestRow } from "./request.store.js";
import { Request } from "./request.type.js";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;

export const { Connection: RequestConnection } = connectionOf(Request, "Request");

const assigneeColumns = {
  user: instanceHeads.assigneeUserId,
  team: instanceHeads.assigneeTeamId,
  vendor: instanceHeads.assigneeVendorId,
};

/** Not `WorkflowInstanceFilter`: inputs of one name in two subgraphs keep only the fields that both have. */
const RequestWorkflowFilter = filterInput("RequestWorkflowFilter", {
  id: idField("instance", instanceHeads.id),
  definitionKey: textField(instanceHeads.definitionKey, "Key of the definition, which all its versions share."),
  definitionId: onlyWith("definition.read", idField("definition", instanceHeads.definitionId, "The version of the definition.")),
  state: textField(instanceHeads.state, "Name of the present state: `triage`."),
  status: enumField("WorkflowStatus", WorkflowStatus, instanceHeads.status),
  ownerId: idField("user", instanceHeads.ownerId),
  teamId: idField("team", instanceHeads.teamId),
  assigneeId: anyIdField(assigneeColumns, "The ID of a user, a team or a vendor."),
  version: numberField(instanceHeads.version),
  updatedAt: timeField(instanceHeads.updatedAt),
  finishedAt: timeField(instanceHeads.finishedAt),
});

export const RequestFilter = filterInput("RequestFilter", {
  number: textField(requests.number),
  state: textField(
    instanceHeads.state,
    "State of the workflow: `triage`. States are the definitions' own words: one that none of them has finds nothing.",
  ),
  status: enumField("WorkflowStatus", WorkflowStatus, instanceHeads.status, "Status of the workflow."),
  type: onlyWith("requestType.read", idField("requestType", requests.typeId)),
  typeKey: onlyWith("requestType.read", textField(requestTypes.key)),
  building: onlyWith("building.read", idField("building", requests.buildingId)),
  asset: onlyWith("asset.read", idField("asset", requests.assetId)),
  createdBy: idField("user", requests.createdBy),
  assignee: anyIdField(assigneeColumns, "A user, a team or a vendor."),
  workflow: nestedField(RequestWorkflowFilter, {
    permission: "workflow.read",
    description: "Conditions on the workflow. A workflow that you may not read fulfils none.",
    visible: (viewer) => visibleInstances(viewer, "workflow.read", instanceHeads),
  }),
  version: numberField(instanceHeads.version),
  createdAt: timeField(requests.createdAt),
  updatedAt: timeField(instanceHeads.updatedAt),
});

export const RequestOrder = orderByInput<RequestRow, "CREATED_AT" | "UPDATED_AT" | "STATE" | "NUMBER">("RequestOrder", {
  CREATED_AT: { column: requests.createdAt, valueOf: (row) => row.createdAt },
  UPDATED_AT: { column: instanceHeads.updatedAt, valueOf: (row) => row.movedAt },
  STATE: { column: instanceHeads.state, valueOf: (row) => row.state },
  NUMBER: { column: requests.number, valueOf: (row) => row.number, description: "By its text: MR-10 stands before MR-9." },
});

export const requestId = { column: requests.id, valueOf: (row: RequestRow) => row.id };
