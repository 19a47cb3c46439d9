import { Allow, can, canInTenant, decodeId, NotFound } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { CreateProjectInput, CreateProjectPayload, ProjectsArgs } from "./project.input.js";
import { loadProject } from "./project.loader.js";
import { createProject, listProjects } from "./project.service.js";
import { Project, ProjectConnection, toProject } from "./project.type.js";

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Project, { nullable: true, description: "A project. Errors: NOT_FOUND." })
  @Allow(can("project.read"))
  async project(@Arg("id", () => ID, { description: "The project." }) id: string, @Ctx() ctx: Context): Promise<Project> {
    const project = await loadProject(ctx, decodeId("project", id));
    if (!project) throw new NotFound("Project", id);
    return project;
  }

  @Query(() => ProjectConnection, { nullable: true, description: "Projects of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("project.read"))
  projects(@Args(() => ProjectsArgs) args: ProjectsArgs, @Ctx() ctx: Context): Promise<Page<Project>> {
    return listProjects(ctx, args);
  }

  @Mutation(() => CreateProjectPayload, {
    description:
      "Creates a project and starts its workflow with the published definition `project`. Errors: BAD_USER_INPUT, CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("project.create"))
  async createProject(
    @Arg("input", () => CreateProjectInput, { description: "The project." }) input: CreateProjectInput,
    @Ctx() ctx: Context,
  ): Promise<CreateProjectPayload> {
    return { project: toProject(await createProject(ctx, input)) };
  }
}
