import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { DependencyRow } from "./dependency.store.js";

export const TaskDependencyKind = {
  FINISH_TO_START: "FINISH_TO_START",
  START_TO_START: "START_TO_START",
  FINISH_TO_FINISH: "FINISH_TO_FINISH",
  START_TO_FINISH: "START_TO_FINISH",
} as const;

registerEnumType(TaskDependencyKind, {
  name: "TaskDependencyKind",
  description: "Which date of a task depends on which date of its predecessor.",
  valuesConfig: {
    FINISH_TO_START: { description: "It starts when the predecessor has finished." },
    START_TO_START: { description: "It starts when the predecessor has started." },
    FINISH_TO_FINISH: { description: "It finishes when the predecessor has finished." },
    START_TO_FINISH: { description: "It finishes when the predecessor has started." },
  },
});

export const dependencyColumns = columns({
  ...standardColumns.id("ID (`tdp_…`).", "The dependency."),
  ...standardColumns.expectedVersion,
  predecessorId: column.id("Task that the other one depends on.", { shown: false, updated: false, converted: true }),
  successorId: column.id("Task of the same project that depends on it.", { shown: false, updated: false, converted: true }),
  kind: column.of(() => TaskDependencyKind, "Which dates depend on each other.", {
    initial: TaskDependencyKind.FINISH_TO_START,
    updated: "New kind.",
  }),
  lagMinutes: column.int("Working minutes between the two dates (-1,000,000 to 1,000,000). Negative: they overlap.", {
    initial: 0,
    shown: "Working minutes of the plan's calendar between the two dates. Negative: they overlap.",
  }),
  ...standardColumns.idempotencyKey,
  ...standardColumns.version("updateTaskDependency"),
});

@ShowColumns(dependencyColumns)
@ObjectType({ description: "A dependency of a project task on another task of the same project, its predecessor." })
@Allow(inherit)
export class TaskDependency extends shapeOf(dependencyColumns) {
  /** For resolvers. */
  row!: DependencyRow;
}

export const AddTaskDependencyInput = createInputOf("AddTaskDependencyInput", dependencyColumns);
export type AddTaskDependencyInput = InstanceType<typeof AddTaskDependencyInput>;

export const UpdateTaskDependencyInput = updateInputOf("UpdateTaskDependencyInput", dependencyColumns);
export type UpdateTaskDependencyInput = InstanceType<typeof UpdateTaskDependencyInput>;

/** Converts a row to its API type. */
export const toDependency = (row: DependencyRow): TaskDependency =>
  Object.assign(new TaskDependency(), dependencyColumns.shown(row), { id: encodeId("taskDependency", row.id), row });

export const TaskDependencyPayload = payloadOf(TaskDependency, "dependency");
export type TaskDependencyPayload = InstanceType<typeof TaskDependencyPayload>;
