import { CONSTRAINT_KINDS, type ConstraintKind } from "@weft/engine";
import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectTaskRow } from "./project-task.store.js";

export const TaskConstraintKind = Object.fromEntries(CONSTRAINT_KINDS.map((kind) => [kind, kind])) as {
  readonly [Kind in ConstraintKind]: Kind;
};

registerEnumType(TaskConstraintKind, {
  name: "TaskConstraintKind",
  description: "How the dates of a project task are restricted.",
  valuesConfig: {
    ASAP: { description: "As soon as possible." },
    ALAP: { description: "As late as possible without delaying the project." },
    START_NO_EARLIER_THAN: { description: "The start is at this time or later." },
    START_NO_LATER_THAN: { description: "The start is at this time or earlier." },
    FINISH_NO_EARLIER_THAN: { description: "The finish is at this time or later." },
    FINISH_NO_LATER_THAN: { description: "The finish is at this time or earlier." },
    MUST_START_ON: { description: "The start is at this time." },
    MUST_FINISH_ON: { description: "The finish is at this time." },
  },
});

export const ProjectTaskStatus = { PLANNED: "PLANNED", STARTED: "STARTED", DONE: "DONE" } as const;
export type ProjectTaskStatus = keyof typeof ProjectTaskStatus;

registerEnumType(ProjectTaskStatus, {
  name: "ProjectTaskStatus",
  description: "How far a project task is.",
  valuesConfig: {
    PLANNED: { description: "Work has not begun." },
    STARTED: { description: "Work has begun." },
    DONE: { description: "The task is complete." },
  },
});

@ObjectType({
  description: "A task in the plan of a project. A task with subtasks is a summary task: its dates are those of its subtasks.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("projectTask.read"))
export class ProjectTask {
  @Field(() => ID, { description: "ID (`ptk_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => Int, { description: "Place among the tasks with the same parent. Lower numbers come first." })
  position!: number;

  @Field(() => Int, {
    description: "Duration in working minutes. A summary task takes as long as its subtasks, whatever its own duration.",
  })
  durationMinutes!: number;

  @Field(() => Boolean, { description: "Whether the duration is 0: the task is a point in time." })
  isMilestone!: boolean;

  @Field(() => TaskConstraintKind, { description: "How its dates are restricted." })
  constraintKind!: ConstraintKind;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the constraint. Null for `ASAP` and `ALAP`." })
  constraintAt!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the task should be finished. The schedule reports a later finish as a violation.",
  })
  deadlineAt!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Name of the calendar by which its working time is counted. Null: the calendar of the plan.",
  })
  calendar!: string | null;

  @Field(() => Int, { nullable: true, description: "Estimated work in minutes." })
  estimateMinutes!: number | null;

  @Field(() => Int, { description: "Work so far in minutes, the sum of the reports." })
  actualMinutes!: number;

  @Field(() => Int, { description: "How much is done, 0 to 100." })
  percentComplete!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work began." })
  actualStartAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work ended." })
  actualFinishAt!: string | null;

  @Field(() => ProjectTaskStatus, { description: "How far it is, by `percentComplete` and `actualStartAt`." })
  status!: ProjectTaskStatus;

  @Field(() => User, { nullable: true, description: "User that the task is assigned to." })
  assigneeUser!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `updateProjectTask` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** For resolvers. */
  row!: ProjectTaskRow;
}

export const { Connection: ProjectTaskConnection } = connectionOf(ProjectTask, "ProjectTask");

/** Returns how far a task is. What has an actual finish is at 100 percent, by a constraint of the table. */
export const statusOf = ({
  percentComplete,
  actualStartAt,
}: Pick<ProjectTaskRow, "percentComplete" | "actualStartAt">): ProjectTaskStatus =>
  percentComplete === 100 ? "DONE" : percentComplete > 0 || actualStartAt !== null ? "STARTED" : "PLANNED";

/** Converts a row to its API type. */
export function toProjectTask(row: ProjectTaskRow): ProjectTask {
  const id = encodeId("projectTask", row.id);
  const { name, description, position, durationMinutes, constraintAt, deadlineAt, calendar, estimateMinutes, actualMinutes } = row;
  const { percentComplete, actualStartAt, actualFinishAt, version, createdAt, updatedAt } = row;
  return Object.assign(new ProjectTask(), {
    id,
    nodeKey: id,
    name,
    description,
    position,
    durationMinutes,
    isMilestone: durationMinutes === 0,
    constraintKind: row.constraintKind as ConstraintKind,
    constraintAt,
    deadlineAt,
    calendar,
    estimateMinutes,
    actualMinutes,
    percentComplete,
    actualStartAt,
    actualFinishAt,
    status: statusOf(row),
    assigneeUser: User.ofOrNull(row.assigneeUserId),
    version,
    createdAt,
    updatedAt,
    row,
  });
}

export const ProjectTaskPayload = payloadOf(ProjectTask, "projectTask");
export type ProjectTaskPayload = InstanceType<typeof ProjectTaskPayload>;
