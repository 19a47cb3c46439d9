import { decodeId } from "@weft/shared/ids";
import { type Context, loadById } from "@weft/api/context";
import { DeletePayload, KeyedVersionedIdInput, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { vendors as tables } from "@weft/drizzle";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadToday } from "../due-days/today.service.js";
import { projectTaskLoader } from "../project-tasks/project-task.loader.js";
import { ProjectTask } from "../project-tasks/project-task.type.js";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { MilestonePayload, MilestonesArgs } from "./milestone.input.js";
import { MilestoneOrder } from "./milestone.filter.js";
import { loadTaskIds, milestoneLoader, milestoneReferences } from "./milestone.loader.js";
import { submitMilestone } from "./milestone-review.service.js";
import * as service from "./milestone.service.js";
import { countMilestones, listMilestonesOfProjects, type MilestoneRow } from "./milestone.store.js";
import { Milestone, MilestoneConnection, toMilestone, CreateMilestoneInput, UpdateMilestoneInput } from "./milestone.type.js";

const mayChange = allOf(staff, can("project.update"));

@Resolver(() => Milestone)
export class MilestoneResolver {
  @Query(() => Milestone, { nullable: true, description: "A milestone of a project. Errors: NOT_FOUND." })
  @Allow(can("project.read"))
  @VendorPortal()
  milestone(@Arg("id", () => ID, { description: "The milestone." }) id: string, @Ctx() ctx: Context): Promise<Milestone> {
    return loadById(ctx, milestoneLoader, "milestone", id);
  }

  @Query(() => MilestoneConnection, {
    nullable: true,
    description: "Milestones of all projects that you can see, by due day. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("project.read"))
  @VendorPortal()
  milestones(@Args(() => MilestonesArgs) args: MilestonesArgs, @Ctx() ctx: Context): Promise<Page<Milestone>> {
    return service.listMilestones(ctx, args);
  }

  @FieldResolver(() => Project, { nullable: true, description: "Project of the milestone." })
  @Allow(can("project.read"))
  project(@Root() { row }: Milestone, @Ctx() ctx: Context): Promise<Project | null> {
    return loadProject(ctx, row.projectId);
  }

  @FieldResolver(() => [ProjectTask], {
    nullable: true,
    description: "Tasks that must be done before it can be submitted, without deleted ones and those that you cannot see.",
  })
  @Allow(can("projectTask.read"))
  async tasks(@Root() { row }: Milestone, @Ctx() ctx: Context): Promise<ProjectTask[]> {
    const loader = projectTaskLoader(ctx);
    const tasks = await Promise.all((await loadTaskIds(ctx, row.id)).map((id) => loader.load(id)));
    return tasks.filter((task) => task !== null);
  }

  @FieldResolver(() => Boolean, { description: "Whether it is not reached and its due day is over, in the time zone of the organization." })
  @Allow(can("project.read"))
  async isOverdue(@Root() { row }: Milestone, @Ctx() ctx: Context): Promise<boolean> {
    return row.status !== "REACHED" && row.dueOn < (await loadToday(ctx));
  }

  @Mutation(() => MilestonePayload, { description: "Adds a milestone to a project. Errors: BAD_USER_INPUT, CONFLICT (idempotency key)." })
  @Allow(mayChange)
  async createMilestone(
    @Arg("input", () => CreateMilestoneInput, { description: "The milestone." }) input: CreateMilestoneInput,
    @Ctx() ctx: Context,
  ): Promise<MilestonePayload> {
    return { milestone: await service.createMilestone(ctx, input) };
  }

  @Mutation(() => MilestonePayload, {
    description:
      "Changes a milestone that is planned. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, in review, or reached).",
  })
  @Allow(mayChange)
  async updateMilestone(
    @Arg("input", () => UpdateMilestoneInput, { description: "The changes." }) input: UpdateMilestoneInput,
    @Ctx() ctx: Context,
  ): Promise<MilestonePayload> {
    return { milestone: await service.updateMilestone(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a milestone. `restoreMilestone` restores it. Errors: NOT_FOUND, CONFLICT (another version, or in review).",
  })
  @Allow(mayChange)
  async deleteMilestone(
    @Arg("input", () => VersionedIdInput, { description: "The milestone." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.deleteMilestone(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => MilestonePayload, {
    description:
      "Restores a deleted milestone. Errors: NOT_FOUND (also if it is not deleted), CONFLICT, BAD_USER_INPUT (too many milestones).",
  })
  @Allow(mayChange)
  async restoreMilestone(
    @Arg("input", () => VersionedIdInput, { description: "The milestone." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<MilestonePayload> {
    return { milestone: await service.restoreMilestone(ctx, input) };
  }

  @Mutation(() => MilestonePayload, {
    description:
      "Starts the review of a milestone with the published definition `milestone-approval`. When the review ends, the milestone is reached, or planned again. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, in review, or reached; tasks that must be done first are not).",
  })
  @Allow(mayChange)
  async submitMilestone(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The milestone." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<MilestonePayload> {
    return { milestone: await submitMilestone(ctx, input) };
  }
}

@Resolver(() => Project)
export class ProjectMilestonesResolver {
  @FieldResolver(() => MilestoneConnection, {
    nullable: true,
    description: "Milestones by due day. Users of a vendor see those that need tasks of their vendor.",
  })
  @Allow(inherit)
  milestones(@Root() { id }: Project, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Milestone>> {
    const projectId = decodeId("project", id);
    return keysetPage<MilestoneRow, Milestone>(ctx, {
      args,
      list: `project.milestones ${projectId}`,
      orderBy: MilestoneOrder.resolve(null, ["DUE_ON", "ASC"]),
      id: { column: tables.milestones.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "project.milestones",
          args,
          parentId: projectId,
          slice,
          select: (tx, ids) => listMilestonesOfProjects(tx, ids, slice),
          parentOf: (row) => row.projectId,
        }),
      count: () => ctx.read((tx) => countMilestones(tx, projectId)),
      toNode: toMilestone,
    });
  }
}

export const milestoneModule: SubgraphModule = {
  resolvers: { projects: [MilestoneResolver, ProjectMilestonesResolver] },
  references: { Milestone: milestoneReferences },
};
