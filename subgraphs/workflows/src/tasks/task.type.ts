import type { TaskRow } from "@weft/engine";
import { Allow, DateTimeScalar, anyOf, can, connectionOf, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User, userReference, userReferenceOrNull } from "../principals/principal.type.js";

export enum TaskStatus {
  OPEN = "OPEN",
  CLAIMED = "CLAIMED",
  COMPLETED = "COMPLETED",
  CLOSED = "CLOSED",
}
registerEnumType(TaskStatus, {
  name: "TaskStatus",
  description: "Where a piece of work stands.",
  valuesConfig: {
    OPEN: { description: "Waits in the queue." },
    CLAIMED: { description: "Somebody has taken it." },
    COMPLETED: { description: "Done: a transition was fired for it." },
    CLOSED: { description: "No longer needed: the instance moved without it." },
  },
});

/** As it is stored: order by priority is order by number. */
export enum TaskPriority {
  LOW = 0,
  NORMAL = 1,
  HIGH = 2,
  URGENT = 3,
}
registerEnumType(TaskPriority, {
  name: "TaskPriority",
  description: "How much it presses.",
  valuesConfig: {
    LOW: { description: "When there is time." },
    NORMAL: { description: "As the rest." },
    HIGH: { description: "Before the rest." },
    URGENT: { description: "At once." },
  },
});

@ObjectType({ description: "Something to be ticked off before a task can be completed." })
@Allow(inherit)
export class ChecklistItem {
  @Field(() => String, { description: "For `tickTask`; unique within the task." })
  key!: string;

  @Field(() => String, { description: "What is to be done." })
  title!: string;

  @Field(() => Boolean, { description: "Whether it is ticked off." })
  isDone!: boolean;

  @Field(() => User, { nullable: true, description: "Who ticked it off." })
  doneBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was ticked off." })
  doneAt!: string | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({ description: "Work that an instance's state opened for people." })
@Allow(anyOf(can("task.read"), can("workflow.read")))
export class Task {
  @Field(() => ID, { description: "TypeID, `tsk_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => String, { description: "What is to be done." })
  title!: string;

  @Field(() => TaskStatus, { description: "Where it stands." })
  status!: TaskStatus;

  @Field(() => Boolean, { description: "Whether its workflow is held: until that is resumed nobody can claim or complete it." })
  isSuspended?: boolean;

  @Field(() => String, { description: "The state of the instance that opened it." })
  state!: string;

  @Field(() => String, { description: "The definition's task rule that opened it." })
  rule!: string;

  @Field(() => WorkflowInstance, { nullable: true, description: "Null when you may work on the task but not read its workflow." })
  instance?: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "Who has claimed it." })
  assignee!: User | null;

  @Field(() => [String], { description: "Keys of the roles whose people may claim it." })
  candidateRoles!: string[];

  @Field(() => Boolean, {
    description: "Whether it is offered to nobody, and claimed by nobody: only who may assign tasks sees it, and should do so.",
  })
  hasNoCandidates!: boolean;

  @Field(() => TaskPriority, { description: "How much it presses." })
  priority!: TaskPriority;

  @Field(() => [ChecklistItem], { description: "What is to be ticked off before it can be completed, in order." })
  checklist!: ChecklistItem[];

  @Field(() => [User], {
    nullable: "items",
    description:
      "Who has given it on, or was stood in for, the first of them first; null in the place of who cannot be shown to you. Whoever may not decide by the definition (`notSameAs`) may not decide through others either.",
  })
  delegatedFrom!: (User | null)[];

  @Field(() => User, { nullable: true, description: "Who did it." })
  completedBy!: User | null;

  @Field(() => User, { nullable: true, description: "For whom it was completed, when by delegation." })
  onBehalfOf!: User | null;

  @Field(() => String, { nullable: true, description: "The transition that completed it." })
  transition!: string | null;

  @Field(() => Int, { description: "One more with each change of the task." })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it should be done; null when there is no deadline." })
  dueAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was taken." })
  claimedAt!: string | null;

  @Field(() => DateTimeScalar, { description: "When it came to be." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was completed or no longer needed." })
  closedAt!: string | null;

  /** The row, for the field resolvers; no field. */
  readonly row!: TaskRow;
}

export const { Connection: TaskConnection, Edge: TaskEdge } = connectionOf(Task);

/** Whether anybody can still do it. */
export const isWaiting = ({ status }: TaskRow): boolean => status === "OPEN" || status === "CLAIMED";

export function toTask(row: TaskRow): Task {
  const id = encodeId("task", row.id);
  return {
    id,
    nodeKey: id,
    title: row.title,
    status: row.status as TaskStatus,
    state: row.state,
    rule: row.rule,
    assignee: userReferenceOrNull(row.assigneeId),
    candidateRoles: row.candidateRoles,
    hasNoCandidates: row.queueKey === "none" && row.status === "OPEN",
    priority: row.priority,
    checklist: row.checklist.map(toChecklistItem),
    delegatedFrom: row.delegatedFrom.map(userReference),
    completedBy: userReferenceOrNull(row.completedBy),
    onBehalfOf: userReferenceOrNull(row.onBehalfOf),
    transition: row.transition,
    version: row.version,
    dueAt: row.dueAt,
    claimedAt: row.claimedAt,
    createdAt: row.createdAt,
    closedAt: row.closedAt,
    row,
  };
}

const toChecklistItem = ({ id, title, done, doneBy, doneAt }: TaskRow["checklist"][number]): ChecklistItem => ({
  key: id,
  title,
  isDone: done,
  doneBy: userReferenceOrNull(doneBy),
  doneAt,
});
