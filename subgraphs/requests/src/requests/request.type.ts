import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf, Priority } from "@weft/api/inputs";
import { rowNodes, sourcesOf } from "@weft/api/row-nodes";
import { Allow, can, ViewerDependent, ViewerIndependent } from "@weft/api/rules";
import { assigneeOf } from "@weft/api/subgraph";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Directive, ObjectType } from "type-graphql";
import { Principal, User, WorkflowInstance } from "../references.js";
import { RequestLevel } from "../triage/triage.type.js";
import { requestColumns } from "./request.columns.js";
import type { RequestRow } from "./request.store.js";

const requestApiColumns = columns({
  ...standardColumns.id("ID (`req_…`).", "The request."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  ...column.shownOnly({
    number: column.text("Number for people, for example `MR-12`. Numbers of a prefix have no gaps."),
    state: column.text("Name of the workflow's state in its definition, for example `triage`."),
    status: column.of(() => WorkflowStatus, "Status of the workflow."),
  }),
  typeKey: column.text("Key of the request type, for example `maintenance`.", { shown: false, updated: false }),
  data: column.jsonObject("Field values, as described by the definition's data schema.", {
    created: "Fields of the type's `form`.",
    updated: "Fields to set. Others keep their values.",
    optional: true,
  }),
  buildingId: column.id("Building that the request is about.", {
    shown: false,
    created: "Building that the request is about. If only an asset is given, the asset's building.",
    updated: "Building that the request is about.",
    nullable: true,
  }),
  assetId: column.id("Asset that the request is about.", {
    shown: false,
    created: "Asset that the request is about. It must be in the building.",
    updated: "Asset that the request is about.",
    nullable: true,
  }),
  spaceId: column.id("Floor, room, or area that the request is about.", {
    shown: false,
    created: "Floor, room, or area that the request is about. It must be in the building. If only an asset is given, the asset's space.",
    updated: "Floor, room, or area that the request is about. If omitted, another building or asset also replaces the space.",
    nullable: true,
  }),
  ...standardColumns.externalId("requests"),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    version: column.int(
      "Version number of the workflow, incremented on every transition and change. Pass it to mutations as `expectedVersion`.",
    ),
    workflow: column.of(() => WorkflowInstance, "Workflow of the request. Null with an error if the workflows service is unavailable.", {
      shownNullable: true,
    }),
    createdBy: column.of(() => User, "Creator. Null if you cannot see the user.", { shownNullable: true }),
    isByLink: column.flag(
      "Whether somebody without a login created the request with a link. Its creator is then the user who created the link.",
    ),
    isFromEmail: column.flag("Whether an email created the request."),
    assignee: column.of(() => Principal, "Assignee. Null if there is none.", { nullable: true, decorators: [ViewerDependent()] }),
    priority: column.of(() => Priority, "Priority: set by a user, or by the configuration's matrix from impact and urgency."),
    isPrioritySet: column.flag("Whether a user has set the priority. Otherwise it follows from impact and urgency."),
    impact: column.of(() => RequestLevel, "Impact. Null until it is set.", { nullable: true }),
    urgency: column.of(() => RequestLevel, "Urgency. Null until it is set.", { nullable: true }),
    dueAt: column.time("Due date, set by a user. Null if there is none. SLA targets are independent of it.", { nullable: true }),
    createdAt: column.time("Creation time."),
    closedAt: column.time(
      "Time when the work ended: when the request was closed, or else when its workflow finished. A closed request can be reopened until its workflow finishes. Null while it is open.",
      { nullable: true },
    ),
    updatedAt: column.time("Time of the last transition or change."),
  }),
});

@ShowColumns(requestApiColumns)
@ObjectType({ description: "A request of a user. Its state and fields are those of its workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
@ViewerIndependent("request.read")
export class Request extends shapeOf(requestApiColumns) {
  /** The underlying row, for field resolvers. */
  row!: RequestRow;
  /** The time as of which it was read (ISO 8601), for what it refers to. Absent: now. */
  asOf?: string;
}

export const CreateRequestInput = createInputOf("CreateRequestInput", requestApiColumns);
export type CreateRequestInput = InstanceType<typeof CreateRequestInput>;

export const UpdateRequestInput = updateInputOf(
  "UpdateRequestInput",
  requestApiColumns,
  "Input of `updateRequest`. Omitted fields keep their values; null removes a building, asset, or space.",
);
export type UpdateRequestInput = InstanceType<typeof UpdateRequestInput>;

const { column: stored, from } = sourcesOf<RequestRow>();
const id = from(["id"], (row) => encodeId("request", row.id));

/** Requests as rows, and the columns that their fields read. */
export const requestNodes = rowNodes<RequestRow, Request, "row">({
  type: "Request",
  rowKey: "row",
  columns: requestColumns,
  always: ["id"],
  fields: {
    id,
    nodeKey: id,
    number: stored("number"),
    state: stored("state"),
    status: from(["status"], ({ status }) => status as WorkflowStatus),
    data: stored("data"),
    version: stored("instanceVersion"),
    workflow: from(["instanceId"], ({ instanceId }) => WorkflowInstance.of(instanceId)),
    createdBy: from(["createdBy"], ({ createdBy }) => User.of(createdBy)),
    isByLink: from(["linkId"], ({ linkId }) => linkId !== null),
    isFromEmail: stored("isFromEmail"),
    assignee: from(["assigneeUserId", "assigneeTeamId", "assigneeVendorId"], assigneeOf),
    priority: stored("priority"),
    isPrioritySet: from(["setPriority"], ({ setPriority }) => setPriority !== null),
    impact: stored("impact"),
    urgency: stored("urgency"),
    dueAt: stored("dueAt"),
    createdAt: stored("createdAt"),
    closedAt: stored("closedAt"),
    updatedAt: from(["transitionedAt", "updatedAt"], ({ transitionedAt, updatedAt }) =>
      transitionedAt > updatedAt ? transitionedAt : updatedAt,
    ),
  },
  resolvers: {
    type: ["typeId"],
    building: ["buildingId"],
    asset: ["assetId"],
    space: ["spaceId"],
    tags: ["tags"],
    attachments: [],
    comments: [],
    viewerCanCommentInternally: [],
    externalId: [],
    links: [],
    timeline: [],
    viewerIsWatching: [],
    watchers: [],
  },
});

/** Converts a row to its API type. */
export const toRequest = requestNodes.toNode;

export const RequestPayload = payloadOf(Request, "request");
export type RequestPayload = InstanceType<typeof RequestPayload>;
