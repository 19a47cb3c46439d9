import { vendors as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { type Context, loadById } from "@weft/api/context";
import {
  filterInput,
  type FilterValue,
  idField,
  numberField,
  onlyStaff,
  onlyWith,
  searchField,
  textField,
  timeField,
  wordIn,
} from "@weft/api/filters";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, nestedRows, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, sql } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ReportProjectTaskProgressInput, ReportProjectTaskProgressPayload } from "./progress.input.js";
import { reportProgress } from "./progress.service.js";
import { countReports, listReportsOfTasks, type ReportRow } from "./progress.store.js";
import { type ProjectTaskReport, ProjectTaskReportConnection, toReport } from "./progress.type.js";
import { DeleteProjectTaskInput, DeleteProjectTaskPayload, MoveProjectTaskInput } from "./project-task.input.js";
import { loadProjectName, projectTaskLoader, projectTaskReferences } from "./project-task.loader.js";
import { createProjectTask, updateProjectTask } from "./project-task.service.js";
import { type ProjectTaskRow, visibleProjectTasks } from "./project-task.store.js";
import {
  ProjectTask,
  ProjectTaskConnection,
  toProjectTask,
  ProjectTaskPayload,
  CreateProjectTaskInput,
  UpdateProjectTaskInput,
} from "./project-task.type.js";
import { deleteProjectTask, moveProjectTask, restoreProjectTask } from "./task-tree.service.js";

const { projectTasks, projectTaskReports } = tables;

const ProjectTaskFilter = filterInput("ProjectTaskFilter", {
  search: searchField(wordIn(sql`concat_ws(' ', ${projectTasks.name}, ${projectTasks.description})`), "Searches name and description."),
  name: textField(projectTasks.name),
  project: onlyStaff(
    onlyWith("project.read", idField("project", projectTasks.projectId, "Project of the task. Only for users of the organization.")),
  ),
  parent: idField("projectTask", projectTasks.parentId, "Task that directly contains it."),
  assigneeUser: idField("user", projectTasks.assigneeUserId, "User that it is assigned to."),
  assigneeVendor: onlyWith("vendor.read", idField("vendor", projectTasks.assigneeVendorId, "Vendor that it is assigned to.")),
  percentComplete: numberField(projectTasks.percentComplete, "How much is done, 0 to 100."),
  deadlineAt: timeField(projectTasks.deadlineAt),
  createdAt: timeField(projectTasks.createdAt),
});

const ProjectTaskOrder = orderByInput<ProjectTaskRow, "NAME" | "CREATED_AT">("ProjectTaskOrder", {
  NAME: { column: projectTasks.name, valueOf: (row) => row.name },
  CREATED_AT: { column: projectTasks.createdAt, valueOf: (row) => row.createdAt },
});

const mayPlan = allOf(staff, can("projectTask.update"));

@Resolver(() => ProjectTask)
export class ProjectTaskResolver {
  @Query(() => ProjectTask, { nullable: true, description: "A task of a project. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("projectTask.read"))
  @VendorPortal()
  projectTask(@Arg("id", () => ID, { description: "ID of the task (`ptk_…`)." }) id: string, @Ctx() ctx: Context): Promise<ProjectTask> {
    return loadById(ctx, projectTaskLoader, "projectTask", id);
  }

  @Query(() => ProjectTaskConnection, {
    nullable: true,
    description: "Tasks of all projects that you can see, newest first by default. For the plan of a project, use `Project.tasks`.",
  })
  @Allow(can("projectTask.read"))
  @VendorPortal()
  projectTasks(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => ProjectTaskFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => ProjectTaskOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectTask>> {
    return tablePage(ctx, {
      list: "projectTasks",
      args,
      table: projectTasks,
      where: and(visibleProjectTasks(ctx.viewer, "projectTask.read"), ProjectTaskFilter.toSql(filter, "filter", ctx.viewer)),
      orderBy: ProjectTaskOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toProjectTask,
    });
  }

  @FieldResolver(() => Project, { nullable: true, description: "Project of the task. Null if you cannot see it." })
  @Allow(can("project.read"))
  project(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<Project | null> {
    return loadProject(ctx, row.projectId);
  }

  @FieldResolver(() => String, { description: "Name of the project of the task." })
  @Allow(inherit)
  projectName(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<string> {
    return loadProjectName(ctx, row.projectId);
  }

  @FieldResolver(() => ProjectTask, {
    nullable: true,
    description: "Task that contains it. Null if it is at the top level, or you cannot see that task.",
  })
  @Allow(can("projectTask.read"))
  async parent(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return row.parentId === null ? null : projectTaskLoader(ctx).load(row.parentId);
  }

  @FieldResolver(() => Vendor, { nullable: true, description: "Vendor that the task is assigned to. Null if you cannot see it." })
  @Allow(can("vendor.read"))
  async assigneeVendor(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<Vendor | null> {
    return row.assigneeVendorId === null ? null : loadVendor(ctx, row.assigneeVendorId);
  }

  @FieldResolver(() => ProjectTaskReportConnection, { description: "Progress reports, the newest first." })
  @Allow(inherit)
  reports(
    @Root() { row }: ProjectTask,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectTaskReport>> {
    return keysetPage<ReportRow, ProjectTaskReport>(ctx, {
      args,
      list: `projectTask.reports ${row.id}`,
      orderBy: null,
      id: { column: projectTaskReports.id, valueOf: (report) => report.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "projectTask.reports",
          args,
          parentId: row.id,
          slice,
          select: (tx, ids) => listReportsOfTasks(tx, ids, slice),
          parentOf: (report) => report.taskId,
        }),
      count: () => ctx.read((tx) => countReports(tx, row.id)),
      toNode: toReport,
    });
  }

  @Mutation(() => ProjectTaskPayload, {
    description:
      "Adds a task to the plan of a project. A project has at most 5,000 tasks, nested ten levels deep. Errors: BAD_USER_INPUT (unknown project, parent, calendar, or assignee; too many tasks), CONFLICT (idempotency key).",
  })
  @Allow(mayPlan)
  async createProjectTask(
    @Arg("input", () => CreateProjectTaskInput) input: CreateProjectTaskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTaskPayload> {
    return { projectTask: toProjectTask(await createProjectTask(ctx, input)) };
  }

  @Mutation(() => ProjectTaskPayload, {
    description:
      "Changes a project task. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (times that do not fit together, unknown calendar or assignee).",
  })
  @Allow(mayPlan)
  async updateProjectTask(
    @Arg("input", () => UpdateProjectTaskInput) input: UpdateProjectTaskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTaskPayload> {
    return { projectTask: toProjectTask(await updateProjectTask(ctx, input)) };
  }

  @Mutation(() => ProjectTaskPayload, {
    description:
      "Moves a task within its project, with its subtasks. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown parent, a parent inside the task, too many levels).",
  })
  @Allow(mayPlan)
  async moveProjectTask(
    @Arg("input", () => MoveProjectTaskInput) input: MoveProjectTaskInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTaskPayload> {
    return { projectTask: toProjectTask(await moveProjectTask(ctx, input)) };
  }

  @Mutation(() => DeleteProjectTaskPayload, {
    description:
      "Deletes a task. Its dependencies have no effect until it is restored. Errors: NOT_FOUND, CONFLICT (another version, or it has subtasks: with their number in `dependents`).",
  })
  @Allow(mayPlan)
  async deleteProjectTask(
    @Arg("input", () => DeleteProjectTaskInput) input: DeleteProjectTaskInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteProjectTaskPayload> {
    return { projectTaskIds: (await deleteProjectTask(ctx, input)).map((id) => encodeId("projectTask", id)) };
  }

  @Mutation(() => ProjectTaskPayload, {
    description:
      "Restores a deleted task at its place, with the subtasks that were deleted with it. Errors: NOT_FOUND (also if the task is not deleted), CONFLICT (another version), BAD_USER_INPUT (deleted parent, too many tasks).",
  })
  @Allow(mayPlan)
  async restoreProjectTask(
    @Arg("input", () => VersionedIdInput, { description: "The deleted project task." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectTaskPayload> {
    return { projectTask: toProjectTask(await restoreProjectTask(ctx, input)) };
  }

  @Mutation(() => ReportProjectTaskProgressPayload, {
    description:
      "Reports how far a task is, and the time worked. Users of a vendor report on the tasks that are assigned to the vendor. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(can("projectTask.report"))
  @VendorPortal()
  async reportProjectTaskProgress(
    @Arg("input", () => ReportProjectTaskProgressInput) input: ReportProjectTaskProgressInput,
    @Ctx() ctx: Context,
  ): Promise<ReportProjectTaskProgressPayload> {
    const { task, report } = await reportProgress(ctx, input);
    return { projectTask: toProjectTask(task), report: toReport(report) };
  }
}

export const projectTaskModule: SubgraphModule = {
  resolvers: { projects: [ProjectTaskResolver] },
  references: { ProjectTask: projectTaskReferences },
};
