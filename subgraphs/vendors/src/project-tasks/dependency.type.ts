import { Allow, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { DependencyRow } from "./dependency.store.js";
import type { TaskDependencyKind as Kind } from "@weft/engine";

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

@ObjectType({ description: "A dependency of a project task on another task of the same project, its predecessor." })
@Allow(inherit)
export class TaskDependency {
  @Field(() => ID, { description: "ID (`tdp_…`)." })
  id!: string;

  @Field(() => TaskDependencyKind, { description: "Which dates depend on each other." })
  kind!: Kind;

  @Field(() => Int, { description: "Working minutes of the plan's calendar between the two dates. Negative: they overlap." })
  lagMinutes!: number;

  @Field(() => Int, {
    description: "Version number, incremented on every change. Pass it to `updateTaskDependency` as `expectedVersion`.",
  })
  version!: number;

  /** For resolvers. */
  row!: DependencyRow;
}

/** Converts a row to its API type. */
export const toDependency = (row: DependencyRow): TaskDependency =>
  Object.assign(new TaskDependency(), {
    id: encodeId("taskDependency", row.id),
    kind: row.kind,
    lagMinutes: row.lagMinutes,
    version: row.version,
    row,
  });

export const TaskDependencyPayload = payloadOf(TaskDependency, "dependency");
export type TaskDependencyPayload = InstanceType<typeof TaskDependencyPayload>;
