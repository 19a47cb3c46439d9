import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { loadDependenciesOf } from "./dependency.loader.js";
import { addTaskDependency, removeTaskDependency, updateTaskDependency } from "./dependency.service.js";
import {
  TaskDependency,
  toDependency,
  TaskDependencyPayload,
  AddTaskDependencyInput,
  UpdateTaskDependencyInput,
} from "./dependency.type.js";
import { projectTaskLoader } from "./project-task.loader.js";
import { ProjectTask, toProjectTask, ProjectTaskPayload } from "./project-task.type.js";

const mayPlan = allOf(staff, can("projectTask.update"));

@Resolver(() => TaskDependency)
export class TaskDependencyResolver {
  @FieldResolver(() => ProjectTask, { nullable: true, description: "Task that the other one depends on. Null if you cannot see it." })
  @Allow(inherit)
  predecessor(@Root() { row }: TaskDependency, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(row.predecessorId);
  }

  @FieldResolver(() => ProjectTask, { nullable: true, description: "Task that depends on the other one. Null if you cannot see it." })
  @Allow(inherit)
  successor(@Root() { row }: TaskDependency, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(row.successorId);
  }

  @Mutation(() => TaskDependencyPayload, {
    description:
      "Makes a task depend on another task of its project. A dependency on a summary task is one on all its subtasks. Errors: BAD_USER_INPUT (unknown task, a task of another project, a task that would depend on itself, more than 200 dependencies of a task), CONFLICT (idempotency key).",
  })
  @Allow(mayPlan)
  async addTaskDependency(
    @Arg("input", () => AddTaskDependencyInput) input: AddTaskDependencyInput,
    @Ctx() ctx: Context,
  ): Promise<TaskDependencyPayload> {
    return { dependency: toDependency(await addTaskDependency(ctx, input)) };
  }

  @Mutation(() => TaskDependencyPayload, {
    description: "Changes the kind or the lag of a dependency. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(mayPlan)
  async updateTaskDependency(
    @Arg("input", () => UpdateTaskDependencyInput) input: UpdateTaskDependencyInput,
    @Ctx() ctx: Context,
  ): Promise<TaskDependencyPayload> {
    return { dependency: toDependency(await updateTaskDependency(ctx, input)) };
  }

  @Mutation(() => ProjectTaskPayload, { description: "Removes a dependency. Errors: NOT_FOUND, CONFLICT." })
  @Allow(mayPlan)
  async removeTaskDependency(
    @Arg("input", () => VersionedIdInput, { description: "The dependency." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTaskPayload> {
    return { projectTask: toProjectTask(await removeTaskDependency(ctx, input)) };
  }
}

/** Fields that dependencies add to tasks. */
@Resolver(() => ProjectTask)
export class ProjectTaskDependenciesResolver {
  @FieldResolver(() => [TaskDependency], {
    nullable: true,
    description: "Dependencies on other tasks. At most 200. Users of a vendor see those between tasks of their vendor.",
  })
  @Allow(can("projectTask.read"))
  predecessors(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<TaskDependency[]> {
    return loadDependenciesOf(ctx, "successorId", row.id);
  }

  @FieldResolver(() => [TaskDependency], {
    nullable: true,
    description: "Dependencies of other tasks on it. At most 200. Users of a vendor see those between tasks of their vendor.",
  })
  @Allow(can("projectTask.read"))
  successors(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<TaskDependency[]> {
    return loadDependenciesOf(ctx, "predecessorId", row.id);
  }
}

export const projectTaskDependenciesModule: SubgraphModule = {
  resolvers: { projects: [ProjectTaskDependenciesResolver, TaskDependencyResolver] },
};
