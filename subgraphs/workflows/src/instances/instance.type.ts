import { type DeliveredForm, headColumns, type InstanceHead } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { connectionOf } from "@weft/api/pages";
import { rowNodes, sourcesOf } from "@weft/api/row-nodes";
import { Allow, can, inherit, ViewerDependent, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { assigneeOf, type EntityStub } from "@weft/api/subgraph";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Definition } from "../definitions/definition.type.js";
import { Environment } from "../definitions/life-cycle/environment.type.js";
import { Principal, Team, User } from "../principals/principal.type.js";
import { HistoryEntry } from "./history-entry.type.js";

@ObjectType({ description: "A transition of the current state, as it applies to you now." })
@Allow(inherit)
export class AvailableTransition {
  @Field(() => String, { description: "Name of the transition. Pass it to `fireTransition`." })
  name!: string;

  @Field(() => String, { description: "Display name of the transition." })
  title!: string;

  @Field(() => String, { description: "Target state." })
  to!: string;

  @Field(() => String, { description: "Display name of the target state." })
  toTitle!: string;

  @Field(() => Boolean, { description: "Whether you can fire the transition now." })
  allowed!: boolean;

  @Field(() => [String], { description: "All reasons why you cannot fire the transition, as sentences. Empty if you can." })
  reasons!: string[];

  @Field(() => Boolean, { description: "Whether `fireTransition` requires a comment." })
  requiresComment!: boolean;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of the input. Null if there is none." })
  inputSchema!: unknown;

  /** Creates the form, for its field resolver; not a field. */
  readonly form!: (() => DeliveredForm) | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "A running or finished workflow with its state and data." })
@Allow(can("workflow.read"))
@ViewerIndependent("workflow.read")
export class WorkflowInstance {
  @Field(() => ID, { description: "ID (`wfi_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => Definition, { nullable: true, description: "Version of the definition that the instance runs on." })
  @Allow(can("definition.read"))
  @ViewerIndependent("definition.read")
  definition?: Definition | null;

  @Field(() => String, { description: "Key shared by all versions of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "Name of the current state." })
  state!: string;

  @Field(() => String, { description: "Display name of the current state." })
  @ViewerIndependent("workflow.read")
  stateTitle?: string;

  @Field(() => WorkflowStatus, { description: "Status of the instance." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, {
    description: "Data, as described by the definition's schema. Users of a vendor do not see the budget of a project.",
  })
  @ViewerIndependent("workflow.read")
  data!: Record<string, unknown>;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => Environment, { description: "Environment in which the instance runs." })
  environment!: Environment;

  @Field(() => String, {
    nullable: true,
    description:
      "Kind of the business object that the workflow drives or is about, such as `request`, `asset` or `building`. Null if there is none.",
  })
  subjectType!: string | null;

  @Field(() => User, { nullable: true, description: "Owner. Null if you cannot see the user." })
  owner!: User | null;

  @Field(() => Team, { nullable: true, description: "Team that the instance belongs to." })
  team!: Team | null;

  @Field(() => Principal, { nullable: true, description: "Assignee. Null if nobody is assigned." })
  @ViewerDependent()
  assignee!: EntityStub | null;

  @Field(() => [HistoryEntry], { description: "History by version, oldest first. If there are more than 500 entries, the newest 500." })
  @ViewerIndependent("workflow.read")
  history?: HistoryEntry[];

  @Field(() => [AvailableTransition], {
    description: "All transitions of the current state, with the reasons why you cannot fire them.",
  })
  availableTransitions?: AvailableTransition[];

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time. Null while the instance is running." })
  finishedAt!: string | null;

  /** The row, for the field resolvers; not a field. */
  readonly head!: InstanceHead;
}

export const { Connection: WorkflowInstanceConnection, Edge: WorkflowInstanceEdge } = connectionOf(WorkflowInstance);

const { column, from } = sourcesOf<InstanceHead>();
const id = from(["id"], (head) => encodeId("instance", head.id));

/** Instances as rows, and the columns that their fields read. */
export const instanceNodes = rowNodes<InstanceHead, WorkflowInstance, "head">({
  type: "WorkflowInstance",
  rowKey: "head",
  columns: headColumns,
  // Other types than the instance have its subject, too. A child has that of an ancestor.
  always: ["id", "subjectType", "subjectId", "ancestors"],
  fields: {
    id,
    nodeKey: id,
    definitionKey: column("definitionKey"),
    state: column("state"),
    status: from(["status"], ({ status }) => status as WorkflowStatus),
    // Its resolver hides some of the data, depending on the subject.
    data: from(["data", "subjectType"], ({ data }) => data),
    version: column("version"),
    environment: from(["environment"], ({ environment }) => environment as Environment),
    subjectType: column("subjectType"),
    owner: from(["ownerId"], ({ ownerId }) => User.of(ownerId)),
    team: from(["teamId"], ({ teamId }) => Team.ofOrNull(teamId)),
    assignee: from(["assigneeUserId", "assigneeTeamId", "assigneeVendorId"], assigneeOf),
    createdAt: column("createdAt"),
    updatedAt: column("updatedAt"),
    finishedAt: column("finishedAt"),
  },
  resolvers: {
    definition: ["definitionId"],
    stateTitle: ["definitionId", "state"],
    history: ["definitionId", "subjectType"],
    diagram: ["definitionId", "subjectType", "state", "version"],
    subject: ["subjectType", "subjectId", "ancestors"],
    parent: ["parentId"],
    parentRule: ["parentId", "parentRule"],
    childIndex: ["parentId", "childIndex"],
    incident: ["status"],
    children: [],
    tasks: [],
    runs: [],
    timers: [],
    slaStatus: [],
    escalations: [],
    startedByTenant: [],
  },
});

export const toWorkflowInstance = instanceNodes.toNode;
