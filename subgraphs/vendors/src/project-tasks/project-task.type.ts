import { CONSTRAINT_KINDS, type ConstraintKind } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
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

export const projectTaskColumns = columns({
  ...standardColumns.id("ID (`ptk_…`).", "The project task."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  projectId: column.id("Project of the task.", { shown: false, updated: false, converted: true }),
  parentId: column.id("Task of the same project that contains it. Without one, it is at the top level.", {
    shown: false,
    updated: false,
    nullable: true,
    converted: true,
  }),
  position: column.int("Place among the tasks with the same parent.", {
    shown: "Place among the tasks with the same parent. Lower numbers come first.",
    shownBefore: "durationMinutes",
    created: "Place among the tasks with the same parent (1 to 1,000,000). Tasks from there on move down. By default after the others.",
    updated: false,
    optional: true,
    converted: true,
  }),
  name: column.text("Name.", { max: 200, trimmed: true, updated: "New name." }),
  description: column.text("Description.", {
    max: 4000,
    hasLines: true,
    mayBeEmpty: true,
    optional: true,
    shown: "Description. Can be empty.",
    updated: "New description.",
  }),
  durationMinutes: column.int("Duration in working minutes.", {
    shown: "Duration in working minutes. A summary task takes as long as its subtasks, whatever its own duration.",
    created: "Duration in working minutes (0 to 1,000,000). 0 is a milestone.",
    updated: "New duration in working minutes.",
  }),
  ...column.shownOnly({ isMilestone: column.flag("Whether the duration is 0: the task is a point in time.") }),
  constraintKind: column.of(() => TaskConstraintKind, "How its dates are restricted.", {
    optional: true,
    created: "How its dates are restricted (default `ASAP`).",
    updated: "New constraint. `ASAP` and `ALAP` remove the time of the constraint.",
  }),
  constraintAt: column.time("Time of the constraint.", {
    nullable: true,
    shown: "Time of the constraint. Null for `ASAP` and `ALAP`.",
    created: "Time of the constraint. Not for `ASAP` and `ALAP`.",
    updated: "New time of the constraint.",
  }),
  deadlineAt: column.time("When the task should be finished.", {
    nullable: true,
    shown: "When the task should be finished. The schedule reports a later finish as a violation.",
    updated: "New deadline. Null removes it.",
  }),
  calendar: column.text("Name of a calendar of the configuration. By default the calendar of the plan.", {
    nullable: true,
    shown: "Name of the calendar by which its working time is counted. Null: the calendar of the plan.",
    updated: "New calendar. Null: the calendar of the plan.",
  }),
  estimateMinutes: column.int("Estimated work in minutes.", {
    nullable: true,
    created: "Estimated work in minutes (0 to 10,000,000).",
    updated: "New estimate. Null removes it.",
  }),
  actualMinutes: column.int("Work so far in minutes, the sum of the reports.", {
    created: false,
    updated: "Corrected work so far, in minutes.",
  }),
  percentComplete: column.int("How much is done, 0 to 100.", {
    created: false,
    updated: "Corrected percentage. Less than 100 removes the actual finish.",
  }),
  actualStartAt: column.time("When work began.", {
    nullable: true,
    created: false,
    updated: "When work began. Null: it has not begun.",
  }),
  actualFinishAt: column.time("When work ended.", {
    nullable: true,
    created: false,
    updated: "When work ended. Sets the percentage to 100. Null: it has not ended.",
  }),
  assigneeId: column.id("User or vendor that the task is assigned to.", {
    shown: false,
    nullable: true,
    converted: true,
    updated: "User or vendor that the task is assigned to from now on. Null: nobody.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    status: column.of(() => ProjectTaskStatus, "How far it is, by `percentComplete` and `actualStartAt`."),
    assigneeUser: column.of(() => User, "User that the task is assigned to.", { nullable: true }),
  }),
  ...standardColumns.version("updateProjectTask"),
  ...standardColumns.times,
});

@ShowColumns(projectTaskColumns)
@ObjectType({
  description: "A task in the plan of a project. A task with subtasks is a summary task: its dates are those of its subtasks.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("projectTask.read"))
export class ProjectTask extends shapeOf(projectTaskColumns) {
  /** For resolvers. */
  row!: ProjectTaskRow;
}

export const CreateProjectTaskInput = createInputOf("CreateProjectTaskInput", projectTaskColumns);
export type CreateProjectTaskInput = InstanceType<typeof CreateProjectTaskInput>;

export const UpdateProjectTaskInput = updateInputOf("UpdateProjectTaskInput", projectTaskColumns);
export type UpdateProjectTaskInput = InstanceType<typeof UpdateProjectTaskInput>;

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
  return Object.assign(new ProjectTask(), projectTaskColumns.shown(row), {
    id,
    nodeKey: id,
    isMilestone: row.durationMinutes === 0,
    constraintKind: row.constraintKind as ConstraintKind,
    status: statusOf(row),
    assigneeUser: User.ofOrNull(row.assigneeUserId),
    row,
  });
}

export const ProjectTaskPayload = payloadOf(ProjectTask, "projectTask");
export type ProjectTaskPayload = InstanceType<typeof ProjectTaskPayload>;
