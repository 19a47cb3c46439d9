import { requests as tables, workflows } from "@weft/drizzle";
import { anyIdField, connectionOf, filterInput, idField, numberField, onlyWith, orderByInput, textField, timeField } from "@weft/shared";
import type { RequestRow } from "./request.store.js";
import { Request } from "./request.type.js";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;

export const { Connection: RequestConnection } = connectionOf(Request, "Request");

export const RequestFilter = filterInput("RequestFilter", {
  number: textField(requests.number),
  state: textField(
    instanceHeads.state,
    "State of the workflow: `triage`. States are the definitions' own words: one that none of them has finds nothing.",
  ),
  status: textField(instanceHeads.status, "Status of the workflow: `RUNNING`."),
  type: onlyWith("requestType.read", idField("requestType", requests.typeId)),
  typeKey: onlyWith("requestType.read", textField(requestTypes.key)),
  building: onlyWith("building.read", idField("building", requests.buildingId)),
  asset: onlyWith("asset.read", idField("asset", requests.assetId)),
  createdBy: idField("user", requests.createdBy),
  assignee: anyIdField(
    { user: instanceHeads.assigneeUserId, team: instanceHeads.assigneeTeamId, vendor: instanceHeads.assigneeVendorId },
    "A user, a team or a vendor.",
  ),
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
