import {
  assigneeOf,
  Allow,
  can,
  DateTimeScalar,
  encodeId,
  inherit,
  JsonScalar,
  rowNodes,
  sourcesOf,
  WorkflowStatus,
  ViewerDependent,
  ViewerIndependent,
  Priority,
  payloadOf,
} from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Principal, User, WorkflowInstance } from "../references.js";
import { RequestLevel } from "../triage/triage.type.js";
import { requestColumns } from "./request.columns.js";
import type { RequestRow } from "./request.store.js";

@ObjectType({ description: "A request of a user. Its state and fields are those of its workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
@ViewerIndependent("request.read")
export class Request {
  @Field(() => ID, { description: "ID (`req_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Number for people, for example `MR-12`. Numbers of a prefix have no gaps." })
  number!: string;

  @Field(() => String, { description: "Name of the workflow's state in its definition, for example `triage`." })
  state!: string;

  @Field(() => WorkflowStatus, { description: "Status of the workflow." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "Field values, as described by the definition's data schema." })
  data!: Record<string, unknown>;

  @Field(() => Int, {
    description: "Version number of the workflow, incremented on every transition and change. Pass it to mutations as `expectedVersion`.",
  })
  version!: number;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow of the request. Null with an error if the workflows service is unavailable.",
  })
  workflow!: WorkflowInstance;

  @Field(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  createdBy!: User;

  @Field(() => Boolean, {
    description: "Whether somebody without a login created the request with a link. Its creator is then the user who created the link.",
  })
  isByLink!: boolean;

  @Field(() => Boolean, { description: "Whether an email created the request." })
  isFromEmail!: boolean;

  @Field(() => Principal, { nullable: true, description: "Assignee. Null if there is none." })
  @ViewerDependent()
  assignee!: typeof Principal | null;

  @Field(() => Priority, { description: "Priority: set by a user, or by the configuration's matrix from impact and urgency." })
  priority!: Priority;

  @Field(() => Boolean, { description: "Whether a user has set the priority. Otherwise it follows from impact and urgency." })
  isPrioritySet!: boolean;

  @Field(() => RequestLevel, { nullable: true, description: "Impact. Null until it is set." })
  impact!: RequestLevel | null;

  @Field(() => RequestLevel, { nullable: true, description: "Urgency. Null until it is set." })
  urgency!: RequestLevel | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Due date, set by a user. Null if there is none. SLA targets are independent of it.",
  })
  dueAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time when the work ended: when the request was closed, or else when its workflow finished. A closed request can be reopened until its workflow finishes. Null while it is open.",
  })
  closedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Time of the last transition or change." })
  updatedAt!: string;

  /** The underlying row, for field resolvers. */
  row!: RequestRow;
  /** The time as of which it was read (ISO 8601), for what it refers to. Absent: now. */
  asOf?: string;
}

const { column, from } = sourcesOf<RequestRow>();
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
    number: column("number"),
    state: column("state"),
    status: from(["status"], ({ status }) => status as WorkflowStatus),
    data: column("data"),
    version: column("instanceVersion"),
    workflow: from(["instanceId"], ({ instanceId }) => WorkflowInstance.of(instanceId)),
    createdBy: from(["createdBy"], ({ createdBy }) => User.of(createdBy)),
    isByLink: from(["linkId"], ({ linkId }) => linkId !== null),
    isFromEmail: column("isFromEmail"),
    assignee: from(["assigneeUserId", "assigneeTeamId", "assigneeVendorId"], assigneeOf),
    priority: column("priority"),
    isPrioritySet: from(["setPriority"], ({ setPriority }) => setPriority !== null),
    impact: column("impact"),
    urgency: column("urgency"),
    dueAt: column("dueAt"),
    createdAt: column("createdAt"),
    closedAt: column("closedAt"),
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
