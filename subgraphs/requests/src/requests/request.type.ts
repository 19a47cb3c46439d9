import { assigneeOf, Allow, can, DateTimeScalar, encodeId, inherit, JsonScalar, WorkflowStatus, ViewerIndependent } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Principal, User, WorkflowInstance } from "../references.js";
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

  @Field(() => Principal, { nullable: true, description: "Assignee. Null if there is none." })
  assignee!: typeof Principal | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @ViewerIndependent("request.read")
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last transition or change." })
  @ViewerIndependent("request.read")
  updatedAt!: string;

  /** The underlying row, for field resolvers. */
  row!: RequestRow;
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
    assignee: assigneeOf(row),
    createdAt: row.createdAt,
    updatedAt: row.transitionedAt > row.updatedAt ? row.transitionedAt : row.updatedAt,
    row,
  });
}
