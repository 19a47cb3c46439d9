import type { DeliveredForm, InstanceHead } from "@weft/engine";
import { Allow, DateTimeScalar, JsonScalar, WorkflowStatus, can, connectionOf, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { Environment } from "../definitions/environment.type.js";
import {
  Principal,
  Team,
  User,
  assigneeReference,
  teamReference,
  userReference,
  type PrincipalReference,
} from "../principals/principal.type.js";
import { HistoryEntry } from "./history-entry.type.js";

@ObjectType({ description: "One transition of the present state, as it stands for you now." })
@Allow(inherit)
export class AvailableTransition {
  @Field(() => String, { description: "What `fireTransition` takes." })
  name!: string;

  @Field(() => String, { description: "Its name for people." })
  title!: string;

  @Field(() => String, { description: "The state that it leads to." })
  to!: string;

  @Field(() => String, { description: "The name for people of the state that it leads to." })
  toTitle!: string;

  @Field(() => Boolean, { description: "Whether you may fire it now." })
  allowed!: boolean;

  @Field(() => [String], { description: "Every reason why not, as sentences; empty exactly when allowed." })
  reasons!: string[];

  @Field(() => Boolean, { description: "Whether `fireTransition` needs a comment." })
  requiresComment!: boolean;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of the input; null when there is none." })
  inputSchema!: unknown;

  /** Makes the form, for its field resolver; no field. */
  readonly form!: (() => DeliveredForm) | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A running or finished workflow: the one place of its state and data." })
@Allow(can("workflow.read"))
export class WorkflowInstance {
  @Field(() => ID, { description: "TypeID, `wfi_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => Definition, { nullable: true, description: "The version that this instance runs on; it stays on it." })
  @Allow(can("definition.read"))
  definition?: Definition | null;

  @Field(() => String, { description: "The key that all versions of the definition share." })
  definitionKey!: string;

  @Field(() => String, { description: "The name of the present state." })
  state!: string;

  @Field(() => String, { description: "The state's name for people." })
  stateTitle?: string;

  @Field(() => WorkflowStatus, { description: "Whether it still moves." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "The fields, as the definition's schema describes them." })
  data!: Record<string, unknown>;

  @Field(() => Int, { description: "One more with each move; give it as `expectedVersion`." })
  version!: number;

  @Field(() => Environment, { description: "Where it runs: what is tried out stands beside what counts." })
  environment!: Environment;

  @Field(() => String, { nullable: true, description: "What kind of business object it moves: request, project, vendor; null when none." })
  subjectType!: string | null;

  @Field(() => User, { nullable: true, description: "Whose it is; null when he cannot be shown to you." })
  owner!: User | null;

  @Field(() => Team, { nullable: true, description: "The team that it belongs to." })
  team!: Team | null;

  @Field(() => Principal, { nullable: true, description: "Who is to work on it; null when nobody." })
  assignee!: PrincipalReference | null;

  @Field(() => [HistoryEntry], { description: "What happened, by version, oldest first; of more than 500 entries the newest 500." })
  history?: HistoryEntry[];

  @Field(() => [AvailableTransition], {
    description: "Every transition of the present state, with the reasons when it is not open to you.",
  })
  availableTransitions?: AvailableTransition[];

  @Field(() => DateTimeScalar, { description: "When it came to be." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ended; null while it runs." })
  finishedAt!: string | null;

  /** The row, for the field resolvers; no field. */
  readonly head!: InstanceHead;
}

export const { Connection: WorkflowInstanceConnection, Edge: WorkflowInstanceEdge } = connectionOf(WorkflowInstance);

export function toWorkflowInstance(head: InstanceHead): WorkflowInstance {
  const id = encodeId("instance", head.id);
  return {
    id,
    nodeKey: id,
    definitionKey: head.definitionKey,
    state: head.state,
    status: head.status as WorkflowStatus,
    data: head.data,
    version: head.version,
    environment: head.environment as Environment,
    subjectType: head.subjectType,
    owner: userReference(head.ownerId),
    team: head.teamId ? teamReference(head.teamId) : null,
    assignee: assigneeReference(head),
    createdAt: head.createdAt,
    updatedAt: head.updatedAt,
    finishedAt: head.finishedAt,
    head,
  };
}
