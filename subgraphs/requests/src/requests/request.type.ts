import { assigneeOf, Allow, can, DateTimeScalar, encodeId, inherit, JsonScalar, WorkflowStatus, ViewerIndependent } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Principal, User, WorkflowInstance } from "../references.js";
import { RequestLevel, RequestPriority } from "../triage/triage.type.js";
import type { RequestRow } from "./request.store.js";

@ObjectType({ description: "A request of a user. Its state and fields are those of its workflow." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
export class Request {
  @Field(() => ID, { description: "ID (`req_…`)." })
  @Allow(inherit)
  @ViewerIndependent("request.read")
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  @ViewerIndependent("request.read")
  nodeKey!: string;

  @Field(() => String, { description: "Number for people, for example `MR-12`. Numbers of a prefix have no gaps." })
  @ViewerIndependent("request.read")
  number!: string;

  @Field(() => String, { description: "Name of the workflow's state in its definition, for example `triage`." })
  @ViewerIndependent("request.read")
  state!: string;

  @Field(() => WorkflowStatus, { description: "Status of the workflow." })
  @ViewerIndependent("request.read")
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "Field values, as described by the definition's data schema." })
  @ViewerIndependent("request.read")
  data!: Record<string, unknown>;

  @Field(() => Int, {
    description: "Version number of the workflow, incremented on every transition and change. Pass it to mutations as `expectedVersion`.",
  })
  @ViewerIndependent("request.read")
  version!: number;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow of the request. Null with an error if the workflows service is unavailable.",
  })
  @ViewerIndependent("request.read")
  workflow!: WorkflowInstance;

  @Field(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  @ViewerIndependent("request.read")
  createdBy!: User;

  @Field(() => Boolean, {
    description: "Whether somebody without a login created the request with a link. Its creator is then the user who created the link.",
  })
  @ViewerIndependent("request.read")
  isByLink!: boolean;

  @Field(() => Boolean, { description: "Whether an email created the request." })
  @ViewerIndependent("request.read")
  isFromEmail!: boolean;

  @Field(() => Principal, { nullable: true, description: "Assignee. Null if there is none." })
  assignee!: typeof Principal | null;

  @Field(() => RequestPriority, { description: "Priority: set by a user, or by the configuration's matrix from impact and urgency." })
  @ViewerIndependent("request.read")
  priority!: RequestPriority;

  @Field(() => Boolean, { description: "Whether a user has set the priority. Otherwise it follows from impact and urgency." })
  @ViewerIndependent("request.read")
  isPrioritySet!: boolean;

  @Field(() => RequestLevel, { nullable: true, description: "Impact. Null until it is set." })
  @ViewerIndependent("request.read")
  impact!: RequestLevel | null;

  @Field(() => RequestLevel, { nullable: true, description: "Urgency. Null until it is set." })
  @ViewerIndependent("request.read")
  urgency!: RequestLevel | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Due date, set by a user. Null if there is none. SLA targets are independent of it.",
  })
  @ViewerIndependent("request.read")
  dueAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @ViewerIndependent("request.read")
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last transition or change." })
  @ViewerIndependent("request.read")
  updatedAt!: string;

  /** The underlying row, for field resolvers. */
  row!: RequestRow;
  /** The time as of which it was read (ISO 8601), for what it refers to. Null: now. */
  asOf: string | null = null;
}

/** Converts a row to its API type. */
export function toRequest(row: RequestRow): Request {
  const id = encodeId("request", row.id);
  return Object.assign(new Request(), {
    id,
    nodeKey: id,
    number: row.number,
    state: row.state,
    status: row.status as WorkflowStatus,
    data: row.data,
    version: row.instanceVersion,
    workflow: WorkflowInstance.of(row.instanceId),
    createdBy: User.of(row.createdBy),
    isByLink: row.linkId !== null,
    isFromEmail: row.isFromEmail,
    assignee: assigneeOf(row),
    priority: row.priority,
    isPrioritySet: row.setPriority !== null,
    impact: row.impact,
    urgency: row.urgency,
    dueAt: row.dueAt,
    createdAt: row.createdAt,
    updatedAt: row.transitionedAt > row.updatedAt ? row.transitionedAt : row.updatedAt,
    row,
  });
}
