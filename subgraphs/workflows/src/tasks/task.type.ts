import { taskColumns, type TaskRow } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { Priority } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { rowNodes, sourcesOf } from "@weft/api/row-nodes";
import { Allow, anyOf, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User } from "../principals/principal.type.js";

export enum TaskStatus {
  OPEN = "OPEN",
  CLAIMED = "CLAIMED",
  COMPLETED = "COMPLETED",
  CLOSED = "CLOSED",
}
registerEnumType(TaskStatus, {
  name: "TaskStatus",
  description: "Statuses of a task.",
  valuesConfig: {
    OPEN: { description: "Waiting to be claimed." },
    CLAIMED: { description: "The task is claimed." },
    COMPLETED: { description: "Completed by firing a transition." },
    CLOSED: { description: "No longer needed, because the instance changed without it." },
  },
});

@ObjectType({ description: "An item that must be checked before a task can be completed." })
@Allow(inherit)
@ViewerIndependent("task.read", "task.assign")
export class ChecklistItem {
  @Field(() => String, { description: "Key for `updateChecklistItem`, unique within the task." })
  key!: string;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => Boolean, { description: "Whether the item is checked." })
  isDone!: boolean;

  @Field(() => User, { nullable: true, description: "User who checked the item." })
  doneBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when the item was checked." })
  doneAt!: string | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "Work for users, opened by a state of an instance." })
@Allow(anyOf(can("task.read"), can("workflow.read")))
@ViewerIndependent("task.read", "task.assign")
export class Task {
  @Field(() => ID, { description: "ID (`tsk_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => String, { nullable: true, description: "What the step of a run says about the task. Null if a state has opened the task." })
  instructions!: string | null;

  @Field(() => TaskStatus, { description: "Status." })
  status!: TaskStatus;

  @Field(() => Boolean, {
    description: "Whether the task's workflow is suspended. Until it is resumed, nobody can claim or complete the task.",
  })
  @ViewerIndependent("task.read", "task.assign")
  isSuspended?: boolean;

  @Field(() => String, { description: "State of the instance that opened the task." })
  state!: string;

  @Field(() => String, { description: "Task rule of the definition that opened the task, or `step:` with the ID of the step of a run." })
  rule!: string;

  @Field(() => WorkflowInstance, {
    nullable: true,
    description: "Instance of the task. Null if you can work on the task but cannot read its workflow.",
  })
  @ViewerIndependent("workflow.read")
  instance?: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "User who has claimed the task." })
  assignee!: User | null;

  @Field(() => [String], { description: "Keys of the roles whose holders can claim the task." })
  candidateRoles!: string[];

  @Field(() => Boolean, {
    description:
      "Whether the task has no candidates and nobody has claimed it. Only users who can assign tasks see such a task, and they should assign it.",
  })
  hasNoCandidates!: boolean;

  @Field(() => Priority, { description: "Priority." })
  priority!: Priority;

  @Field(() => [ChecklistItem], { description: "Items that must be checked before the task can be completed, in order." })
  checklist!: ChecklistItem[];

  @Field(() => [User], {
    nullable: "items",
    description:
      "Users who delegated the task, or whose substitute acted for them, earliest first. Null instead of a user you cannot see. Users who cannot decide according to the definition (`notSameAs`) cannot decide through others either.",
  })
  delegatedFrom!: (User | null)[];

  @Field(() => User, { nullable: true, description: "User who completed the task." })
  completedBy!: User | null;

  @Field(() => User, { nullable: true, description: "User on whose behalf the task was completed, in case of delegation." })
  onBehalfOf!: User | null;

  @Field(() => String, { nullable: true, description: "Name of the transition that completed the task." })
  transition!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Deadline. Null if there is none." })
  dueAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time when the deadline was noticed to have passed. Null until then, and again when the deadline is changed.",
  })
  overdueAt!: string | null;

  @Field(() => Boolean, { description: "Whether the task is still open although its deadline has passed." })
  isOverdue!: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when the task was claimed." })
  claimedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when the task was completed or closed." })
  closedAt!: string | null;

  /** The row, for the field resolvers; not a field. */
  readonly row!: TaskRow;
}

export const { Connection: TaskConnection, Edge: TaskEdge } = connectionOf(Task);

/** Returns whether the task can still be completed. */
export const isWaiting = ({ status }: Pick<TaskRow, "status">): boolean => status === "OPEN" || status === "CLAIMED";

const { column, from } = sourcesOf<TaskRow>();
const id = from(["id"], (row) => encodeId("task", row.id));

/** Tasks as rows, and the columns that their fields read. */
export const taskNodes = rowNodes<TaskRow, Task, "row">({
  type: "Task",
  rowKey: "row",
  columns: taskColumns,
  // Other types than the task have the subject of its instance, too. What resolvers return mostly depends on whether the task is waiting.
  always: ["id", "instanceId", "status"],
  fields: {
    id,
    nodeKey: id,
    title: column("title"),
    instructions: from(["step"], ({ step }) => step?.instructions ?? null),
    status: from(["status"], ({ status }) => status as TaskStatus),
    state: column("state"),
    rule: column("rule"),
    assignee: from(["assigneeId"], ({ assigneeId }) => User.ofOrNull(assigneeId)),
    candidateRoles: column("candidateRoles"),
    hasNoCandidates: from(["queueKey", "status"], ({ queueKey, status }) => queueKey === "none" && status === "OPEN"),
    priority: column("priority"),
    checklist: from(["checklist"], ({ checklist }) => checklist.map(toChecklistItem)),
    delegatedFrom: from(["delegatedFrom"], ({ delegatedFrom }) => delegatedFrom.map(User.of)),
    completedBy: from(["completedBy"], ({ completedBy }) => User.ofOrNull(completedBy)),
    onBehalfOf: from(["onBehalfOf"], ({ onBehalfOf }) => User.ofOrNull(onBehalfOf)),
    transition: column("transition"),
    version: column("version"),
    dueAt: column("dueAt"),
    overdueAt: column("overdueAt"),
    isOverdue: from(["overdueAt", "status"], ({ overdueAt, status }) => overdueAt !== null && isWaiting({ status })),
    claimedAt: column("claimedAt"),
    createdAt: column("createdAt"),
    closedAt: column("closedAt"),
  },
  resolvers: {
    instance: ["instanceId"],
    subject: ["instanceId"],
    timers: ["instanceId"],
    isSuspended: ["instanceId", "status"],
    availableTransitions: ["status"],
    form: ["status"],
    question: ["questionId", "status"],
    comments: [],
    slaStatus: [],
  },
});

export const toTask = taskNodes.toNode;

const toChecklistItem = ({ id, title, done, doneBy, doneAt }: TaskRow["checklist"][number]): ChecklistItem => ({
  key: id,
  title,
  isDone: done,
  doneBy: User.ofOrNull(doneBy),
  doneAt,
});
