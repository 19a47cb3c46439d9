import { Allow, can, DateTimeScalar, encodeId, inherit, JsonScalar, WorkflowStatus } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { assigneeStub, instanceStub, Principal, User, userStub, WorkflowInstance } from "../references.js";
import type { RequestRow } from "./request.store.js";

@ObjectType({ description: "Something that somebody asks for. Its state and fields are its workflow's." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("request.read"))
export class Request {
  @Field(() => ID, { description: "TypeID, `req_…`." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "The id, as the key that other subgraphs hang on." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Number for people, `MR-12`; without gaps per prefix." })
  number!: string;

  @Field(() => String, { description: "State of the workflow, as the definition names it: `triage`." })
  state!: string;

  @Field(() => WorkflowStatus, { description: "Status of the workflow." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "The fields, as the definition's data schema describes them." })
  data!: Record<string, unknown>;

  @Field(() => Int, { description: "Version of the workflow: grows with each move and change; mutations take it as `expectedVersion`." })
  version!: number;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "The workflow that moves the request; null with an error while workflows is down.",
  })
  workflow!: WorkflowInstance;

  @Field(() => User, { nullable: true, description: "Who created it; null where the viewer may not see that person." })
  createdBy!: User;

  @Field(() => Principal, { nullable: true, description: "Who is to do it; null while nobody is." })
  assignee!: typeof Principal | null;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last moved or changed." })
  updatedAt!: string;

  /** The row behind it, for field resolvers. */
  row!: RequestRow;
}

/** The API's view of a row. */
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
    workflow: instanceStub(row.instanceId),
    createdBy: userStub(row.createdBy),
    assignee: assigneeStub(row),
    createdAt: row.createdAt,
    updatedAt: row.movedAt > row.updatedAt ? row.movedAt : row.updatedAt,
    row,
  });
}
